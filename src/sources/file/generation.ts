import type { Checkpoint, LossReason, LostBytes, PendingRange } from '../../core/chunk.ts'
import type { ContainerFacts } from '../../core/containers.ts'
import type { Instant } from '../../core/event.ts'
import type { File, FileStat } from '../../core/file-system.ts'
import type { Encoding } from '../../core/encoding.ts'
import type { FileLane, Lane } from '../../lanes/lane.ts'
import type { Access } from './access.ts'
import type { PathFilter } from './discovery/glob.ts'
import { emptyHead, type Head, type Likeness } from './identity.ts'

/** One configured source with what was built from its settings. */
export interface FileSourceState {
  readonly name: string
  readonly lane: Lane
  readonly filter: PathFilter
  readonly access: Access
  readonly maxLineBytes: number
  readonly ignoreOlderMs: number | null
  readonly startAtEnd: boolean
  /** Somebody knows the containers that write files. */
  readonly asksContainers: boolean
  /** No checkpoint of it exists: the only time at which `start_at: end` holds. */
  readonly isFirstRun: boolean
}

/** How far a generation is in the buffer. Replaced as a whole once a chunk is appended, never changed. */
export interface Position extends Likeness {
  /** Checksum of the bytes before the offset, more than the mark; only while we run. */
  readonly tail?: Head | undefined
  readonly pending: readonly PendingRange[]
  readonly parser: string
  readonly lastTime: Instant
  readonly lastBump: number
}

/** A line whose end was not found in what one read brings: it is skimmed, not kept. */
export interface Skim {
  /** `zeros`: a hole of NUL bytes where a line should begin (copytruncate under a writer without O_APPEND). */
  readonly kind: 'line' | 'zeros'
  /** Looked at up to here. */
  readonly to: number
  /** The bytes right before `to`, to notice a truncation on the way. */
  readonly mark: Uint8Array
}

/** A generation's last words: what its final chunk says. */
export interface Ending {
  readonly reason: LossReason
  readonly lostBytes: number
}

const nobody: ReadonlySet<Generation> = new Set()
const nowhere: ReadonlySet<string> = new Set()

export const startOfFile: Position = {
  offset: 0,
  head: emptyHead,
  mark: new Uint8Array(0),
  pending: [],
  parser: '',
  lastTime: { seconds: 0, nanos: 0 },
  lastBump: 0,
}

/** What was written to one file between two truncations or replacements, and how far we are with it. */
export class Generation {
  readonly id: string
  readonly source: FileSourceState
  /** At first sight, links kept. Metadata only; where the file is now is `paths`. */
  readonly path: string
  device: number
  inode: number
  position: Position
  /** Where it is seen now. Empty: renamed to a place that we don't know, or deleted. */
  readonly paths = new Set<string>()
  #formerPaths: Set<string> | undefined
  /** The last path with its links resolved, '' before the first open. */
  realPath = ''
  /** The furthest end that was seen. */
  size = 0
  /** The same as of the last read that found its own bytes there: what was seen later may be another generation's. */
  sureSize = 0
  /** The furthest byte that a read has brought: growth beyond it restarts the wait of a last line. */
  readTo: number
  /** Of the last stat; NaN before. */
  mtimeMs = Number.NaN
  file: File | undefined
  /** Why it could not be opened or read at the last try that failed; holds only while it is not open. */
  refusal = ''
  lane: FileLane | undefined
  /** Its container has to be looked at before the next turn: it was not yet, or there is news of its pod. */
  mustLook: boolean
  /** The key of its pod, once it was looked at; undefined where no container writes it. */
  pod: string | undefined
  /** What its lane was told of its container. */
  container: ContainerFacts | undefined
  skim: Skim | undefined
  /** What it is compressed in, if it is: it waits for nobody, and nothing of it is lost. */
  packedAs: string | undefined
  /** Undefined for UTF-8. By the byte order mark where there is one, which the first bytes must have come for. */
  encoding: Encoding | undefined
  isEncodingSure = false
  /** In a turn: its descriptor must stay. */
  isBusy = false
  isQueued = false
  /** Read to its end at the last turn, and nothing has been heard of it since. */
  isIdle = false
  /** Its last name is gone for good: once closed, it is lost. */
  isUnlinked = false
  /** It had a name when it was last seen, only not where we look: it may come back, longer than it was. */
  wasMoved = false
  /** A start did not find its file. The file may yet be seen, and then goes on as a generation of the same id. */
  wasGivenUp = false
  /** A checkpoint is to be written although there is nothing to read (start_at: end). */
  mustAnnounce = false
  /** Whether any checkpoint of it is in the buffer. */
  isAnnounced = false
  ending: Ending | undefined
  isGone = false
  /** Monotonic ms: last seen to grow, last turn, orphaned since, first `wait` of the lane (NaN: not waiting). */
  grewAtMs: number
  usedAtMs: number
  orphanedAtMs = Number.NaN
  waitingSinceMs = Number.NaN
  /** Monotonic ms at which it wants a turn without having been written to. */
  dueAtMs = Infinity
  /** The generation before it at the same path or in the same rotation family: it is read to its end first. */
  predecessor: Generation | undefined
  /** From which fragments are taken over: the one before it at the same path. */
  heirOf: Generation | undefined
  #followers: Set<Generation> | undefined
  /** Where a drain wants it to get to, or undefined. */
  drainTo: number | undefined
  #lost: Map<LossReason, number> | undefined

  constructor(
    source: FileSourceState,
    origin: { id: string; path: string; device: number; inode: number; position: Position; nowMs: number },
  ) {
    this.source = source
    this.id = origin.id
    this.path = origin.path
    this.device = origin.device
    this.inode = origin.inode
    this.position = origin.position
    this.size = origin.position.offset
    this.sureSize = origin.position.offset
    this.readTo = origin.position.offset
    this.mustLook = source.asksContainers
    this.grewAtMs = origin.nowMs
    this.usedAtMs = origin.nowMs
  }

  static fromCheckpoint(source: FileSourceState, checkpoint: Checkpoint, nowMs: number): Generation {
    const { generation: id, path, device, inode, headLength, headHash, ...rest } = checkpoint
    const { offset, mark, pending, parser, lastTime, lastBump } = rest
    const head = { length: headLength, hash: headHash }
    const position = { offset, head, mark, pending, parser, lastTime, lastBump }
    const generation = new Generation(source, { id, path, device, inode, position, nowMs })
    generation.isAnnounced = true
    return generation
  }

  checkpoint(position: Position, goneAtMs = 0): Checkpoint {
    const { head, mark, offset, pending, parser, lastTime, lastBump } = position
    return {
      source: this.source.name,
      generation: this.id,
      path: this.path,
      device: this.device,
      inode: this.inode,
      headLength: head.length,
      headHash: head.hash,
      mark,
      offset,
      pending,
      parser,
      lastTime,
      lastBump,
      goneAtMs,
    }
  }

  /** Those that wait for its end. */
  get followers(): ReadonlySet<Generation> {
    return this.#followers ?? nobody
  }

  follow(follower: Generation): void {
    // Most of 10,000 files have none, nor any of the other two: empty sets of them took 6 MB.
    this.#followers ??= new Set()
    this.#followers.add(follower)
  }

  forgetFollowers(): void {
    this.#followers = undefined
  }

  /** Where it was seen before. */
  get formerPaths(): ReadonlySet<string> {
    return this.#formerPaths ?? nowhere
  }

  leave(path: string): void {
    this.paths.delete(path)
    this.#formerPaths ??= new Set()
    this.#formerPaths.add(path)
  }

  get isOrphan(): boolean {
    return this.paths.size === 0
  }

  /** A name of it that some include wants; others are known from a rename only. */
  get isWanted(): boolean {
    for (const path of this.paths) if (this.source.filter.matches(path)) return true
    return false
  }

  /** Not read because its pod wants it so; nothing of it is lost. */
  get isLeftOut(): boolean {
    return this.container?.isLeftOut === true
  }

  get unreadBytes(): number {
    return this.packedAs || this.isLeftOut ? 0 : Math.max(this.size - this.position.offset, 0)
  }

  /**
   * What is lost of it where its file holds `sizeNow` bytes of another generation. A file that is not shorter than what
   * was seen may have been refilled before that look: its bytes were counted as lost, and then read.
   */
  lostBytesAt(sizeNow: number): number {
    if (sizeNow < this.size) return this.unreadBytes
    return Math.max(this.sureSize - this.position.offset, 0)
  }

  /** Takes over what a stat says; true where the file changed since the last one. */
  see(stat: FileStat): boolean {
    const isChanged = stat.mtimeMs !== this.mtimeMs || stat.size !== this.size
    this.mtimeMs = stat.mtimeMs
    if (stat.size > this.size) this.size = stat.size
    return isChanged
  }

  lose(reason: LossReason, bytes: number): void {
    if (bytes <= 0) return
    this.#lost ??= new Map()
    this.#lost.set(reason, (this.#lost.get(reason) ?? 0) + bytes)
  }

  /** What the next chunk reports; `reported` forgets it once that chunk is in the buffer. */
  get lost(): LostBytes[] {
    return this.#lost === undefined ? [] : [...this.#lost].map(([reason, bytes]) => ({ reason, bytes }))
  }

  reported(lost: readonly LostBytes[]): void {
    for (const { reason, bytes } of lost) {
      const left = (this.#lost?.get(reason) ?? 0) - bytes
      if (left > 0) this.#lost?.set(reason, left)
      else this.#lost?.delete(reason)
    }
  }
}
