import { ok, named } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check } from '../subject.ts'

/** What syslog daemons write of what a service prints, by their defaults. */
const ofSyslog = /^\/var\/log\/(?:syslog|messages|daemon\.log|user\.log|debug)$/

/** Events that would go round: what the service prints reaches the journal, from there syslog's files, and us again. */
export const loopsCheck: Check = {
  name: 'loops',
  async run({ loaded: { config }, service, survey }) {
    const printers = Object.entries(config.sinks).flatMap(([name, { type }]) =>
      type === 'console' ? [name] : [],
    )
    const files = (await survey()).files.filter(({ path }) => ofSyslog.test(path))
    const output = service?.value('StandardOutput') ?? 'journal'
    if (printers.length === 0 || files.length === 0) return [ok('no sink writes what a source reads')]
    const isService = service !== undefined && /journal|syslog|kmsg/.test(output)
    const finding: Finding = {
      severity: isService ? 'problem' : 'warning',
      seen: `sinks.${printers[0]} prints events, and ${named(files.map(({ path }) => path))} ${isService ? 'gets what the service prints' : 'would get them from a service'}`,
      why: 'Where a syslog daemon writes the journal into these files, each event that is printed is read as a new one, and printed again.',
      mend: `Take sinks.${printers[0]} out of the config of a service, or ship those files to other sinks only ("sources.${files[0]!.source}.sinks").`,
    }
    return [finding]
  },
}
