import type { GenerationId, PendingRange } from '../core/chunk.ts'
import { EventFlag } from '../core/event.ts'
import { limits } from '../core/limits.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import { wholeCharacters } from './utf8.ts'

/** Empty fragments must not pile up either. */
const mostParts = 10_000

/** A line, or a part of one, taken out of its wrapper. */
export interface Fragment {
  readonly content: Buffer
  /** Of the wrapper, else '' and undefined. */
  readonly stream: string
  readonly time: ParsedTime | undefined
  /** The generation in which `[from, to)` lies: this one, or one before it at the same path. */
  readonly generation: GenerationId
  readonly from: number
  readonly to: number
  readonly flags: number
  /** All stretches that have to be read to get it again; undefined where `[from, to)` is all. */
  readonly ranges?: readonly PendingRange[]
  /** Becomes `parse_error`. */
  readonly problem?: string | undefined
}

interface Group {
  readonly stream: string
  readonly time: ParsedTime | undefined
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
  readonly #generation: GenerationId
  readonly #maxLineBytes: number
  readonly #groups = new Map<string, Group>()

  constructor(generation: GenerationId, maxLineBytes: number) {
    this.#generation = generation
    this.#maxLineBytes = maxLineBytes
  }

  /** Keeps a fragment that goes on in a later one. The content is copied. */
  hold(fragment: Fragment, nowMs: number): void {
    const group = this.#groups.get(fragment.stream) ?? this.#open(fragment, nowMs)
    if (!group.isFull) {
      this.#append(group, fragment.content)
      addRange(group.ranges, fragment)
    }
    this.#span(group, fragment)
  }

  /** The whole line that a last fragment ends: the fragment itself where nothing was held. */
  finish(fragment: Fragment): Fragment {
    const group = this.#groups.get(fragment.stream)
    if (!group) return fragment
    this.#append(group, fragment.content)
    // Also where the line was full before: read again, it needs its end.
    addRange(group.ranges, fragment)
    this.#span(group, fragment)
    this.#groups.delete(fragment.stream)
    return this.#joined(group)
  }

  /** What has waited too long (or all of it), as lines that are flagged partial. */
  take(nowMs: number, everything: boolean): Fragment[] {
    const due = [...this.#groups.values()].filter((group) => everything || group.deadline <= nowMs)
    for (const group of due) {
      this.#groups.delete(group.stream)
      group.flags |= EventFlag.partial
    }
    return due.map((group) => this.#joined(group))
  }

  pending(): PendingRange[] {
    return [...this.#groups.values()].flatMap((group) => group.ranges)
  }

  /** In which something waits. */
  get streams(): Iterable<string> {
    return this.#groups.keys()
  }

  deadline(): number {
    let deadline = Infinity
    for (const group of this.#groups.values()) deadline = Math.min(deadline, group.deadline)
    return deadline
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

  #span(group: Group, fragment: Fragment): void {
    group.flags |= fragment.flags
    if (fragment.generation !== this.#generation) return
    group.from ??= fragment.from
    group.to = fragment.to
  }

  #joined({ stream, time, flags, ...group }: Group): Fragment {
    const content = Buffer.concat(group.parts, group.bytes)
    const isCut = (flags & EventFlag.truncated) !== 0
    const { ranges } = group
    const place =
      group.from === undefined ? ranges[0]! : { generation: this.#generation, from: group.from, to: group.to }
    return {
      content: isCut ? content.subarray(0, wholeCharacters(content, content.length)) : content,
      stream,
      time,
      generation: place.generation,
      from: place.from,
      to: place.to,
      flags,
      ranges,
    }
  }
}

/** Neighbours of one stream are one range. */
export function addRange(ranges: PendingRange[], { generation, from, to, stream }: PendingRange): void {
  const last = ranges.at(-1)
  if (last?.generation === generation && last.to === from) ranges[ranges.length - 1] = { ...last, to }
  else ranges.push({ generation, from, to, stream })
}
