/**
 * What `dealEvents` is told, as the kernel reads it: 32-bit places in a region, counted in words of four bytes. The twin of
 * src/kernel/wasm/loki/deal.ts, which says what each means.
 */
export const JobField = {
  record: 0,
  recordEnd: 1,
  events: 2,
  count: 3,
  fields: 4,
  labels: 5,
  wanted: 6,
  recordKind: 7,
  shared: 8,
  sharedLength: 9,
  mostBytes: 10,
  rows: 11,
  writes: 12,
  at: 13,
} as const

export const jobBytes = 64

/** What `dealEvents` answers. */
export const Dealt = { all: 0, unknown: 1, refused: 2 } as const

/** What is kept of each event while a record is dealt. */
export const rowHeadBytes = 24
export const keptValueBytes = 8

/** The twin of src/kernel/wasm/loki/groups.ts, in words. */
export const GroupField = {
  stream: 0,
  count: 1,
  bytes: 2,
  isDisordered: 3,
  lowNanos: 4,
  lowSeconds: 5,
  highNanos: 6,
  highSeconds: 7,
} as const

export const groupWords = 12

/** Numbers of streams are below this. */
export const mostNumbers = 8192
