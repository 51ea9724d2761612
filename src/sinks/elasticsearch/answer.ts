import type { Outcome } from '../../core/outcome.ts'
import type { BatchItem } from '../sink.ts'
import { itemOutcome } from './item-outcome.ts'
import type { AnsweredItem, ItemRules } from './item-outcome.ts'

const noErrors = Buffer.from('{"errors":false,')
const itemsKey = Buffer.from('"items":[')
const noErrorsAfterTook = Buffer.from('"errors":false,')

/**
 * Outcomes of all items of a bulk answer with a 2xx status, in the order of the request; undefined where the answer is
 * not what was asked for: not JSON, or not exactly one item for each event. Then nothing of it may be believed.
 */
export function readAnswer(
  answer: Buffer,
  items: readonly Pick<BatchItem, 'unanswered'>[],
  rules: ItemRules,
): readonly Outcome[] | undefined {
  const answered = parseItems(answer)
  if (answered?.length !== items.length) return undefined
  return items.map((item, index) => {
    const one = answered[index]
    // Something else than an item in its place: this event's fate is unknown, that of the others is not.
    if (!one) return { kind: 'retry', reason: 'bad_answer', text: 'an item of the answer cannot be read' }
    return itemOutcome(one, rules, item.unanswered)
  })
}

/**
 * `"errors":false` in front, `count` times a status of 2xx, and nothing else to say. Scanned as bytes: to parse 5,000
 * items costs more than to send them (performance.md 10, CPU seconds per GB of input: parsed 2.2, scanned 1.0).
 */
export function isAllWell(answer: Buffer, count: number): boolean {
  const start = answer.subarray(0, 64)
  if (!startsWith(start, noErrors) && start.indexOf(noErrorsAfterTook) < 0) return false
  if (!endsWithItems(answer)) return false
  const repeated = itemThatRepeats(answer, count)
  if (repeated > 0) return successesIn(answer, repeated) === 1
  return successesIn(answer, answer.length - 3) === count
}

/**
 * Where the first item ends, if all `count` of them are the same text, as they are where nothing went wrong: then one
 * of them is enough to look at (0.8 CPU s/GB for looking for keys in all of them).
 */
function itemThatRepeats(answer: Buffer, count: number): number {
  const from = answer.subarray(0, 128).indexOf(itemsKey) + itemsKey.length
  const end = answer.indexOf('}}', from) + 2
  const length = end - from + 1
  const last = from + count * length - 1
  if (from < itemsKey.length || end < from || last + 2 !== trimmedLength(answer)) return -1
  // Against itself, one item later: one native comparison.
  return answer.compare(answer, from, last - length, from + length, last) === 0 ? end : -1
}

/** How often a status of 2xx stands in the first `end` bytes; -1 where there is another one, or an error. */
function successesIn(answer: Buffer, end: number): number {
  let statuses = 0
  for (let at = 9; at < end; at++) {
    // `us":`, then what stands before it: quotes inside of strings are escaped, so this is a key.
    if (answer[at] !== 0x3a || answer[at - 1] !== 0x22) continue
    if (endsKey(answer, at, 'status')) {
      const isSuccess = answer[at + 1] === 0x32 && isDigit(answer[at + 2]!) && isDigit(answer[at + 3]!)
      if (!isSuccess || isDigit(answer[at + 4] ?? 0)) return -1
      statuses++
    } else if (endsKey(answer, at, 'failure_store') || endsKey(answer, at, 'error')) {
      return -1
    }
  }
  return statuses
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0
}

/** True if the bytes before the colon at `colon` are `"KEY"`. */
function endsKey(answer: Buffer, colon: number, key: string): boolean {
  const start = colon - 2 - key.length
  if (start < 0 || answer[start] !== 0x22) return false
  for (let index = 0; index < key.length; index++) {
    if (answer[start + 1 + index] !== key.charCodeAt(index)) return false
  }
  return true
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** True if the answer ends with its list of items, so that nothing of it was cut off. */
function endsWithItems(answer: Buffer): boolean {
  const length = trimmedLength(answer)
  return answer[length - 1] === 0x7d && answer[length - 2] === 0x5d
}

/** Without space at its end. */
function trimmedLength(answer: Buffer): number {
  let length = answer.length
  while (length > 0 && answer[length - 1]! <= 0x20) length--
  return length
}

function parseItems(answer: Buffer): (AnsweredItem | undefined)[] | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(answer.toString('utf8'))
  } catch {
    return undefined
  }
  const items = member(parsed, 'items')
  return Array.isArray(items) ? items.map(parseItem) : undefined
}

function parseItem(entry: unknown): AnsweredItem | undefined {
  // `{"create":{"status":201}}`: whatever the operation is called, it stands alone.
  const [result, ...more] = typeof entry === 'object' && entry !== null ? Object.values(entry) : []
  const status = member(result, 'status')
  if (more.length > 0 || typeof status !== 'number' || !Number.isInteger(status)) return undefined
  const error = member(result, 'error')
  return {
    status,
    type: text(member(error, 'type')),
    reason: typeof error === 'string' ? error : reasonOf(error),
    failureStore: text(member(result, 'failure_store')),
  }
}

/** The reason and those of its causes: the outer one often says only "failed to parse". */
function reasonOf(error: unknown): string {
  const reasons: string[] = []
  for (let cause = error; cause !== undefined && reasons.length < 4; cause = member(cause, 'caused_by')) {
    const type = reasons.length > 0 ? `${text(member(cause, 'type'))}: ` : ''
    reasons.push(type + text(member(cause, 'reason')))
  }
  return reasons.join('; ')
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
