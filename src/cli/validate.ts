import { planOfSource } from '../config/lanes.ts'
import type { Plan } from '../config/lanes.ts'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { SinkConfig } from '../config/schema.ts'
import type { SourceConfig } from '../config/source-schema.ts'
import { withoutUserInfo } from '../config/secrets.ts'
import { AgentError, ExitStatus } from '../core/errors.ts'
import { escapeControls } from '../core/terminal-text.ts'
import { configOption, textOption } from './command.ts'
import type { Command } from './command.ts'
import { configPath } from './config-path.ts'
import { styleOf } from './io.ts'
import type { Io } from './io.ts'
import { probeSink } from './reach-sink.ts'

export const validate: Command = {
  name: 'validate',
  usage: '[-c FILE] [--probe]',
  summary: 'Checks the config without starting anything.',
  details: [
    'All errors are shown at once, each with line, column, what was expected and the nearest known key; exit status 78. A good config is summed up: sources and the lane each takes, sinks and where they send.',
    'With --probe each sink is contacted too, with its credentials and TLS settings; no event is sent. Exit status 1 if one of them fails.',
  ],
  options: { ...configOption, probe: { summary: 'Contact each sink.' } },
  takesArguments: false,
  examples: [
    ['logferry validate', 'before a restart; a reload does the same by itself'],
    [
      'logferry validate -c /etc/logferry/agent.config.json --probe',
      'do addresses, certificates and credentials work?',
    ],
  ],
  async run(call, io) {
    const path = configPath(textOption(call, 'config'), io.env)
    const loaded = await loadConfig(path, io.env)
    const style = styleOf(io.stderr, io.env)
    for (const warning of loaded.warnings) io.stderr.write(`${style.yellow(escapeControls(warning))}\n`)
    io.stdout.write(summaryOf(loaded))
    return call.options['probe'] === true ? probeSinks(loaded, io) : ExitStatus.done
  },
}

function summaryOf({ path, config, secrets }: LoadedConfig): string {
  const { sources, sinks } = config
  const lines = [
    `${path} is valid`,
    ...Object.entries(sources).map(
      ([name, source]) =>
        `  source ${name}: ${describeSource(source, planOfSource(config, name), Object.keys(sinks))}`,
    ),
    ...Object.entries(sinks).map(([name, sink]) => `  sink ${name}: ${describeSink(sink)}`),
  ]
  return lines.map((line) => `${escapeControls(secrets.redact(line))}\n`).join('')
}

function describeSource(source: SourceConfig, plan: Plan, sinkNames: readonly string[]): string {
  const { include, parse, type, steps } = source
  const parts = [
    Array.isArray(include) ? `${type} ${include.join(' ')}` : type,
    `parse ${typeof parse === 'string' ? parse : JSON.stringify(parse)}`,
    ...(steps.length > 0 ? [`steps ${steps.flatMap((step) => Object.keys(step)).join(', ')}`] : []),
    plan.lane === 'fast' ? 'fast lane' : `general lane (for ${plan.because})`,
    `to ${(source.sinks ?? sinkNames).join(', ')}`,
  ]
  return parts.join('; ')
}

function describeSink({ type, nodes, url, path, index, data_stream, labels }: SinkConfig): string {
  const target = Array.isArray(nodes) ? nodes.join(' ') : (url ?? path)
  const parts = [
    typeof target === 'string' ? `${type} ${withoutUserInfo(target)}` : type,
    typeof index === 'string' ? `index ${index}` : '',
    data_stream ? `data stream ${JSON.stringify(data_stream)}` : '',
    labels ? `labels ${JSON.stringify(labels)}` : '',
  ]
  return parts.filter(Boolean).join('; ')
}

async function probeSinks(loaded: LoadedConfig, io: Io): Promise<number> {
  const { sinks } = loaded.config
  const style = styleOf(io.stdout, io.env)
  const results = await Promise.all(
    Object.entries(sinks).map(async ([name, config]) => ({ name, ...(await probeSink(name, config)) })),
  )
  for (const { name, isReached, text } of results) {
    const shown = escapeControls(loaded.secrets.redact(text))
    io.stdout.write(`  probe ${name}: ${isReached ? style.green('ok') : style.red('FAILED')}: ${shown}\n`)
  }
  const failed = results.filter(({ isReached }) => !isReached).length
  if (failed > 0) throw AgentError.of('probe_failed', { failed, all: results.length })
  return ExitStatus.done
}
