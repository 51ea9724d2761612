import type { DiskBuffer } from '../../buffer/disk-buffer.ts'
import type { AgentConfig } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import type { FileSystem } from '../../core/file-system.ts'
import type { Log } from '../../core/log.ts'
import type { OpenDeadLetters } from '../../delivery/dead-letters.ts'
import type { SinkSet } from '../sink-set.ts'

/** What jobs use of the agent. */
export interface JobWorld {
  readonly sinks: Pick<SinkSet, 'names' | 'running'>
  readonly buffer: DiskBuffer
  readonly deadLetters: OpenDeadLetters
  readonly config: () => AgentConfig
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly redact: (text: string) => string
  readonly fileSystem: FileSystem
  /** No sink comes or goes while `work` runs. */
  betweenReloads<Result>(work: () => Promise<Result>): Promise<Result>
}
