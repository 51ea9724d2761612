import { autoParser } from './auto.ts'
import { criParser } from './cri.ts'
import { dockerParser } from './docker.ts'
import { jsonParser } from './json.ts'
import { noneParser } from './none.ts'
import type { ParserDefinition } from './parser.ts'
import { regexParser } from './regex.ts'

/** Every parser, one line each. */
export const parserDefinitions = [
  autoParser,
  noneParser,
  jsonParser,
  criParser,
  dockerParser,
  regexParser,
] as const

/** In the contract, but not built yet. */
export const laterParsers: readonly string[] = [
  'logfmt',
  'nginx',
  'apache',
  'python',
  'syslog',
  'klog',
  'level_message',
]

export function parserDefinition(type: string): ParserDefinition | undefined {
  return parserDefinitions.find((definition) => definition.type === type)
}
