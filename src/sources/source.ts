import type { Hole } from '../buffer/buffer.ts'
import type { Checkpoint, Chunk } from '../core/chunk.ts'
import type { Clock } from '../core/clock.ts'
import type { Containers } from '../core/containers.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import type { Lane } from '../lanes/lane.ts'

/** One configured source: its name, its own settings, and the lane that the plan chose for it. */
export interface SourceInstance<Config> {
  readonly name: string
  readonly config: Config
  readonly lane: Lane
}

/** What a source may use. Everything of the world comes in here. */
export interface SourceContext {
  /** Appends to the buffer. Await it: that is the only backpressure. Rejects only while the agent stops. */
  emit(chunk: Chunk): Promise<void>
  /** Checkpoints of all live generations of these sources, as the buffer has them when the source starts. */
  readonly checkpoints: readonly Checkpoint[]
  readonly holes: readonly Hole[]
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly log: Log
  /** The most that the process may have open; unlimited where it is left out. */
  readonly descriptorLimit?: number
  /** Who knows the containers that write files; undefined where nobody is asked. */
  readonly containers?: Containers | undefined
  /** Standard input, for the source that reads it. */
  readonly stdin?: AsyncIterable<Uint8Array | string>
  /** 12 random bytes as hex for a new generation. */
  newGeneration(): string
}

/**
 * All configured sources of one type, run together (one file belongs to the first source that matches it).
 * `start` may be called once; `stop` is safe before `start` and twice.
 */
export interface SourceRunner {
  start(): Promise<void>
  /** Resolves once the chunk in hand is emitted; nothing is emitted afterwards. Checkpoints say where to go on. */
  stop(): Promise<void>
  /** Resolves once all that the sources held at the time of the call is emitted, unfinished lines and fragments included. */
  drain(): Promise<void>
  status(): readonly FileStatus[]
  /** What matches and cannot be read, for people; left out by sources that know no such thing. */
  unreadable?(): readonly UnreadablePath[]
  /** Set when reading died for good (a bug, not a file's trouble). */
  readonly failure: Error | undefined
}

/** A file that matches and is not read until somebody acts, or a folder that may not be listed. */
export interface UnreadablePath {
  readonly source: string
  readonly path: string
  /** The end of a sentence: `may not be read (EACCES)`. */
  readonly reason: string
}

/** A row of `/status`'s `files`. */
export interface FileStatus {
  readonly source: string
  readonly path: string
  readonly id: string
  readonly size: number
  readonly offset: number
  readonly lagBytes: number
  readonly lane: 'general' | 'fast'
  readonly isOpen: boolean
}
