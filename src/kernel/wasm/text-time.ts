import { accessTimeBytes, readAccessTime } from './access-time'
import { readEpoch } from './epoch-time'
import { readLooseIsoTime } from './iso-time'
import { readKlogTime } from './klog-time'
import { readSyslogTime } from './syslog-time'
import { isDigit } from './time-parts'
import { readPrecision } from './read-time'

/**
 * Reads a time that is a text `[at, end)`, in one of the forms that most programs write: ISO 8601 and what looks like it, access
 * logs, syslog, klog, epochs. False for all others, which may be times in a form that only the general lane knows.
 */
export function readTextTime(at: usize, end: usize, nowSeconds: u32): bool {
  if (isEpoch(at, end)) return readEpoch(at, end) && !hasLostDigits(at, end)
  if (end - at < 15) return false
  if ((<u32>load<u8>(at) | 0x20) - 0x61 <= 25) return readSyslogTime(at, end, nowSeconds)
  const fifth: u32 = load<u8>(at, 4)
  if (fifth == 0x2d || fifth == 0x2f) return readLooseIsoTime(at, end)
  if (load<u8>(at, 2) == 0x2f) return end - at == accessTimeBytes && readAccessTime(at)
  return readKlogTime(at, end, nowSeconds)
}

/** Digits, with a point among them at most; what has a zero in front is something else. */
function isEpoch(at: usize, end: usize): bool {
  if (at >= end || load<u8>(at) == 0x30) return false
  let points = 0
  for (let place = at; place < end; place++) {
    if (isDigit(place)) continue
    if (load<u8>(place) != 0x2e || ++points > 1 || place == at) return false
  }
  return true
}

/** As a text has it, `5.000` has three digits behind the second; as a number of JSON it has none. */
function hasLostDigits(at: usize, end: usize): bool {
  if (readPrecision() != 0) return false
  for (; at < end; at++) if (load<u8>(at) == 0x2e) return true
  return false
}
