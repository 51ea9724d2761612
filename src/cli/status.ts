import { loadConfig } from '../config/load.ts'
import { ExitStatus } from '../core/errors.ts'
import { configOption, countOption, textOption } from './command.ts'
import type { Command } from './command.ts'
import { configPath } from './config-path.ts'
import { styleOf, widthOf } from './io.ts'
import { askState } from './status-answer.ts'
import { statusLines } from './status-tables.ts'

export const status: Command = {
  name: 'status',
  usage: '[-c FILE] [--files N] [--json]',
  summary: 'The running agent as a table: sources, sinks, buffer, and the files with the most to read.',
  details: [
    'The agent is asked over data_dir/control.sock, so as the user that runs it; admin need not be on. Exit status 1 if none runs, or if it says that it is unhealthy.',
    'With --json it is what /status answers, with /health as "health".',
  ],
  options: {
    ...configOption,
    files: { value: 'N', summary: 'Show so many files; default 10, 0 for none.' },
    json: { summary: 'As JSON, for scripts.' },
  },
  takesArguments: false,
  examples: [
    ['logferry status', 'is it well, and how far is it behind?'],
    ["logferry status --json | jq '.ledger'", 'where every event of each source is'],
  ],
  async run(call, io) {
    const mostFiles = countOption(call, 'files', 'status') ?? 10
    const { config, secrets } = await loadConfig(configPath(textOption(call, 'config'), io.env), io.env)
    const state = await askState(config.data_dir)
    if (call.options['json'] === true) io.stdout.write(`${JSON.stringify(state.raw, undefined, 2)}\n`)
    else {
      const style = styleOf(io.stdout, io.env)
      const lines = statusLines(state, { width: widthOf(io.stdout), style, mostFiles: () => mostFiles })
      io.stdout.write(`${secrets.redact(lines.join('\n'))}\n`)
    }
    return state.health.status === 'unhealthy' ? ExitStatus.failed : ExitStatus.done
  },
}
