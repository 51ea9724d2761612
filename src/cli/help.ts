import type { Command } from './command.ts'
import { unbuiltCommands } from './unbuilt.ts'
import { wrap as wrapTo } from './wrap.ts'

const widest = 100

/** `logferry --help`. */
export function overview(commands: readonly Command[], version: string): string {
  return [
    `logferry ${version}: ships log files to Elasticsearch and Loki through a disk buffer, and loses nothing on the way.`,
    '',
    'Usage: logferry COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...table(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Not built yet:',
    ...table(unbuiltCommands.map(({ name, summary }) => [name, summary])),
    '',
    'Everywhere:',
    ...table([
      ['-h, --help', 'Help, also for one command: logferry test --help.'],
      ['--version', 'The version.'],
    ]),
    '',
    'A first run:',
    ...table([
      ['logferry init', 'a config for this host'],
      ['logferry validate', 'is the config right?'],
      ['logferry validate --probe', 'do the sinks answer?'],
      ['logferry doctor', 'what on this host will bite?'],
      ["logferry test 'a line of your log'", 'what would they get?'],
      ['logferry run', 'ship; Ctrl-C stops, nothing is lost'],
    ]),
    '',
    'Exit status: 0 done, 1 failed at run time, 2 wrong usage, 78 invalid config.',
    '',
  ].join('\n')
}

/** `logferry COMMAND --help`. */
export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(
    ([name, { short, value, summary }]): [string, string] => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
      summary,
    ],
  )
  return [
    `Usage: logferry ${command.name} ${command.usage}`.trimEnd(),
    '',
    ...wrap(command.summary, ''),
    ...command.details.flatMap((paragraph) => ['', ...wrap(paragraph, '')]),
    '',
    'Options:',
    ...table([...options, ['-h, --help', 'This help.']]),
    '',
    'Examples:',
    ...command.examples.flatMap(([line, effect]) => [`  ${line}`, ...wrap(effect, '      ')]),
    '',
  ].join('\n')
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, '', widest - width - 2)
    return [`  ${left.padEnd(width)}${first}`, ...more.map((line) => ' '.repeat(width + 2) + line)]
  })
}

const wrap = (text: string, indent: string, width = widest - indent.length): string[] =>
  wrapTo(text, indent, width)
