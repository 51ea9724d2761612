import assert from 'node:assert/strict'
import { Buffer, isUtf8 } from 'node:buffer'
import { Kernel, slackBytes } from '../../../src/kernel/kernel.ts'
import { answerMatch, answerNotMine, unmatched } from '../../../src/kernel/span-layout.ts'
import { enableRegexGuard, translate } from '../../../src/parsers/regex-guard.ts'
import { unrollRepeats } from '../../../src/parsers/regex-unroll.ts'
import type { SpanProgram } from '../../../src/parsers/span-program/compile-span-program.ts'

const kernel = new Kernel()
const longestLine = 70_000
const programAt = kernel.reserve(64 * 1024)
const slotsBytes = 2048
const slotsAt = kernel.reserve(slotsBytes)
const lineAt = kernel.reserve(longestLine)

/** From and to of each group, the whole match first, in bytes; `undefined` for a group without a part in it. */
type Spans = readonly ([number, number] | undefined)[]

/**
 * Runs a program over a line: the spans of so many groups, the whole match among them, `null` for no match, or `not mine`.
 * Whatever stands around the line, the answer must be the same, and what stands around the slots must stay.
 */
export function runProgram(
  program: SpanProgram,
  line: Uint8Array,
  groups: number,
): Spans | null | 'not mine' {
  assert.ok(line.length < longestLine)
  kernel.bytes.set(program.bytes, programAt)
  const [spans, again] = ['a8"é 1', '\u2028- '].map((surroundings) => {
    kernel.bytes.fill(surroundings, lineAt - 8, lineAt + line.length + slackBytes)
    kernel.bytes.set(line, lineAt)
    kernel.bytes.fill(0xaa, slotsAt, slotsAt + slotsBytes)
    const answer = kernel.functions.runSpanProgram(programAt, lineAt, lineAt + line.length, slotsAt)
    const untouched = kernel.bytes.subarray(slotsAt + program.slots * 4 + slackBytes, slotsAt + slotsBytes)
    assert.ok(untouched.every((byte) => byte === 0xaa))
    return answer === answerNotMine ? 'not mine' : answer === answerMatch ? readSpans(line, groups) : null
  })
  assert.deepEqual(again, spans)
  return spans ?? null
}

function readSpans(line: Uint8Array, groups: number): Spans {
  return Array.from({ length: groups }, (_, group) => {
    const from = kernel.bytes.readUInt32LE(slotsAt + group * 8)
    const to = kernel.bytes.readUInt32LE(slotsAt + group * 8 + 4)
    if (from === unmatched && to === unmatched) return undefined
    assert.ok(from <= to && to <= line.length, `spans lie in the line: ${from} to ${to}`)
    return [from, to]
  })
}

const groupsOf = (regex: RegExp): number => new RegExp(`${regex.source}|`, regex.flags).exec('')!.length

/** Rounds of rounds can take RegExp longer than anybody waits: only so many repeated groups may be without a guard. */
export const isTame = (pattern: string): boolean => (pattern.match(/\)[*+?{]/g) ?? []).length <= 1

/** A pattern's RegExp: one that tells places, which V8 has no guard for, or a guarded one. */
export function regexOf(pattern: string): RegExp {
  enableRegexGuard()
  const { source, flags } = translate(pattern)
  return isTame(source) ? new RegExp(source, `${flags}d`) : new RegExp(unrollRepeats(source), flags)
}

/**
 * Asserts that the program says of the line what the RegExp says of its text, down to the places of the captures, or
 * that it is not its own. Returns which.
 */
export function assertSame(
  program: SpanProgram,
  regex: RegExp,
  line: Uint8Array,
): 'match' | 'no match' | 'not mine' {
  const spans = runProgram(program, line, groupsOf(regex))
  if (spans === 'not mine') return spans
  const bytes = Buffer.from(line)
  const text = bytes.toString('utf8')
  const match = regex.exec(text)
  const where = `${regex} on ${JSON.stringify(text)}`
  if (!spans || !match) {
    assert.equal(spans, match, where)
    return 'no match'
  }
  const texts = Array.from(match, (_, group) => {
    const span = spans[group]
    return span && bytes.toString('utf8', ...span)
  })
  assert.deepEqual(texts, Array.from(match), where)
  if (match.indices && isUtf8(line)) {
    const places = match.indices.map((place) => place?.map((unit) => Buffer.byteLength(text.slice(0, unit))))
    assert.deepEqual(spans, places, where)
  }
  return 'match'
}
