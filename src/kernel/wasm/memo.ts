/**
 * A memo: what JavaScript has answered about short texts (a key, a level's value), so that each is asked about once and the
 * kernel needs no list of names. A head of 24 bytes, slots of 16 (hash, answer, address and length of the text; the answer
 * is kept with 1 added, so that 0 marks an empty slot), then the texts, each with a quote behind it. The last 8 bytes of the head and
 * the 8 before each text say what followed (`followers.ts`).
 */
const firstFollowersAt: usize = 16
const slotsAt: usize = 24
const slotBytes: usize = 16
const followersBytes: usize = 8
/** A text is not longer: longer ones are not worth remembering, and lines with them are the general lane's. */
export const longestText: usize = 256

/** Bytes of memory that a memo of so many slots (a power of 2) and texts takes. */
export function memoBytes(slots: u32, textBytes: u32): u32 {
  return <u32>slotsAt + slots * <u32>slotBytes + textBytes
}

/** Makes the memory at `memo` an empty memo. */
export function memoClear(memo: usize, slots: u32, textBytes: u32): void {
  const headBytes = slotsAt + <usize>slots * slotBytes
  memory.fill(memo, 0, headBytes)
  store<u32>(memo, slots - 1)
  store<u32>(memo, slots >> 1, 4)
  store<u32>(memo, <u32>(memo + headBytes), 8)
  store<u32>(memo, <u32>(memo + headBytes) + textBytes, 12)
}

/** The answer to `[at, at + length)` with 1 added, 0 where none is known. Reads up to 7 bytes beyond. */
export function memoFind(memo: usize, at: usize, length: usize): u32 {
  const slot = memoSlot(memo, at, length)
  return slot == 0 ? 0 : slotAnswer(slot)
}

/** With 1 added. */
export function slotAnswer(slot: usize): u32 {
  return load<u32>(slot, 4)
}

export function slotLength(slot: usize): usize {
  return load<u32>(slot, 12)
}

/** What came first: zeros in a memo that was cleared. */
export function memoFollowers(memo: usize): usize {
  return memo + firstFollowersAt
}

/** What came behind the slot's text: zeros behind a new one. */
export function slotFollowers(slot: usize): usize {
  return <usize>load<u32>(slot, 8) - followersBytes
}

/** Whether the slot's text and a quote stand at `at`. Reads up to 7 bytes beyond the first that differs. */
export function slotIsQuoted(slot: usize, at: usize): bool {
  return isSame(load<u32>(slot, 8), at, slotLength(slot) + 1)
}

/** Whether the slot has the text `[at, at + length)` behind these four bytes. */
export function slotIsBehind(slot: usize, head: u32, at: usize, length: usize): bool {
  if (<usize>load<u32>(slot, 12) != length + 4 || slotAnswer(slot) == 0) return false
  const text: usize = load<u32>(slot, 8)
  return load<u32>(text) == head && isSame(text + 4, at, length)
}

/** Where the text stands in the memo, 0 where it does not. */
export function memoSlot(memo: usize, at: usize, length: usize): usize {
  const mask = load<u32>(memo)
  const hash = hashOf(at, length)
  let slot = hash & mask
  while (true) {
    const entry = memo + slotsAt + <usize>slot * slotBytes
    const answer = load<u32>(entry, 4)
    if (answer == 0) return 0
    if (load<u32>(entry) == hash && slotLength(entry) == length && isSame(load<u32>(entry, 8), at, length))
      return entry
    slot = (slot + 1) & mask
  }
}

/** Remembers an answer below 2^32 - 1; false where there is no room: half of the slots stay empty, so that a search ends. */
export function memoAdd(memo: usize, at: usize, length: usize, answer: u32): bool {
  const free = load<u32>(memo, 4)
  const textAt: usize = <usize>load<u32>(memo, 8) + followersBytes
  if (free == 0 || length > longestText || textAt + length + 8 > <usize>load<u32>(memo, 12)) return false
  const mask = load<u32>(memo)
  const hash = hashOf(at, length)
  let slot = hash & mask
  while (load<u32>(memo + slotsAt + <usize>slot * slotBytes, 4) != 0) slot = (slot + 1) & mask
  const entry = memo + slotsAt + <usize>slot * slotBytes
  store<u64>(textAt - followersBytes, 0)
  memory.copy(textAt, at, length)
  store<u8>(textAt + length, 0x22)
  store<u32>(entry, hash)
  store<u32>(entry, answer + 1, 4)
  store<u32>(entry, <u32>textAt, 8)
  store<u32>(entry, <u32>length, 12)
  store<u32>(memo, free - 1, 4)
  store<u32>(memo, <u32>(textAt + length + 1), 8)
  return true
}

/** Drawn by whoever made the kernel: keys made to have one hash would make each search as long as there are keys. */
let seed: u64 = 0

export function seedMemos(low: u32, high: u32): void {
  seed = ((<u64>high) << 32) | <u64>low
}

function hashOf(at: usize, length: usize): u32 {
  let hash: u64 = seed ^ <u64>length
  let left = length
  while (left > 8) {
    hash = mixed(hash ^ load<u64>(at)) + seed
    at += 8
    left -= 8
  }
  hash = mixed(mixed(hash ^ lastBytes(at, left)) + seed)
  return <u32>(hash >> 32)
}

function mixed(hash: u64): u64 {
  const product = hash * 0x9e3779b97f4a7c15
  return product ^ (product >> 29)
}

/** The `count` bytes at `at`, 0 to 8, as a number. */
function lastBytes(at: usize, count: usize): u64 {
  return count == 0 ? 0 : load<u64>(at) & (u64.MAX_VALUE >> ((8 - <u64>count) << 3))
}

function isSame(a: usize, b: usize, length: usize): bool {
  while (length > 8) {
    if (load<u64>(a) != load<u64>(b)) return false
    a += 8
    b += 8
    length -= 8
  }
  return length == 0 || (load<u64>(a) ^ load<u64>(b)) << ((8 - <u64>length) << 3) == 0
}
