import type { CharacterSet } from './character-set.ts'

/** One instruction of a span program before it is bytes: the fields of span-layout.ts, with sets instead of offsets. */
export interface Instruction {
  readonly operation: number
  readonly slot?: number
  /** Of `opReset`: the first slot behind; of choices and jumps: the index of an instruction. */
  target?: number
  other?: number
  readonly set?: CharacterSet
  readonly next?: CharacterSet
  readonly beyond?: CharacterSet
  readonly least?: number
  readonly most?: number
  readonly shape?: readonly ByteRange[]
}

/** Of a shape: the bytes that may stand in one place. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}
