import type { GenerationId, PendingRange } from '../core/chunk.ts'
import { EventFlag } from '../core/event.ts'
import { JsonLine } from '../parsers/json-line.ts'
import { timedOut, unrelated } from '../parsers/multiline/join-rule.ts'
import type { JoinRule } from '../parsers/multiline/join-rule.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { addRange } from './fragments.ts'
import type { Fragment } from './fragments.ts'
import type { HeldBytes } from './held-bytes.ts'
import { repaired } from './utf8.ts'

export interface JoinBounds {
  readonly maxWaitMs: number
  readonly maxLines: number
  readonly maxBytes: number
}

/** The lines of an event that may go on. */
interface Group {
  readonly stream: string
  readonly time: ParsedTime | undefined
  readonly ranges: PendingRange[]
  /** Lines, blank ones in between as empty parts. */
  readonly parts: Buffer[]
  /** So many parts are copies of ours, the others lie in the block at hand. */
  copied: number
  /** Their price in the memory for waiting lines. */
  held: number
  /** Of the parts with their newlines, and of the file with wrappers and blank lines. */
  bytes: number
  rawBytes: number
  lines: number
  /** Blank lines behind the last part: they count once a line follows. */
  blanks: number
  /** Of the rule. */
  state: number
  deadline: number
  flags: number
  problem: string | undefined
  /** Of the first line in this generation; undefined while all of them lie in the one before. */
  from: number | undefined
  to: number
}

const openBrace = 0x7b
const cutOff = EventFlag.partial | EventFlag.truncated

interface Options {
  readonly generation: GenerationId
  readonly rule: JoinRule
  readonly bounds: JoinBounds
  readonly held: HeldBytes
  /** Takes an event's whole text. Its content may lie in the block at hand. */
  readonly emit: (event: Fragment) => void
}

/**
 * Joins the lines of each stream into events. What waits is listed as pending ranges, to be read again after a restart;
 * the same lines then make the same group, as a rule's state depends on the lines of the group alone.
 */
export class MultilineJoiner {
  readonly #options: Options
  readonly #groups = new Map<string, Group>()
  readonly #json = new JsonLine()
  /** What a resume reads at most for one group: lines of NULs or spaces, and wrappers, are not in its text. */
  readonly #mostRawBytes: number

  constructor(options: Options) {
    this.#options = options
    const { maxBytes, maxLines } = options.bounds
    this.#mostRawBytes = 2 * maxBytes + 128 * maxLines + 65_536
  }

  /** The next line of its stream. Until `settle` its content may lie in the block at hand. */
  take(line: Fragment, nowMs: number): void {
    const { rule } = this.#options
    const text = line.content.toString('utf8')
    const isJson = this.#isJson(line)
    let group = this.#groups.get(line.stream)
    const state = group && (!isJson || rule.joinsJson) ? rule.continues(text, group.state) : unrelated
    const goesOn = state >= 0
    if (!group || !goesOn || !this.#hasRoom(group, line)) {
      if (group) this.#close(group, goesOn ? EventFlag.truncated : 0)
      group = this.#open(line, rule.begins(text))
    } else group.state = state
    if (state === timedOut) group.problem = 'multiline_timeout'
    this.#append(group, line)
    group.deadline = nowMs + this.#options.bounds.maxWaitMs
    // JSON is whole. A line that was cut, or whose end has not come, is the end of what can be joined in order.
    if ((isJson && group.lines === 1) || (line.flags & cutOff) !== 0) this.#close(group, 0)
  }

  /** A blank line: part of an event only if a line of it follows. */
  blank(line: Fragment): void {
    const group = this.#groups.get(line.stream)
    if (!group) return
    group.blanks++
    group.rawBytes += rawBytesOf(line)
    addRanges(group, line)
    const { maxLines } = this.#options.bounds
    if (group.lines + group.blanks > maxLines || group.rawBytes > this.#mostRawBytes) this.#close(group, 0)
  }

  /** A part of the stream's next line has come: the event before it need not be given up yet. */
  touch(stream: string, nowMs: number): void {
    const group = this.#groups.get(stream)
    if (group) group.deadline = nowMs + this.#options.bounds.maxWaitMs
  }

  /** The block at hand is about to be overwritten: copies what waits, as far as there is memory for it. */
  settle(): void {
    const { held } = this.#options
    for (const group of this.#groups.values()) {
      const { copied, parts } = group
      if (copied === parts.length) continue
      let bytes = 0
      for (let at = copied; at < parts.length; at++) bytes += parts[at]!.length
      const price = held.reserve(parts.length - copied, bytes)
      if (price === 0) {
        this.#close(group, EventFlag.truncated)
        continue
      }
      for (let at = copied; at < parts.length; at++) parts[at] = copyOf(parts[at]!)
      group.copied = parts.length
      group.held += price
    }
  }

  /** Ends what has waited long enough, or everything. */
  flush(nowMs: number, everything: boolean): void {
    for (const group of this.#groups.values())
      if (everything || group.deadline <= nowMs) this.#close(group, 0)
  }

  release(): void {
    for (const group of this.#groups.values()) this.#options.held.release(group.held)
    this.#groups.clear()
  }

  pending(): PendingRange[] {
    return [...this.#groups.values()].flatMap((group) => group.ranges)
  }

  deadline(): number {
    let deadline = Infinity
    for (const group of this.#groups.values()) deadline = Math.min(deadline, group.deadline)
    return deadline
  }

  /** Also what begins like JSON and was cut: nobody can say what it would have been. */
  #isJson({ content, flags }: Fragment): boolean {
    if (content[0] !== openBrace) return false
    if ((flags & EventFlag.truncated) !== 0) return true
    const bytes = repaired(content)
    return this.#json.scan(bytes, 0, bytes.length)
  }

  #hasRoom(group: Group, line: Fragment): boolean {
    const { maxBytes, maxLines } = this.#options.bounds
    return (
      group.parts.length + group.blanks < maxLines &&
      group.bytes + group.blanks + line.content.length <= maxBytes &&
      group.rawBytes + rawBytesOf(line) <= this.#mostRawBytes
    )
  }

  #open({ stream, time }: Fragment, state: number): Group {
    const group: Group = {
      stream,
      time,
      ranges: [],
      parts: [],
      copied: 0,
      held: 0,
      bytes: 0,
      rawBytes: 0,
      lines: 0,
      blanks: 0,
      state,
      deadline: 0,
      flags: 0,
      problem: undefined,
      from: undefined,
      to: 0,
    }
    this.#groups.set(stream, group)
    return group
  }

  #append(group: Group, line: Fragment): void {
    for (; group.blanks > 0; group.blanks--) {
      group.parts.push(empty)
      group.bytes++
    }
    group.parts.push(line.content)
    group.lines++
    group.bytes += line.content.length + 1
    group.rawBytes += rawBytesOf(line)
    group.flags |= line.flags
    addRanges(group, line)
    if (line.generation !== this.#options.generation) return
    group.from ??= line.from
    group.to = line.to
  }

  #close(group: Group, flags: number): void {
    const { emit, generation, held } = this.#options
    this.#groups.delete(group.stream)
    held.release(group.held)
    const place = group.from === undefined ? group.ranges[0]! : { generation, from: group.from, to: group.to }
    emit({
      content: group.parts.length === 1 ? group.parts[0]! : withNewlines(group.parts),
      stream: group.stream,
      time: group.time,
      generation: place.generation,
      from: place.from,
      to: place.to,
      flags: group.flags | flags | (group.lines > 1 ? EventFlag.multiline : 0),
      problem: group.problem,
    })
  }
}

const empty = Buffer.alloc(0)

function addRanges(group: Group, line: Fragment): void {
  if (!line.ranges) return addRange(group.ranges, line)
  for (const range of line.ranges) addRange(group.ranges, range)
}

/** What has to be read to get the line again. */
function rawBytesOf({ from, to, ranges }: Fragment): number {
  return ranges ? ranges.reduce((sum, range) => sum + range.to - range.from, 0) : to - from
}

/** Not out of Node's pool, of which a line of ten bytes would keep eight kilobytes. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

function withNewlines(parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, { length }) => sum + length + 1, -1))
  let at = 0
  for (const part of parts) {
    // The first part is never empty: a blank line begins no event.
    if (at > 0) bytes[at++] = 0x0a
    at += part.copy(bytes, at)
  }
  return bytes
}
