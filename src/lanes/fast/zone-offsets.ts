import type { Kernel } from '../../kernel/kernel.ts'
import { zoneEntries, zoneEntryBytes, zoneOffset, zoneQuarterSeconds } from '../../kernel/wasm/zone-table.ts'
import type { TimeZone } from '../../parsers/time-zone.ts'

/** Answers for times that name no zone: lines come in runs of the same quarter of an hour, so that few are asked for. */
export class ZoneOffsets {
  readonly address: number
  readonly #kernel: Kernel
  readonly #zone: TimeZone

  constructor(zone: TimeZone, kernel: Kernel) {
    this.#zone = zone
    this.#kernel = kernel
    this.address = kernel.reserve(zoneEntries * zoneEntryBytes)
  }

  /** Remembers the offset of the time at which the zone's clocks show `localSeconds`. */
  add(localSeconds: number): void {
    const quarter = Math.floor(localSeconds / zoneQuarterSeconds)
    const at = this.address + (quarter % zoneEntries) * zoneEntryBytes
    this.#kernel.bytes.writeUInt32LE(quarter + 1, at)
    this.#kernel.bytes.writeInt32LE(this.#zone.offsetAt(localSeconds), at + zoneOffset)
  }
}
