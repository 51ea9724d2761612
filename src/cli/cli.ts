import { nearest } from '../core/nearest.ts'
import { AgentError, ExitStatus } from '../core/errors.ts'
import type { Command } from './command.ts'
import { commandHelp, overview } from './help.ts'
import type { Io } from './io.ts'
import { parseCall } from './parse-arguments.ts'
import { printError } from './print-error.ts'
import { unbuiltCommands } from './unbuilt.ts'
import { version } from './version.ts'

export type { Io } from './io.ts'

/**
 * THE list. Each is loaded when it is asked for: with all of them a start read 60 files more, and on a host that allows 160
 * descriptors it ended, as Node opens all files of a program at once (FD-LIMIT).
 */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run-command.ts')).run,
  validate: async () => (await import('./validate.ts')).validate,
  test: async () => (await import('./test.ts')).test,
  explain: async () => (await import('./explain.ts')).explain,
  status: async () => (await import('./status.ts')).status,
  top: async () => (await import('./top.ts')).top,
  tap: async () => (await import('./tap.ts')).tap,
  replay: async () => (await import('./replay.ts')).replay,
  buffer: async () => (await import('./buffer/buffer.ts')).buffer,
  dlq: async () => (await import('./dlq/dlq.ts')).dlq,
  init: async () => (await import('./init/init.ts')).init,
  doctor: async () => (await import('./doctor/doctor.ts')).doctor,
  completion: async () => (await import('./completion/completion.ts')).completionOf(loadCommands),
}

/** All of them, for the overview. */
export async function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()))
}

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
    io.stderr.write(overview(await loadCommands(), version))
    return ExitStatus.usage
  }
  const topic = name === 'help' ? words[0] : name
  if (topic === undefined || topic.startsWith('-')) {
    if (asked === 'help' || topic === undefined) return print(overview(await loadCommands(), version))
    throw AgentError.of('unknown_option', {
      option: topic,
      nearest: ', a command comes first',
      command: 'COMMAND',
    })
  }
  const command = await commandOf(topic, { isHelp: asked === 'help' || name === 'help' })
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
async function commandOf(name: string, { isHelp }: { isHelp: boolean }): Promise<Command | string> {
  if (Object.hasOwn(loaders, name)) return loaders[name]!()
  const unbuilt = unbuiltCommands.find((one) => one.name === name)
  if (unbuilt && isHelp) return `logferry ${name}: ${unbuilt.summary}\nnot built yet\n`
  if (unbuilt) throw AgentError.of('command_not_built', { command: name })
  const meant = nearest(name, [...Object.keys(loaders), ...unbuiltCommands.map((one) => one.name)])
  throw AgentError.of('unknown_command', {
    command: name,
    nearest: meant ? `, did you mean "${meant}"?` : '',
  })
}
