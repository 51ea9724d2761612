/**
 * Offsets of a source's zone, as JavaScript has answered for them: entries of u32 (which quarter of an hour since 1970 of the
 * wall clock, with 1 added; 0 for none) and i32 (seconds east of UTC). A quarter's place is its number by the count of
 * entries. Plain constants, as in `lane-state.ts`.
 */
export const zoneEntries = 64
export const zoneEntryBytes = 8
export const zoneOffset = 4
/** Zones turn at quarters of an hour: an offset holds for one at least. */
export const zoneQuarterSeconds = 900
