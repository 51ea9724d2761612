import { accessTimeBytes, readAccessTime } from './access-time'
import { readLooseIsoTime } from './iso-time'
import { readKlogTime } from './klog-time'
import { readSyslogTime } from './syslog-time'

/**
 * Reads a time that is a text `[at, end)`, in one of the forms that most programs write: ISO 8601 and what looks like it, access
 * logs, syslog, klog. False for all others, which may be times in a form that only the general lane knows.
 */
export function readTextTime(at: usize, end: usize, nowSeconds: u32): bool {
  if (end - at < 15) return false
  if ((<u32>load<u8>(at) | 0x20) - 0x61 <= 25) return readSyslogTime(at, end, nowSeconds)
  const fifth: u32 = load<u8>(at, 4)
  if (fifth == 0x2d || fifth == 0x2f) return readLooseIsoTime(at, end)
  if (load<u8>(at, 2) == 0x2f) return end - at == accessTimeBytes && readAccessTime(at)
  return readKlogTime(at, end, nowSeconds)
}
