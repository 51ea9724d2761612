/** A place that takes text: standard output, or a test's. */
export interface TextOutput {
  /** False for pipes and files: then there is no colour. */
  readonly isTerminal: boolean
  /** Resolves once the text is written: to false if nobody reads it any more (EPIPE). */
  write(text: string): Promise<boolean>
}
