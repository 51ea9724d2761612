import type { FormatName } from './formats/formats.ts'

/** The sinks that are measured: to all of them everything is sent. */
export type SinkKind = 'elasticsearch' | 'elasticsearch-gzip' | 'loki'

/** Something to ship, and what is said about it in the table. */
export interface Scenario {
  readonly name: string
  readonly what: string
  readonly format: FormatName
  readonly sinks: readonly SinkKind[]
  /** The input is spread over so many files. Default: 1. */
  readonly files?: number
  /** How long the sinks take to answer; default: no time, so that no pipeline waits for them. */
  readonly answerAfterMs?: number
  /** How long a batch waits for more events. Default: that of each pipeline. */
  readonly maxWait?: string
  /**
   * Nothing is read: the events lie in the disk buffer from a run before, whose sink was away, so many times `--gb` of
   * them. Figures are per GB of the files that they came from.
   */
  readonly backlog?: number
}

export interface IdleScenario extends Scenario {
  /** One line in each. */
  readonly files: number
}

export interface GrowthScenario extends Scenario {
  /** Each has one line, and gets one more. */
  readonly files: number
}

/** One line in one file. */
export interface StartScenario extends Scenario {
  readonly maxWait: string
}
