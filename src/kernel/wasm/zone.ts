import { stateZone } from './lane-state'
import { zoneEntries, zoneEntryBytes, zoneOffset, zoneQuarterSeconds } from './zone-table'

/** Beyond it no instant has 32 bits, whatever the offset. */
const mostLocal: i64 = 4_294_000_000

let table: usize = 0
let isAsked: bool = false
let asked: u32 = 0
let offset: i64 = 0

export function beginZone(state: usize): void {
  table = load<u32>(state, stateZone)
  isAsked = false
}

/**
 * Finds the offset of the zone when its clocks show `local`, in seconds; false where it has to be asked for first: then the line is
 * given up, and looked at again once there is an answer.
 */
export function findOffset(local: i64): bool {
  if (local < 0 || local > mostLocal) return false
  const quarter = <u32>(local / zoneQuarterSeconds)
  const entry = table + <usize>(quarter & (zoneEntries - 1)) * zoneEntryBytes
  if (load<u32>(entry) == quarter + 1) {
    offset = load<i32>(entry, zoneOffset)
    return true
  }
  isAsked = true
  asked = <u32>local
  return false
}

/** Seconds east of UTC. */
export function foundOffset(): i64 {
  return offset
}

export function zoneIsAsked(): bool {
  return isAsked
}

export function askedLocal(): u32 {
  return asked
}
