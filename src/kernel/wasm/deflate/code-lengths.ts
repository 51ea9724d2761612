/**
 * How many bits each symbol of a Huffman code gets: the tree of the two queues, and the repair where it is deeper than the
 * format allows. A code is built once for some 100 KiB of input and costs ten microseconds: plain is good enough.
 */

/** u32: the symbols that occur, (frequency << 9) | symbol, ascending. */
const order: usize = memory.data(1152, 16)
/** u32 for each leaf, in that order, and then for each inner node: its weight, and its parent. */
const weights: usize = memory.data(2304, 16)
const parents: usize = memory.data(2304, 16)
/** u32: how many codes are so many bits long. */
const counts: usize = memory.data(128, 16)

/**
 * Writes the length of each symbol's code, 0 to `limit`, into bytes. There are `count` symbols, 286 at most, and their
 * frequencies are below 2^23. At least two symbols get a code, as some decoders take no code of one (zlib does so too).
 */
export function codeLengths(frequencies: usize, count: u32, limit: u32, lengths: usize): void {
  memory.fill(lengths, 0, count)
  const leaves = collect(frequencies, count)
  sort(leaves)
  joinNodes(leaves)
  countDepths(leaves, limit)
  repair(limit)
  deal(limit, lengths)
}

/** Returns the number of symbols that occur. */
function collect(frequencies: usize, count: u32): u32 {
  let leaves: u32 = 0
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    const frequency = load<u32>(frequencies + (symbol << 2))
    if (frequency) setAt(order, leaves++, (frequency << 9) | symbol)
  }
  for (let symbol: u32 = 0; leaves < 2; symbol++) {
    if (load<u32>(frequencies + (symbol << 2)) == 0) setAt(order, leaves++, (1 << 9) | symbol)
  }
  return leaves
}

/** Shell's sort, with gaps that suit 300 numbers. */
function sort(leaves: u32): void {
  for (let gap: u32 = 57; gap > 0; gap = nextGap(gap)) {
    for (let index = gap; index < leaves; index++) {
      const value = at(order, index)
      let place = index
      while (place >= gap && at(order, place - gap) > value) {
        setAt(order, place, at(order, place - gap))
        place -= gap
      }
      setAt(order, place, value)
    }
  }
}

function nextGap(gap: u32): u32 {
  if (gap == 57) return 23
  if (gap == 23) return 10
  return gap == 10 ? 4 : u32(gap == 4)
}

/** Joins the two lightest nodes until one is left. New nodes come in the order of their weights: a queue of their own. */
function joinNodes(leaves: u32): void {
  for (let leaf: u32 = 0; leaf < leaves; leaf++) setAt(weights, leaf, at(order, leaf) >> 9)
  let leaf: u32 = 0
  let inner = leaves
  for (let made = leaves; made < 2 * leaves - 1; made++) {
    let weight: u32 = 0
    for (let child = 0; child < 2; child++) {
      const takesLeaf = leaf < leaves && (inner >= made || at(weights, leaf) <= at(weights, inner))
      const taken = takesLeaf ? leaf++ : inner++
      weight += at(weights, taken)
      setAt(parents, taken, made)
    }
    setAt(weights, made, weight)
  }
}

/** Weights are of no more use: depths take their place, from the root down. What is too deep counts as `limit`. */
function countDepths(leaves: u32, limit: u32): void {
  memory.fill(counts, 0, 128)
  const root: u32 = 2 * leaves - 2
  setAt(weights, root, 0)
  for (let node: u32 = root; node > 0; node--) {
    const child: u32 = node - 1
    const depth: u32 = at(weights, at(parents, child)) + 1
    setAt(weights, child, depth)
    if (child < leaves) setAt(counts, min(depth, limit), at(counts, min(depth, limit)) + 1)
  }
}

/**
 * Shortening codes to the limit claims more than all of the room there is (Kraft's sum is above one). One code of the
 * limit is given up at a time: it moves beside a shorter one, which gets a bit longer for that.
 */
function repair(limit: u32): void {
  let claimed: u32 = 0
  for (let bits: u32 = 1; bits <= limit; bits++) claimed += at(counts, bits) << (limit - bits)
  for (; claimed > u32(1) << limit; claimed--) {
    let bits = limit - 1
    while (at(counts, bits) == 0) bits--
    setAt(counts, bits, at(counts, bits) - 1)
    setAt(counts, bits + 1, at(counts, bits + 1) + 2)
    setAt(counts, limit, at(counts, limit) - 1)
  }
}

/** The rarest symbols get the longest codes. */
function deal(limit: u32, lengths: usize): void {
  let index: u32 = 0
  for (let bits = limit; bits > 0; bits--) {
    for (let left = at(counts, bits); left > 0; left--) {
      store<u8>(lengths + (at(order, index++) & 511), <u8>bits)
    }
  }
}

function at(table: usize, index: u32): u32 {
  return load<u32>(table + (index << 2))
}

function setAt(table: usize, index: u32, value: u32): void {
  store<u32>(table + (index << 2), value)
}
