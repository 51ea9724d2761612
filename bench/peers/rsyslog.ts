import { join } from 'node:path'
import type { Command } from '../processes/measured-process.ts'
import type { Job, Pipeline } from '../pipelines/pipeline.ts'
import { writeRsyslogConfig } from './rsyslog-config.ts'
import { findRsyslog } from './rsyslog-program.ts'
import { shipAsDaemon } from './ship-as-daemon.ts'

/** Debian's rsyslog, as a server's administrator would set it up for the same work. */
export const rsyslog: Pipeline = {
  name: 'rsyslog',

  cannot(scenario) {
    const program = findRsyslog()
    if (typeof program === 'string') return program
    if (scenario.sinks.includes('loki')) return "Debian's package has no omhttp, which Loki would need"
    if (scenario.sinks.includes('elasticsearch-gzip')) return 'omelasticsearch does not compress'
    return scenario.backlog === undefined ? undefined : 'not set up for it here'
  },

  eventsOf: (input, format) => (format.rsyslog.splitsEntries === true ? input.lines : input.events),

  ship: (job) => shipAsDaemon(job, rsyslogCommand(job)),
  daemon: rsyslogCommand,
}

function rsyslogCommand(job: Job): Command {
  const found = findRsyslog()
  if (typeof found === 'string') throw new Error(found)
  const config = writeRsyslogConfig(job, ['imfile', 'omelasticsearch'])
  const args = ['-n', '-f', config, '-i', join(job.folder, 'rsyslog.pid'), '-M', found.modules]
  return { program: found.program, args, env: found.env, folder: job.folder }
}
