/**
 * Where the fields of a record and of its events stand: `src/buffer/format/record-layout.ts` says what they are. An event is the
 * address of its 72 bytes in the record's table, which point to its text.
 */
export const recordMagic: u32 = 0xfe52_4cf5
export const recordFixedBytes: usize = 144
export const recordCount: usize = 80
export const recordEventsAt: usize = 116

export const eventBytes: usize = 72
export const eventAt: usize = 0
export const eventLineLength: usize = 4
export const eventSeconds: usize = 8
export const eventNanos: usize = 12
export const eventFrom: usize = 16
export const eventTo: usize = 24
export const eventBump: usize = 32
export const eventMembersLength: usize = 40
export const eventEditsLength: usize = 44
export const eventSuppressed: usize = 48
export const eventRoutes: usize = 52
export const eventFlags: usize = 56
export const eventPrecision: usize = 58
export const eventSeverity: usize = 59
export const eventBody: usize = 60
export const eventTraceLength: usize = 61
export const eventSpanLength: usize = 62
export const eventTraceAt: usize = 64
export const eventSpanAt: usize = 68

/** `core/event.ts`: Body. */
export const bodyJson: u32 = 0
export const bodyMessage: u32 = 1
export const bodyMembers: u32 = 2
