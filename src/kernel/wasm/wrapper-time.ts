import { readNanos, readPrecision, readSeconds, setReadTime } from './read-time'

/** The time that the wrapper of the line at hand gives, which counts where the line itself has none. */
let seconds: u32 = 0
let nanos: u32 = 0
let precision: u32 = 0

/** It is the one that was read last. */
export function keepWrapperTime(): void {
  seconds = readSeconds()
  nanos = readNanos()
  precision = readPrecision()
}

/** Makes it the one that was read last. */
export function setWrapperTime(): void {
  setReadTime(seconds, nanos, precision)
}
