import type { PendingRange } from '../core/chunk.ts'
import { EventFlag } from '../core/event.ts'
import { limits } from '../core/limits.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { wholeCharacters } from './utf8.ts'

/** Empty fragments must not pile up either. */
const mostParts = 10_000

/** A line, or a part of one, taken out of its wrapper. */
export interface Fragment {
  readonly content: Buffer
  readonly stream: string
  readonly time: ParsedTime
  readonly from: number
  readonly to: number
  readonly flags: number
}

interface Group {
  readonly stream: string
  readonly time: ParsedTime
  readonly deadline: number
  readonly parts: Buffer[]
  readonly ranges: PendingRange[]
  bytes: number
  /** No more is kept: the line reached its bound, the rest is only waited for. */
  isFull: boolean
  flags: number
  /** Of the first part in this generation; undefined while all of them lie in the one before. */
  from: number | undefined
  to: number
}

/** Joins the fragments of each stream. What waits is listed as pending ranges, to be read again after a restart. */
export class FragmentJoiner {
  readonly #generation: string
  readonly #maxLineBytes: number
  readonly #groups = new Map<string, Group>()

  constructor(generation: string, maxLineBytes: number) {
    this.#generation = generation
    this.#maxLineBytes = maxLineBytes
  }

  /** Keeps a fragment that goes on in a later one. The content is copied. */
  hold(fragment: Fragment, nowMs: number, generation = this.#generation): void {
    const group = this.#groups.get(fragment.stream) ?? this.#open(fragment, nowMs)
    if (!group.isFull) {
      this.#append(group, fragment.content)
      addRange(group.ranges, { generation, from: fragment.from, to: fragment.to, stream: fragment.stream })
    }
    this.#span(group, fragment, generation)
  }

  /** The whole line that a last fragment ends: the fragment itself where nothing was held. */
  finish(fragment: Fragment): Fragment {
    const group = this.#groups.get(fragment.stream)
    if (!group) return fragment
    this.#append(group, fragment.content)
    this.#span(group, fragment, this.#generation)
    this.#groups.delete(fragment.stream)
    return joined(group)
  }

  /** What has waited too long (or all of it), as lines that are flagged partial. */
  take(nowMs: number, everything: boolean): Fragment[] {
    const due = [...this.#groups.values()].filter((group) => everything || group.deadline <= nowMs)
    for (const group of due) {
      this.#groups.delete(group.stream)
      group.flags |= EventFlag.partial
    }
    return due.map(joined)
  }

  pending(): PendingRange[] {
    return [...this.#groups.values()].flatMap((group) => group.ranges)
  }

  deadline(): number | undefined {
    const deadlines = [...this.#groups.values()].map((group) => group.deadline)
    return deadlines.length === 0 ? undefined : Math.min(...deadlines)
  }

  #open(fragment: Fragment, nowMs: number): Group {
    const group: Group = {
      stream: fragment.stream,
      time: fragment.time,
      deadline: nowMs + limits.fragmentWaitMs,
      parts: [],
      ranges: [],
      bytes: 0,
      isFull: false,
      flags: 0,
      from: undefined,
      to: 0,
    }
    this.#groups.set(fragment.stream, group)
    return group
  }

  #append(group: Group, content: Buffer): void {
    if (group.isFull) return
    const room = this.#maxLineBytes - group.bytes
    const kept = Buffer.from(content.subarray(0, room))
    group.parts.push(kept)
    group.bytes += kept.length
    if (content.length <= room && group.parts.length < mostParts) return
    group.isFull = true
    group.flags |= EventFlag.truncated
  }

  #span(group: Group, fragment: Fragment, generation: string): void {
    group.flags |= fragment.flags
    if (generation !== this.#generation) return
    group.from ??= fragment.from
    group.to = fragment.to
  }
}

/**
 * A line whose parts all lie in the generation before this one has no stretch of its own. No line is empty, so `[0, 0)`
 * and `[1, 1)` are ids that nothing else has.
 */
function joined(group: Group): Fragment {
  const { stream, time, flags } = group
  const content = Buffer.concat(group.parts, group.bytes)
  const isCut = (flags & EventFlag.truncated) !== 0
  const from = group.from ?? (stream === 'stdout' ? 0 : 1)
  return {
    content: isCut ? content.subarray(0, wholeCharacters(content, content.length)) : content,
    stream,
    time,
    from,
    to: group.from === undefined ? from : group.to,
    flags,
  }
}

/** Neighbours of one stream are one range. */
function addRange(ranges: PendingRange[], range: PendingRange): void {
  const last = ranges.at(-1)
  if (last?.generation === range.generation && last.to === range.from)
    ranges[ranges.length - 1] = { ...last, to: range.to }
  else ranges.push(range)
}
