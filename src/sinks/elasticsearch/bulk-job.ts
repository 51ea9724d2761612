/**
 * What `frameBulk` is told, as the kernel reads it: 32-bit places in a region, counted in words of four bytes. The twin of
 * src/kernel/wasm/document/bulk.ts and document.ts, which say what each means.
 */
export const JobField = {
  record: 0,
  recordBytes: 1,
  first: 2,
  end: 3,
  fromSecond: 4,
  lastSecond: 5,
  action: 6,
  actionBytes: 7,
  hasId: 8,
  words: 9,
  shared: 10,
  out: 11,
  outEnd: 12,
} as const

export const SharedField = { text: 0, textBytes: 1, count: 2, ends: 3 } as const

export const jobBytes = 64
export const sharedBytes = 16
