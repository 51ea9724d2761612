import type { ParseConfig } from '../../src/parsers/schema.ts'
import { membersOf, readingTime } from '../lanes/lane-under-test.ts'

/** What a parser makes of a line, in the document: without host and place, and without the time where it is that of reading. */
export function parsedLine(line: string, parse: ParseConfig): Record<string, unknown> {
  const members = membersOf(line, { parse })
  if (members['@timestamp'] === readingTime) delete members['@timestamp']
  delete members['host.name']
  return members
}
