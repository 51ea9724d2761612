import { Buffer } from 'node:buffer'

/**
 * Where everything stands in a record (docs/buffer-format.md draws it). All numbers are little-endian and at fixed
 * places, so that a kernel in WebAssembly can write the same bytes. On disk: never move a field, raise the version.
 */

/**
 * F5 and FE occur in no valid UTF-8, and lines are valid UTF-8: no log line can look like a record when a damaged
 * stretch is searched for the next one.
 */
export const recordMagic = Buffer.from([0xf5, 0x4c, 0x52, 0xfe])
export const recordMagicNumber = recordMagic.readUInt32LE(0)
export const recordVersion = 1
export const checksumCrc32 = 1

export const RecordField = {
  magic: 0,
  version: 4,
  algorithm: 5,
  flags: 6,
  length: 8,
  checksum: 12,
  sequence: 16,
  appendedAtMs: 24,
  from: 32,
  to: 40,
  generationStart: 48,
  previousEnd: 56,
  generation: 64,
  sinkTable: 76,
  count: 80,
  filtered: 84,
  parseErrors: 88,
  routesAny: 92,
  routesAll: 96,
  lowSeconds: 100,
  lowNanos: 104,
  highSeconds: 108,
  highNanos: 112,
  eventsAt: 116,
  readBytes: 120,
  readEvents: 128,
  allParseErrors: 136,
} as const

/** What must be read to know how long a record is and whether its bytes can be one. */
export const recordHeadBytes = 16
/** End of the fixed part; source, host, lost bytes, checkpoint and shared members follow. */
export const recordFixedBytes = 144

export const RecordFlag = { moves: 1 } as const

export const EventField = {
  at: 0,
  lineLength: 4,
  seconds: 8,
  nanos: 12,
  from: 16,
  to: 24,
  bump: 32,
  membersLength: 40,
  editsLength: 44,
  suppressed: 48,
  routes: 52,
  flags: 56,
  precision: 58,
  severity: 59,
  body: 60,
  traceLength: 61,
  spanLength: 62,
  /** Where they stand in the record: inside of the line, or behind the members. */
  traceAt: 64,
  spanAt: 68,
} as const

export const eventBytes = 72

/** A record above this is refused: lengths are u32, and one record must fit memory several times. */
export const maxRecordBytes = 1024 ** 3
