import { apacheParser } from './apache.ts'
import { autoParser } from './auto.ts'
import { criParser } from './cri.ts'
import { dockerParser } from './docker.ts'
import { jsonParser } from './json.ts'
import { klogParser } from './klog.ts'
import { levelMessageParser } from './level-message.ts'
import { logfmtParser } from './logfmt.ts'
import { nginxParser } from './nginx.ts'
import { noneParser } from './none.ts'
import type { ParserDefinition } from './parser.ts'
import { pythonParser } from './python.ts'
import { regexParser } from './regex.ts'
import { syslogParser } from './syslog.ts'

/** Every parser, one line each. */
export const parserDefinitions = [
  autoParser,
  noneParser,
  jsonParser,
  criParser,
  dockerParser,
  regexParser,
  logfmtParser,
  nginxParser,
  apacheParser,
  pythonParser,
  syslogParser,
  klogParser,
  levelMessageParser,
] as const

export function parserDefinition(type: string): ParserDefinition | undefined {
  return parserDefinitions.find((definition) => definition.type === type)
}
