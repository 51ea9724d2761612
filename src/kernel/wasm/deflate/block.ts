import {
  alignToByte,
  bitsEnd,
  pendingBits,
  pendingCount,
  putBits,
  resumeBits,
  writeBitsTo,
} from './bit-writer'
import { prepareHeader, writeHeader } from './code-header'
import { codeLengths } from './code-lengths'
import { assignCodes } from './codes'
import {
  countIn,
  distanceFrequencies,
  distanceSymbol,
  distanceSymbols,
  endOfBlock,
  extraBitsOfDistance,
  extraBitsOfLength,
  lengthEntry,
  literalFrequencies,
  literalSymbols,
} from './symbols'

/** Of literals' codes: with 14 bits at most, four of them and 7 bits left over fit a word. The format allows 15. */
const literalLimit: u32 = 14
const distanceLimit: u32 = 15
const mostStored: usize = 0xffff

/** Bytes by symbol, and u32 by symbol. */
const literalLengths: usize = memory.data(288, 16)
const distanceLengths: usize = memory.data(32, 16)
const literalCodes: usize = memory.data(1152, 16)
const distanceCodes: usize = memory.data(128, 16)

/**
 * Writes the block for the bytes `[from, end)`, which the sequences `[firstSequence, lastSequence)` stand for: how many
 * literals (u32), and the match behind them (u32: the distance minus one, and from bit 16 on the length; 0 for none). The
 * frequencies are those of these sequences. Bytes that would grow are stored as they are.
 */
export function writeBlock(from: usize, end: usize, firstSequence: usize, lastSequence: usize): void {
  countIn(literalFrequencies, endOfBlock)
  codeLengths(literalFrequencies, literalSymbols, literalLimit, literalLengths)
  codeLengths(distanceFrequencies, distanceSymbols, distanceLimit, distanceLengths)
  const bits: u32 = 3 + prepareHeader(literalLengths, distanceLengths) + bodyBits()
  if (bits >= (<u32>(end - from + 4)) << 3) {
    writeStored(from, end)
    return
  }
  putBits(2 << 1, 3)
  writeHeader()
  assignCodes(literalLengths, literalSymbols, literalCodes)
  assignCodes(distanceLengths, distanceSymbols, distanceCodes)
  writeSequences(from, firstSequence, lastSequence)
  putCode(endOfBlock)
}

/** An empty last block of fixed codes: what ends the stream. */
export function writeLastBlock(): void {
  putBits(1 | (1 << 1), 3)
  putBits(0, 7)
  alignToByte()
}

function bodyBits(): u32 {
  let bits: u32 = 0
  for (let symbol: u32 = 0; symbol < literalSymbols; symbol++) {
    const extra = symbol > endOfBlock ? extraBitsOfLength(symbol) : 0
    const length = <u32>load<u8>(literalLengths + symbol) + extra
    bits += load<u32>(literalFrequencies + (symbol << 2)) * length
  }
  for (let symbol: u32 = 0; symbol < distanceSymbols; symbol++) {
    const length = <u32>load<u8>(distanceLengths + symbol) + extraBitsOfDistance(symbol)
    bits += load<u32>(distanceFrequencies + (symbol << 2)) * length
  }
  return bits
}

/** Five bytes more for each 64 KiB, and the byte that was begun. */
function writeStored(from: usize, end: usize): void {
  while (from < end) {
    const length = min(end - from, mostStored)
    putBits(0, 3)
    alignToByte()
    putBits(<u32>length | ((<u32>length ^ 0xffff) << 16), 32)
    const out = bitsEnd()
    memory.copy(out, from, length)
    writeBitsTo(out + length)
    from += length
  }
}

function putCode(symbol: u32): void {
  const code = load<u32>(literalCodes + (symbol << 2))
  putBits(code & 0xffff, code >> 16)
}

/** The one loop that sees all bytes: the writer's state is in locals here, and written out once for four literals. */
function writeSequences(from: usize, firstSequence: usize, lastSequence: usize): void {
  let bits = pendingBits()
  let count = pendingCount()
  let out = bitsEnd()
  let at = from
  for (let sequence = firstSequence; sequence < lastSequence; sequence += 8) {
    let literals = load<u32>(sequence)
    const match = load<u32>(sequence, 4)
    while (literals >= 4) {
      const four = load<u32>(at)
      let code = load<u32>(literalCodes + ((four & 0xff) << 2))
      bits |= (<u64>(code & 0xffff)) << (<u64>count)
      count += code >> 16
      code = load<u32>(literalCodes + (((four >> 8) & 0xff) << 2))
      bits |= (<u64>(code & 0xffff)) << (<u64>count)
      count += code >> 16
      code = load<u32>(literalCodes + (((four >> 16) & 0xff) << 2))
      bits |= (<u64>(code & 0xffff)) << (<u64>count)
      count += code >> 16
      code = load<u32>(literalCodes + ((four >> 24) << 2))
      bits |= (<u64>(code & 0xffff)) << (<u64>count)
      count += code >> 16
      store<u64>(out, bits)
      out += count >> 3
      bits >>= <u64>(count & ~7)
      count &= 7
      at += 4
      literals -= 4
    }
    for (; literals > 0; literals--) {
      const code = load<u32>(literalCodes + ((<u32>load<u8>(at)) << 2))
      bits |= (<u64>(code & 0xffff)) << (<u64>count)
      count += code >> 16
      at += 1
    }
    store<u64>(out, bits)
    out += count >> 3
    bits >>= <u64>(count & ~7)
    count &= 7
    if (match == 0) continue
    // 14 bits and 5 for the length, 15 and 13 for the distance, 7 left over: no more than a word in any case.
    const length = lengthEntry(match >> 16)
    const below = match & 0xffff
    const symbol = distanceSymbol(below)
    const lengthCode = load<u32>(literalCodes + ((length & 511) << 2))
    bits |= (<u64>(lengthCode & 0xffff)) << (<u64>count)
    count += lengthCode >> 16
    bits |= (<u64>(length >> 12)) << (<u64>count)
    count += (length >> 9) & 7
    const distanceCode = load<u32>(distanceCodes + (symbol << 2))
    bits |= (<u64>(distanceCode & 0xffff)) << (<u64>count)
    count += distanceCode >> 16
    const extra = extraBitsOfDistance(symbol)
    bits |= (<u64>(below & ((1 << extra) - 1))) << (<u64>count)
    count += extra
    store<u64>(out, bits)
    out += count >> 3
    bits >>= <u64>(count & ~7)
    count &= 7
    at += match >> 16
  }
  resumeBits(out, bits, count)
}
