import type { LogFormat } from '../formats/log-format.ts'
import type { Target } from './pipeline.ts'

/** What the naive pipeline is told, as JSON in a file. */
export interface NaiveJob {
  readonly folder: string
  readonly format: string
  readonly labels: LogFormat['labels']
  readonly targets: readonly Target[]
}
