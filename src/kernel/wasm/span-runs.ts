import { fieldBeyond, fieldLeast, fieldMost, fieldNext, fieldSet, unbounded } from '../span-layout'
import {
  behindOne,
  endOfRun,
  hasBeyondAscii,
  isBeyondAscii,
  lastThatMayFollow,
  mayFollow,
  othersAt,
  undecided,
} from './span-sets'
import { isSpent, lineEnd, lineStart, pushChoice, saveRun } from './span-state'

/**
 * Runs of one set: each function returns where it ends, 0 if it fails, or `undecided`.
 *
 * RegExp counts UTF-16 units, the line is UTF-8, and may be broken. Where a run ends by itself that is no matter: it ends
 * beside ASCII, or at a character that was recognised whole. So a counted run that meets more than ASCII, and a choice
 * that would stand between two bytes beyond ASCII, are left to RegExp.
 */

/** `opRun`: as many as there are; none or one at least. Most end in ASCII, within one step. */
export function takeRun(program: usize, instruction: usize, at: usize): usize {
  const set = program + load<u32>(instruction + fieldSet)
  const stops = othersAt(set, at)
  let end = at + ctz(stops)
  if (!stops || end >= lineEnd || isBeyondAscii(load<u8>(end))) {
    end = endOfRun(set, at, lineEnd, lineEnd)
    if (end == undecided || isSpent(<i32>((end - at) >> 4))) return undecided
  }
  if (end - at < load<u32>(instruction + fieldLeast)) return 0
  saveRun(instruction, at, end)
  return end
}

/** `opCountedRun` */
export function takeCountedRun(program: usize, instruction: usize, at: usize): usize {
  const end = endOfLongest(program, instruction, at)
  if (end > undecided) saveRun(instruction, at, end)
  return end
}

/** `opGreedyRun`: the longest first that something of what may follow stands behind. */
export function takeGreedyRun(program: usize, instruction: usize, at: usize): usize {
  const end = endOfLongest(program, instruction, at)
  if (end <= undecided) return end
  const next = program + load<u32>(instruction + fieldNext)
  if (!mayFollow(next, end, lineEnd)) return takeLess(program, instruction, at, end)
  if (end > at + load<u32>(instruction + fieldLeast)) pushChoice(instruction, end, at)
  saveRun(instruction, at, end)
  return end
}

/** The next shorter one than that which began at `from` and ended at `before`. */
export function takeLess(program: usize, instruction: usize, from: usize, before: usize): usize {
  const next = program + load<u32>(instruction + fieldNext)
  const shortest = from + load<u32>(instruction + fieldLeast)
  const end = lastThatMayFollow(next, shortest, before)
  if (isSpent(1 + <i32>((before - max(end, shortest)) >> 4))) return undecided
  if (end == 0) return 0
  if (isWithinCharacters(end)) return undecided
  if (end > shortest) pushChoice(instruction, end, from)
  saveRun(instruction, from, end)
  return end
}

/** `opLazyRun`: the shortest first that something of what may follow stands behind. */
export function takeLazyRun(program: usize, instruction: usize, at: usize): usize {
  const set = program + load<u32>(instruction + fieldSet)
  const least: usize = load<u32>(instruction + fieldLeast)
  let end = at
  if (least == 1) {
    end = behindOne(set, at, lineEnd)
    if (end <= undecided) return end
  } else if (least > 1) {
    end = endOfCounted(set, at, least, least)
    if (end <= undecided) return end
  }
  return takeToNext(program, instruction, at, end)
}

/** The next longer one than that which began at `from` and ended at `before`. */
export function takeMore(program: usize, instruction: usize, from: usize, before: usize): usize {
  const end = behindOne(program + load<u32>(instruction + fieldSet), before, lineEnd)
  if (end <= undecided) return end
  return takeToNext(program, instruction, from, end)
}

/** From `at` on to the first place that something of what may follow stands at. */
function takeToNext(program: usize, instruction: usize, from: usize, at: usize): usize {
  const most: usize = load<u32>(instruction + fieldMost)
  const limit = most == unbounded ? lineEnd : min(lineEnd, from + min(most, lineEnd - from))
  if (most != unbounded && hasBeyondAscii(from, at)) return undecided
  if (at > limit) return 0
  const end = endOfRun(program + load<u32>(instruction + fieldBeyond), at, limit, lineEnd)
  if (end == undecided || isSpent(1 + <i32>((end - at) >> 4))) return undecided
  if (most != unbounded && hasBeyondAscii(from, end)) return undecided
  if (!mayFollow(program + load<u32>(instruction + fieldNext), end, lineEnd)) return 0
  if (end > from && isWithinCharacters(end)) return undecided
  if (end < limit) pushChoice(instruction, end, from)
  saveRun(instruction, from, end)
  return end
}

function endOfLongest(program: usize, instruction: usize, at: usize): usize {
  const set = program + load<u32>(instruction + fieldSet)
  const least: usize = load<u32>(instruction + fieldLeast)
  const most: usize = load<u32>(instruction + fieldMost)
  return endOfCounted(set, at, least, most)
}

/** Where the longest run of `least` to `most` characters ends: within one step where it ends in ASCII, or at `most`. */
function endOfCounted(set: usize, at: usize, least: usize, most: usize): usize {
  const stops = othersAt(set, at)
  const length: usize = stops ? min<usize>(ctz(stops), most) : most
  const isQuick =
    length <= 16 && at + length < lineEnd && (length == most || !isBeyondAscii(load<u8>(at + length)))
  const end = isQuick ? at + length : endOfLongCounted(set, at, least, most)
  return end > undecided && end - at < least ? 0 : end
}

function endOfLongCounted(set: usize, at: usize, least: usize, most: usize): usize {
  const limit = most == unbounded ? lineEnd : at + min(most, lineEnd - at)
  const end = endOfRun(set, at, limit, lineEnd)
  if (end == undecided || isSpent(<i32>((end - at) >> 4))) return undecided
  const isCounted = most != unbounded || least > 1
  return isCounted && hasBeyondAscii(at, end) ? undecided : end
}

/** Between two bytes beyond ASCII: perhaps within a character, or between the two UTF-16 units of one. */
export function isWithinCharacters(at: usize): bool {
  return at > lineStart && at < lineEnd && isBeyondAscii(load<u8>(at)) && isBeyondAscii(load<u8>(at - 1))
}
