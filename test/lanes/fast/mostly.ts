import { constantFrom, oneof, tuple } from 'fast-check'
import type { Arbitrary } from 'fast-check'

/**
 * One of the usual values nearly always: a line with one odd place in it tells lanes apart, one that has nothing else takes the
 * general lane in both.
 */
export const mostly = (usual: readonly string[], odd: Arbitrary<string>): Arbitrary<string> =>
  oneof({ weight: 14, arbitrary: constantFrom(...usual) }, { weight: 1, arbitrary: odd })

export const bytesOf = (value: string): Buffer => Buffer.from(value)

/** With or without a CR at the end. */
export const withReturn = (line: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  tuple(line, constantFrom('', '', '', '\r')).map(([bytes, end]) => Buffer.concat([bytes, bytesOf(end)]))
