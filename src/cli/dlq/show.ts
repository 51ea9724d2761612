import { join } from 'node:path'
import type { Secrets } from '../../core/secrets.ts'
import { ExitStatus } from '../../core/errors.ts'
import { escapeControls, escapeControlsInJson } from '../../core/terminal-text.ts'
import type { DeadLetter } from '../../delivery/letters/dead-letter.ts'
import { readLetter } from '../../delivery/letters/read-letters.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { configOption, countOption, textOption } from '../command.ts'
import type { Command } from '../command.ts'
import { styleOf } from '../io.ts'
import type { Io } from '../io.ts'
import { lookInto } from '../look-into.ts'
import { detailText } from '../preview-lines.ts'
import { wrap } from '../wrap.ts'
import { adviceFor } from './advice.ts'
import { fieldNamed } from './field-named.ts'
import { newestLetters } from './newest-letters.ts'

const usualLimit = 10

/** A line of a text of several stands below the one before; this many spaces make it no row of its own. */
const newLine = `\n${' '.repeat(12)}`

export const dlqShow: Command = {
  name: 'dlq show',
  usage: '[-c FILE] [--sink NAME] [--source NAME] [--reason WORD] [--limit N] [--json]',
  summary: 'Dead letters one by one, the newest first: the text of the server, and the event as it was sent.',
  details: [
    'It reads the files below data_dir/dead_letters, beside the running agent or without one, as the user that runs it. Control characters are shown as escapes on a terminal.',
    'With --json each is a line of JSON, with the members that docs/delivery.md names.',
  ],
  options: {
    ...configOption,
    sink: { value: 'NAME', summary: 'Only what this sink refused; it need not be in the config any more.' },
    source: { value: 'NAME', summary: 'Only events of this source.' },
    reason: { value: 'WORD', summary: 'Only of this reason, a word of the first table of `dlq ls`.' },
    limit: { value: 'N', summary: `So many at most; default ${usualLimit}.` },
    json: { summary: 'As lines of JSON, for scripts.' },
  },
  takesArguments: false,
  examples: [
    ['logferry dlq show --reason mapping --limit 1', 'what does such an event look like?'],
    [
      "logferry dlq show --sink es --limit 100000 --json | jq -r '.event.body' > refused.ndjson",
      'the documents that were refused, to put right by hand',
    ],
  ],
  async run(call, io) {
    const most = countOption(call, 'limit', 'dlq show') ?? usualLimit
    const [sink, source, reason] = ['sink', 'source', 'reason'].map((name) => textOption(call, name))
    const isJson = call.options['json'] === true
    return lookInto(call, io, async ({ config, secrets }) => {
      const directory = join(config.data_dir, 'dead_letters')
      let shown = 0
      const wanted = { sink, source, reason, most }
      for await (const found of newestLetters(nodeFileSystem, directory, wanted)) {
        const letter = await readLetter(nodeFileSystem, found)
        if (!letter) continue
        if (!isJson && shown > 0) io.stdout.write('\n')
        io.stdout.write(`${isJson ? asJson(letter, io, secrets) : forPeople(letter, io, secrets)}\n`)
        shown += 1
        if (io.stdout.writable === false) break
      }
      if (shown === 0 && most > 0 && !isJson)
        io.stdout.write('No such dead letters; `logferry dlq ls` lists what there is.\n')
      return ExitStatus.done
    })
  },
}

function asJson(letter: DeadLetter, { stdout }: Io, secrets: Secrets): string {
  const text = secrets.redact(JSON.stringify(letter))
  return stdout.isTTY === true ? escapeControlsInJson(text) : text
}

function forPeople(letter: DeadLetter, io: Io, secrets: Secrets): string {
  const { sink, source, reason, time, status, type, text, attempts, origin, event } = letter
  const style = styleOf(io.stdout, io.env)
  const shown = (value: string): string => {
    const redacted = secrets.redact(value)
    return io.stdout.isTTY === true ? redacted.split(newLine).map(escapeControls).join(newLine) : redacted
  }
  const said = type === '' || text.startsWith(type) ? text : `${type}: ${text}`
  const row = (name: string, value: string): string => `  ${style.dim(name.padEnd(10))}${shown(value)}`
  const [firstLine, ...moreLines] = wrap(adviceFor({ ...letter, field: fieldNamed(text) }), '', 88)
  return [
    style.bold(shown(`${sink} ${reason}, source ${source}, ${time}`)),
    row('server', status === 0 ? said : `${status} ${said}`),
    row('do', firstLine!),
    ...moreLines.map((line) => row('', line)),
    row('from', `${origin.path === '' ? 'the source' : origin.path}, bytes ${origin.from} to ${origin.to}`),
    row('sent', `${attempts} ${attempts === 1 ? 'time' : 'times'} as ${event.target}`),
    row('event', event.body.trimEnd().replaceAll('\n', newLine)),
    ...Object.entries(event.details ?? {}).map(([key, value]) => row(key, detailText(value))),
  ].join('\n')
}
