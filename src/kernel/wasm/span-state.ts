import { fieldSlot, noSlot } from '../span-layout'

/**
 * What a run of a span program knows: the line, the captures, and the choices that it may come back to. One line is
 * matched at a time, so it is one of each for the kernel.
 */
export let lineStart: usize = 0
export let lineEnd: usize = 0
export let captures: usize = 0

/**
 * What may still be spent on the line: 16 bytes of a run cost 1, and so does each round of a repetition and each
 * instruction of an attempt, or of a way back to a choice, that failed. 8 for each byte is more than the honest lines of
 * the 60 patterns in the tests need; at the end of it a line of 300 bytes has taken some 10 microseconds, and the guarded
 * RegExp takes over.
 */
export let budget: i32 = 0
const budgetOfLine = 256
const budgetOfByte = 8
/** More would not fit the budget's 32 bits. */
const longestBudgetedLine: usize = 0x0f00_0000

/** An entry of the stack: u32 instruction or 0 for a slot to restore; u32 position or old value; u32 start of the run or slot. */
const entryBytes: usize = 12
/** Choices that are open at once. A line with more of them is none for the kernel. */
const mostEntries: usize = 2048
const stackBottom = memory.data(2048 * 12)
let stackTop: usize = stackBottom
/** The stack was full: what was to be pushed is missing, so the answer would be wrong. */
export let isStackFull = false

export function beginLine(at: usize, end: usize, slots: usize): void {
  lineStart = at
  lineEnd = end
  captures = slots
  budget = budgetOfLine + <i32>min<usize>(end - at, longestBudgetedLine) * budgetOfByte
}

/** All groups unmatched, no choices: as an attempt begins. Slots are written 16 bytes a step, into the slack behind them. */
export function beginAttempt(slotCount: usize): void {
  stackTop = stackBottom
  isStackFull = false
  const end = captures + slotCount * 4
  for (let at = captures; at < end; at += 16) v128.store(at, i8x16.splat(-1))
}

/** Takes from the budget; whether there is none left. */
export function isSpent(cost: i32): bool {
  budget -= cost
  return budget < 0
}

/** A choice to come back to if what follows fails: the instruction decides what its numbers mean. */
export function pushChoice(instruction: usize, position: usize, from: usize): void {
  if (stackTop >= stackBottom + mostEntries * entryBytes) {
    isStackFull = true
    return
  }
  store<u32>(stackTop, <u32>instruction)
  store<u32>(stackTop + 4, <u32>position)
  store<u32>(stackTop + 8, <u32>from)
  stackTop += entryBytes
}

export let chosenPosition: usize = 0
export let chosenFrom: usize = 0

/** The instruction of the last choice that is open, and its numbers in `chosen…`; slots are again as they were. 0: none. */
export function popChoice(): usize {
  while (stackTop > stackBottom) {
    stackTop -= entryBytes
    const instruction: usize = load<u32>(stackTop)
    chosenPosition = load<u32>(stackTop + 4)
    chosenFrom = load<u32>(stackTop + 8)
    if (instruction) return instruction
    store<u32>(chosenFrom, <u32>chosenPosition)
  }
  return 0
}

/** What a slot held is kept only where there is a choice to come back to. */
function setSlot(slot: usize, value: u32): void {
  const address = captures + slot * 4
  if (stackTop != stackBottom) pushChoice(0, load<u32>(address), address)
  store<u32>(address, value)
}

export function save(slot: usize, position: usize): void {
  setSlot(slot, <u32>(position - lineStart))
}

export function reset(slot: usize, behind: usize): void {
  for (; slot < behind; slot++) setSlot(slot, u32.MAX_VALUE)
}

/** `instruction` is a run that may be captured as a whole. */
export function saveRun(instruction: usize, from: usize, to: usize): void {
  const slot: usize = load<u16>(instruction + fieldSlot)
  if (slot == noSlot) return
  if (stackTop == stackBottom) {
    const address = captures + slot * 4
    store<u32>(address, <u32>(from - lineStart))
    store<u32>(address + 4, <u32>(to - lineStart))
    return
  }
  save(slot, from)
  save(slot + 1, to)
}
