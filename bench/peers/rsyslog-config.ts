import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { patternOf } from '../inputs/input.ts'
import type { Job, Target } from '../pipelines/pipeline.ts'

/** The least that holds some batches: it keeps whole messages in memory, about 5 KB each. */
const queueEvents = 20_000

/** By default a queue that is full for two seconds drops what comes: seen on a busy machine, 1 to 3 events of 89,000. */
const enqueueMs = 600_000

/** As many and as large requests as the agent's: `batch.max_events`, `batch.max_bytes`. */
const batchEvents = 5000
const batchBytes = 5 * 1024 ** 2

/** The document: the time in front, the host, and all that was found, with the file's path and offset among it. */
const documentTemplate = `template(name="document" type="list") {
  constant(value="{\\"@timestamp\\":\\"")
  property(name="$!time" format="json")
  constant(value="\\",\\"host.name\\":\\"")
  property(name="$myhostname")
  constant(value="\\",\\"log.level\\":\\"")
  property(name="$!level" format="json")
  constant(value="\\",")
  property(name="$!all-json" position.from="2")
}`

/**
 * imfile → mmjsonparse, mmnormalize or re_extract → omelasticsearch in bulk mode, each sink behind a queue that goes to the
 * disk when it is full, and tries for ever. Written into the job's folder; returns the path.
 */
export function writeRsyslogConfig(
  { format, input, targets, folder }: Job,
  modules: readonly string[],
): string {
  const rulebase = join(folder, 'format.rulebase')
  writeFileSync(rulebase, format.rsyslog.rulebase ?? '')
  const text = [
    `global(workDirectory="${folder}" maxMessageSize="256k" processInternalMessages="on" abortOnUncleanConfig="on")`,
    `main_queue(queue.timeoutEnqueue="${enqueueMs}")`,
    ...[...modules, ...format.rsyslog.modules].map((module) => `module(load="${module}")`),
    // Its own messages go where what the process says goes, to be shown when something fails.
    `syslog.* action(type="omfile" file="${join(folder, 'said.txt')}")`,
    documentTemplate,
    `input(type="imfile" file="${patternOf(input)}" tag="bench" ruleset="ship" addMetadata="on" freshStartTail="off")`,
    'ruleset(name="ship") {',
    format.rsyslog.statements.replaceAll('RULEBASE', rulebase),
    ...targets.map((target, index) => outputTo(target, join(folder, `refused-${index}.log`), `out${index}`)),
    '}',
    '',
  ].join('\n')
  const path = join(folder, 'rsyslog.conf')
  writeFileSync(path, text)
  return path
}

function outputTo({ url }: Target, errorFile: string, queueName: string): string {
  const { hostname, port } = new URL(url)
  const settings = {
    type: 'omelasticsearch',
    server: hostname,
    serverport: port,
    bulkmode: 'on',
    maxbytes: String(batchBytes),
    writeoperation: 'create',
    searchIndex: 'bench',
    'esversion.major': '8',
    template: 'document',
    errorfile: errorFile,
    'queue.type': 'LinkedList',
    'queue.filename': queueName,
    'queue.size': String(queueEvents),
    'queue.timeoutEnqueue': String(enqueueMs),
    'queue.maxDiskSpace': '64g',
    'queue.saveOnShutdown': 'on',
    'queue.dequeueBatchSize': String(batchEvents),
    'action.resumeRetryCount': '-1',
  }
  const text = Object.entries(settings).map(([key, value]) => `${key}="${value}"`)
  return `action(${text.join(' ')})`
}
