import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/load.ts'
import { checkName } from './check-name.ts'
import { configOption, textOption } from './command.ts'
import type { Call } from './command.ts'
import { configPath } from './config-path.ts'
import type { Io } from './io.ts'
import { readLines } from './test-input.ts'
import type { TestInput } from './test-input.ts'

/** Of the commands that are asked about lines. */
export const lineOptions = {
  ...configOption,
  source: { value: 'NAME', summary: 'The source that the lines belong to; default the first one.' },
  sink: { value: 'NAME', summary: 'Show this sink only.' },
  path: {
    value: 'FILE',
    summary: 'The file that the lines seem to stand in; default after the first include.',
  },
} as const

export interface AskedLines extends Pick<LoadedConfig, 'config'> {
  readonly source: string
  /** The option --sink. */
  readonly onlySink: string | undefined
  readonly lines: TestInput
  readonly path: string | undefined
  readonly redact: (text: string) => string
}

/** Which lines of which source, out of `lineOptions` and the arguments. Throws for names that the config does not have. */
export async function askedLines(call: Call, io: Io): Promise<AskedLines> {
  const file = configPath(textOption(call, 'config'), io.env)
  const { config, secrets } = await loadConfig(file, io.env)
  const source = textOption(call, 'source') ?? Object.keys(config.sources)[0]!
  checkName({ kind: 'source', name: source, path: file }, Object.keys(config.sources))
  const onlySink = textOption(call, 'sink')
  if (onlySink !== undefined)
    checkName({ kind: 'sink', name: onlySink, path: file }, Object.keys(config.sinks))
  const lines = await readLines(call.arguments, io)
  const redact = (text: string): string => secrets.redact(text)
  return { config, source, onlySink, lines, path: textOption(call, 'path'), redact }
}
