import { constantFrom, integer, oneof, tuple } from 'fast-check'
import type { Arbitrary } from 'fast-check'

/**
 * One of the usual values nearly always: a line with one odd place in it tells lanes apart, one that has nothing else takes the
 * general lane in both.
 */
export const mostly = (usual: readonly string[], odd: Arbitrary<string>): Arbitrary<string> =>
  oneof({ weight: 14, arbitrary: constantFrom(...usual) }, { weight: 1, arbitrary: odd })

export const bytesOf = (value: string): Buffer => Buffer.from(value)

/** With or without a CR at the end. */
const withReturn = (line: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  tuple(line, constantFrom('', '', '', '\r')).map(([bytes, end]) => Buffer.concat([bytes, bytesOf(end)]))

/** One byte of it is another one. */
const mutated = (line: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  tuple(line, integer({ min: 0, max: 1000 }), integer({ min: 11, max: 255 })).map(([bytes, place, byte]) => {
    const copy = Buffer.from(bytes)
    if (copy.length > 0) copy[place % copy.length] = byte
    return copy
  })

/** Some of the lines with one byte changed, some with a CR. */
export const alsoMutated = (line: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  withReturn(oneof({ weight: 8, arbitrary: line }, { weight: 1, arbitrary: mutated(line) }))
