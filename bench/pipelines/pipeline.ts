import type { Command, TimedUsage } from '../processes/measured-process.ts'
import type { LogFormat } from '../formats/log-format.ts'
import type { Input } from '../inputs/input.ts'
import type { Scenario, SinkKind } from '../scenario.ts'

/** One run of one pipeline. */
export interface Job {
  readonly scenario: Scenario
  readonly format: LogFormat
  readonly input: Input
  readonly targets: readonly Target[]
  /** Empty, on the disk, of this run alone. */
  readonly folder: string
  /** The program of the Node version that is measured. */
  readonly node: string
  /**
   * Resolves when every sink has counted so many events, by default all that this pipeline has to send; rejects when that does
   * not move any more.
   */
  arrived(events?: number): Promise<void>
}

export interface Target {
  readonly kind: SinkKind
  readonly url: string
}

/** Something that ships files: the agent, and what it is compared with. */
export interface Pipeline {
  readonly name: string
  /** Why it has no figure for this scenario; undefined: it can do it. */
  cannot(scenario: Scenario): string | undefined
  /** How many events it makes of the input. */
  eventsOf(input: Input, format: LogFormat): number
  /** Ships the input and returns what that took, start-up included. */
  ship(job: Job): Promise<TimedUsage>
  /** The command that runs until it is stopped, for figures about idling and starting. Absent: it has no such form. */
  readonly daemon?: (job: Job) => Command
}

export type Daemon = Pipeline & Required<Pick<Pipeline, 'daemon'>>

export function isDaemon(pipeline: Pipeline): pipeline is Daemon {
  return pipeline.daemon !== undefined
}
