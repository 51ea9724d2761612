import type { Finding } from '../finding.ts'
import type { Check, SinkContact, Subject } from '../subject.ts'

/** A check that looks at each sink of these types by itself, all of them at once: a server may take its time. */
export function checkOfSinks(
  name: string,
  types: readonly string[],
  lookAt: (sink: SinkContact, subject: Subject) => Promise<readonly Finding[]>,
): Check {
  return {
    name,
    async run(subject) {
      const asked = subject.sinks.filter(({ config }) => types.includes(config.type))
      return (await Promise.all(asked.map((sink) => lookAt(sink, subject)))).flat()
    },
  }
}
