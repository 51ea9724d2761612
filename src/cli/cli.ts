import { nearest } from '../core/nearest.ts'
import { AgentError, ExitStatus } from '../core/errors.ts'
import type { Command } from './command.ts'
import { buffer } from './buffer/buffer.ts'
import { dlq } from './dlq/dlq.ts'
import { commandHelp, overview } from './help.ts'
import { explain } from './explain.ts'
import type { Io } from './io.ts'
import { parseCall } from './parse-arguments.ts'
import { printError } from './print-error.ts'
import { run } from './run-command.ts'
import { status } from './status.ts'
import { tap } from './tap.ts'
import { test } from './test.ts'
import { top } from './top.ts'
import { unbuiltCommands } from './unbuilt.ts'
import { validate } from './validate.ts'
import { version } from './version.ts'

export type { Io } from './io.ts'

export const commands: readonly Command[] = [run, validate, test, explain, status, top, tap, buffer, dlq]

/** The whole command line: the words after the program's name in, the exit status out. Never rejects. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  // Whoever reads may go away (`logferry test - | head`): without a listener that ends in a stack trace.
  io.stdout.on?.('error', () => {})
  io.stderr.on?.('error', () => {})
  try {
    return await dispatch(argv, io)
  } catch (error) {
    return printError(error, io)
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...words] = argv
  const print = (text: string): number => {
    io.stdout.write(text)
    return ExitStatus.done
  }
  const asked = askedFor(argv)
  if (asked === 'version') return print(`logferry ${version}\n`)
  if (name === undefined) {
    io.stderr.write(overview(commands, version))
    return ExitStatus.usage
  }
  const topic = name === 'help' ? words[0] : name
  if (topic === undefined || topic.startsWith('-')) {
    if (asked === 'help' || topic === undefined) return print(overview(commands, version))
    throw AgentError.of('unknown_option', {
      option: topic,
      nearest: ', a command comes first',
      command: 'COMMAND',
    })
  }
  const command = commandOf(topic, { isHelp: asked === 'help' || name === 'help' })
  if (typeof command === 'string') return print(command)
  if (asked === 'help' || name === 'help') {
    const member = command.members?.find((one) => argv.includes(one.name.split(' ')[1]!))
    return print(commandHelp(member ?? command))
  }
  return command.run(parseCall(command, words), io)
}

/** `-h` and `--version` hold everywhere but behind `--`, where lines for `test` may look like anything. */
function askedFor(argv: readonly string[]): 'help' | 'version' | undefined {
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  if (words.includes('--version')) return 'version'
  return words.includes('-h') || words.includes('--help') ? 'help' : undefined
}

/** The command, or the help text of one that is not built yet. */
function commandOf(name: string, { isHelp }: { isHelp: boolean }): Command | string {
  const command = commands.find((one) => one.name === name)
  if (command) return command
  const unbuilt = unbuiltCommands.find((one) => one.name === name)
  if (unbuilt && isHelp) return `logferry ${name}: ${unbuilt.summary}\nnot built yet\n`
  if (unbuilt) throw AgentError.of('command_not_built', { command: name })
  const meant = nearest(
    name,
    [...commands, ...unbuiltCommands].map((one) => one.name),
  )
  throw AgentError.of('unknown_command', {
    command: name,
    nearest: meant ? `, did you mean "${meant}"?` : '',
  })
}
