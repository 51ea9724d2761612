/** One place in a call stack. `file` is empty for what is no JavaScript. */
export interface Frame {
  readonly name: string
  readonly file: string
}

/** Where a thread was found, innermost frame first. */
export interface Sample {
  readonly seconds: number
  readonly thread: string
  readonly frames: readonly Frame[]
}
