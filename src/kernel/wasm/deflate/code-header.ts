import { putBits } from './bit-writer'
import { codeLengths } from './code-lengths'
import { assignCodes } from './codes'
import { countIn, distanceSymbols, endOfBlock, literalSymbols } from './symbols'

/**
 * How a block says the lengths of its codes (RFC 1951, 3.2.7): both lists in one, runs made short, and all that in a
 * Huffman code of its own.
 */

const runOfSame: u32 = 16
const runOfZeros: u32 = 17
const longRunOfZeros: u32 = 18
const runSymbols: u32 = 19
/** In which order the lengths of the runs' own code are sent, the mostly unused ones last. */
const sendingOrder: usize = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
])

/** Bytes: the lengths of the literals' codes and right behind them those of the distances'. */
const joined: usize = memory.data(320, 16)
/** u16: a symbol of the runs' code, and from bit 5 on its extra value. */
const runs: usize = memory.data(640, 16)
const frequencies: usize = memory.data(80, 16)
const lengths: usize = memory.data(32, 16)
const codes: usize = memory.data(80, 16)

let literalCount: u32 = 0
let distanceCount: u32 = 0
let runCount: u32 = 0
let sentLengths: u32 = 0

/** Prepares the header for codes of these lengths (bytes by symbol), and returns its length in bits. */
export function prepareHeader(literalLengths: usize, distanceLengths: usize): u32 {
  literalCount = usedCount(literalLengths, literalSymbols, endOfBlock + 1)
  distanceCount = usedCount(distanceLengths, distanceSymbols, 1)
  memory.copy(joined, literalLengths, literalCount)
  memory.copy(joined + literalCount, distanceLengths, distanceCount)
  findRuns()
  codeLengths(frequencies, runSymbols, 7, lengths)
  assignCodes(lengths, runSymbols, codes)
  sentLengths = runSymbols
  while (sentLengths > 4 && lengthSent(sentLengths - 1) == 0) sentLengths--
  let bits: u32 = 5 + 5 + 4 + 3 * sentLengths
  for (let symbol: u32 = 0; symbol < runSymbols; symbol++) {
    bits += load<u32>(frequencies + (symbol << 2)) * (<u32>load<u8>(lengths + symbol) + extraBits(symbol))
  }
  return bits
}

export function writeHeader(): void {
  putBits(literalCount - 257, 5)
  putBits(distanceCount - 1, 5)
  putBits(sentLengths - 4, 4)
  for (let place: u32 = 0; place < sentLengths; place++) putBits(lengthSent(place), 3)
  for (let index: u32 = 0; index < runCount; index++) {
    const run = <u32>load<u16>(runs + (index << 1))
    const symbol = run & 31
    const code = load<u32>(codes + (symbol << 2))
    putBits(code & 0xffff, code >> 16)
    putBits(run >> 5, extraBits(symbol))
  }
}

/** As many symbols as must be named so that none with a code is left out. */
function usedCount(codeLengthsAt: usize, most: u32, least: u32): u32 {
  let count = most
  while (count > least && load<u8>(codeLengthsAt + count - 1) == 0) count--
  return count
}

function lengthSent(place: u32): u32 {
  return load<u8>(lengths + <u32>load<u8>(sendingOrder + place))
}

function extraBits(symbol: u32): u32 {
  if (symbol < runOfSame) return 0
  return symbol == longRunOfZeros ? 7 : symbol - 14
}

function findRuns(): void {
  memory.fill(frequencies, 0, 80)
  runCount = 0
  const end = joined + literalCount + distanceCount
  let at = joined
  while (at < end) {
    const value = <u32>load<u8>(at)
    const start = at
    while (at < end && <u32>load<u8>(at) == value) at++
    let left = <u32>(at - start)
    if (value != 0) {
      addRun(value, 0)
      left = addRuns(runOfSame, left - 1, 3, 6)
    } else {
      left = addRuns(longRunOfZeros, left, 11, 138)
      left = addRuns(runOfZeros, left, 3, 10)
    }
    for (; left > 0; left--) addRun(value, 0)
  }
}

/** Takes runs of `least` to `most` from the `left` values, and returns how many are left then. */
function addRuns(symbol: u32, left: u32, least: u32, most: u32): u32 {
  while (left >= least) {
    const taken = min(left, most)
    addRun(symbol, taken - least)
    left -= taken
  }
  return left
}

function addRun(symbol: u32, extra: u32): void {
  store<u16>(runs + (runCount << 1), <u16>(symbol | (extra << 5)))
  runCount++
  countIn(frequencies, symbol)
}
