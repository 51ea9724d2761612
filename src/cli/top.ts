import { loadConfig } from '../config/load.ts'
import { ExitStatus } from '../core/errors.ts'
import { configOption, textOption } from './command.ts'
import type { Command } from './command.ts'
import { configPath } from './config-path.ts'
import { runTop } from './run-top.ts'

export const top: Command = {
  name: 'top',
  usage: '[-c FILE] [--once]',
  summary: 'The running agent, live: what `status` shows, with rates, each second.',
  details: [
    'q or Ctrl-C ends it. It asks the agent over data_dir/control.sock, as `status` does, and goes on when the agent is restarted.',
    'With --once, or where the output is no terminal, it looks twice, a second apart, and prints one table.',
  ],
  options: { ...configOption, once: { summary: 'One table with rates, then exit.' } },
  takesArguments: false,
  examples: [
    ['logferry top', 'does it keep up?'],
    ['watch -n 10 logferry top --once', 'the same, less often'],
  ],
  async run(call, io) {
    const { config, secrets } = await loadConfig(configPath(textOption(call, 'config'), io.env), io.env)
    const isOnce = call.options['once'] === true || io.stdout.isTTY !== true
    await runTop({ dataDir: config.data_dir, io, isOnce, redact: (text) => secrets.redact(text) })
    return ExitStatus.done
  },
}
