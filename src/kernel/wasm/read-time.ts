/** The instant that a reader of times found last. One at a time is looked at, so that there need be but one. */
let seconds: u32 = 0
let nanos: u32 = 0
let precision: u32 = 0

export function setReadTime(newSeconds: u32, newNanos: u32, newPrecision: u32): void {
  seconds = newSeconds
  nanos = newNanos
  precision = newPrecision
}

/** Of the instant at hand, whose whole seconds were read: what stands behind them. */
export function setReadFraction(newNanos: u32, newPrecision: u32): void {
  nanos = newNanos
  precision = newPrecision
}

export function readSeconds(): u32 {
  return seconds
}

export function readNanos(): u32 {
  return nanos
}

/** Digits behind the second, 0 to 9. */
export function readPrecision(): u32 {
  return precision
}

/** From 2000 on (`parsers/time.ts`). */
const earliestSeconds: u32 = 946_684_800
const daySeconds: u64 = 86_400

/** Whether an event may carry the instant: not over a day ahead of the time of reading. */
export function isPlausible(nowSeconds: u32): bool {
  return seconds >= earliestSeconds && <u64>seconds <= <u64>nowSeconds + daySeconds
}
