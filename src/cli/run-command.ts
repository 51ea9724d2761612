import { parseDuration } from '../components/fields.ts'
import { AgentError } from '../core/errors.ts'
import { configOption, textOption } from './command.ts'
import type { Call, Command } from './command.ts'
import { configPath } from './config-path.ts'

export const run: Command = {
  name: 'run',
  usage: '[-c FILE] [--once [--timeout T]]',
  summary: 'Runs the agent until a signal ends it.',
  details: [
    'SIGTERM and SIGINT (Ctrl-C) stop reading, settle what is under way within shutdown_timeout and exit 0; what is not sent yet stays in the buffer and goes out at the next start. A second signal exits at once, and still nothing is lost. SIGHUP reloads the config, as an edit of the file does; SIGUSR2 sends now what waits for its batch to fill.',
    'With --once it ships all that the sources hold now, last lines without newline too, waits until every sink has settled it, and exits 0; exit status 1 says that something was dead-lettered or lost (the ledger is printed) or that time ran out (the rest stays in the buffer).',
  ],
  options: {
    ...configOption,
    once: { summary: 'Ship what is there now, then exit.' },
    timeout: { value: 'T', summary: 'With --once: give up after this long, such as 30s or 5m.' },
  },
  takesArguments: false,
  examples: [
    ['logferry run', 'as a service; the state is at http://127.0.0.1:9465/'],
    ['logferry run -c web.json --once --timeout 5m', 'in a job or a test'],
  ],
  async run(call, io) {
    const timeoutMs = timeoutOf(call)
    const config = configPath(textOption(call, 'config'), io.env)
    // Loaded late: `--help` and `validate` need none of what the agent needs.
    const { runCommand } = await import('./run.ts')
    const once = call.options['once'] === true
    return runCommand({ config, once, ...(timeoutMs !== undefined && { timeoutMs }) }, io)
  },
}

function timeoutOf(call: Call): number | undefined {
  const text = textOption(call, 'timeout')
  if (text === undefined) return undefined
  if (call.options['once'] !== true) throw bad('goes together with --once only')
  const timeoutMs = parseDuration(text)
  if (timeoutMs === undefined || timeoutMs === 0)
    throw bad(`expected a duration such as "30s" or "5m", found ${JSON.stringify(text)}`)
  return timeoutMs
}

const bad = (reason: string): AgentError =>
  AgentError.of('bad_option_value', { option: '--timeout', reason, command: 'run' })
