/** What a span program may cost; a pattern beyond it is left to RegExp. */
export const bounds = {
  /** 32 bytes each: programs stay in the first cache of a core. The longest of the 60 real patterns in the tests has 100. */
  instructions: 512,
  /** Parts of the tree that are written, those of repetitions each time: `((?:){999}){999}` writes no instruction at all. */
  writtenParts: 10_000,
  /** Groups within groups; the compiler calls itself for each. */
  depth: 50,
  /** Captures, so that a slot fits its field and a caller's region stays small. */
  groups: 100,
  /** Counts of a repetition. A bound above it is no bound that anybody meant. */
  count: 1_000_000,
} as const
