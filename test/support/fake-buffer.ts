import type { Hole } from '../../src/buffer/buffer.ts'
import type { Checkpoint, Chunk, LossReason, SharedMember } from '../../src/core/chunk.ts'

export interface Taken {
  readonly generation: string
  readonly path: string
  readonly from: number
  readonly to: number
  readonly text: string
  readonly flags: number
}

/** What a source emitted, kept as the buffer would: events copied, the newest checkpoint of each generation. */
export class FakeBuffer {
  readonly events: Taken[] = []
  /** For each of `events`, the members that all events of its chunk have. */
  readonly shared: (readonly SharedMember[])[] = []
  readonly chunks: Omit<Chunk, 'events'>[] = []
  readonly lost: Partial<Record<LossReason, number>> = {}
  readonly #checkpoints = new Map<string, Checkpoint>()
  #gate: Promise<void> = Promise.resolve()
  #open: () => void = () => {}
  #isBlocked = false
  #isClosed = false
  waiting = 0
  holes: Hole[] = []
  /** A kill right behind the first chunk of this kind. */
  killBehind: ((chunk: Chunk) => boolean) | undefined

  readonly emit = async (chunk: Chunk): Promise<void> => {
    this.waiting++
    await this.#gate
    this.waiting--
    if (this.#isClosed) throw new Error('the buffer is closed')
    const { events, ...rest } = chunk
    const before = this.#checkpoints.get(chunk.generation)
    if (chunk.moves && (before?.offset ?? 0) !== chunk.from && !isSkip(chunk, before))
      throw new Error(`a hole in ${chunk.checkpoint.path}: ${before?.offset ?? 0} then ${chunk.from}`)
    for (const { from, to, line, flags } of events) {
      const text = Buffer.from(line).toString()
      this.shared.push(chunk.shared)
      this.events.push({ generation: chunk.generation, path: chunk.checkpoint.path, from, to, text, flags })
    }
    this.chunks.push(rest)
    if (chunk.moves) this.#checkpoints.set(chunk.generation, chunk.checkpoint)
    for (const { reason, bytes } of chunk.lost) this.lost[reason] = (this.lost[reason] ?? 0) + bytes
    if (!this.killBehind?.(chunk)) return
    this.killBehind = undefined
    this.close()
  }

  get lines(): string[] {
    return this.events.map((event) => event.text)
  }

  get checkpoints(): readonly Checkpoint[] {
    return [...this.#checkpoints.values()]
  }

  get lostBytes(): number {
    return Object.values(this.lost).reduce((total, bytes) => total + bytes, 0)
  }

  /** From now on `emit` waits, as it does while the buffer is full. */
  block(): void {
    if (this.#isBlocked) return
    this.#isBlocked = true
    this.#gate = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  unblock(): void {
    this.#isBlocked = false
    this.#open()
    this.#gate = Promise.resolve()
  }

  /** As a kill: what is in hand never arrives. */
  close(): void {
    this.#isClosed = true
    this.unblock()
  }

  reopen(): void {
    this.#isClosed = false
  }
}

/** The first chunk of a start at the end. */
const isSkip = (chunk: Chunk, before: Checkpoint | undefined): boolean =>
  before === undefined && chunk.from === chunk.to
