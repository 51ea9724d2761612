import { webcrypto as crypto } from 'node:crypto'
import type { Instant } from '../../core/event.ts'
import { limits } from '../../core/limits.ts'
import { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import type { BumpState } from '../bumps.ts'
import type { LineBlock } from '../lane.ts'
import { entryBytes, EventArena } from './event-arena.ts'
import { StateFields } from './state-fields.ts'

/** A read, and a line that a short read before it left over. */
const mostBlockBytes = 2 * limits.readBytes
/** So many events fit a chunk: lines of 48 bytes. The rest of a block of shorter ones takes the general lane. */
const mostEvents = Math.ceil(mostBlockBytes / 48)

/** What holds for all lines of one call. */
export interface Reading {
  /** Bits of `mode…` in `kernel/wasm/lane-state.ts`. */
  readonly mode: number
  readonly routes: number
  readonly maxLineBytes: number
  readonly now: Instant
  /** Addresses of memos. */
  readonly keys: number
  readonly levels: number
  readonly levelNumbers: number
  readonly levelTexts: number
  readonly zone: number
  readonly meetings: number
  readonly shared: number
  readonly nestedKeys: number
  readonly members: number
  readonly program: number
  readonly slots: number
  readonly steps: number
  readonly facts: number
}

/** Lets the kernel go through the lines of blocks, and answers for where it stopped. One serves for all files of a source. */
export class BlockReader {
  readonly kernel = new Kernel()
  readonly arena: EventArena
  readonly #state: number
  readonly #fields: StateFields
  readonly #block: number
  readonly #scratch: number

  constructor() {
    const { kernel } = this
    const [low, high] = crypto.getRandomValues(new Uint32Array(2))
    kernel.functions.seedMemos(low!, high!)
    this.#state = kernel.reserve(state.stateBytes)
    this.#fields = new StateFields(kernel, this.#state)
    this.#block = kernel.reserve(mostBlockBytes)
    this.#scratch = kernel.reserve(mostBlockBytes)
    this.arena = new EventArena(kernel, this.#fields, {
      entries: mostEvents * entryBytes,
      // Lines, and their members where they are taken apart: twice as long as the lines, as a rule. Untouched pages cost nothing.
      heap: 4 * mostBlockBytes,
    })
  }

  /** Only whole lines of UTF-8 files, each with its newline. */
  static canTake({ bytes, truncated, partial, encoding }: LineBlock): boolean {
    const isWhole = truncated !== true && partial !== true && encoding === undefined
    return isWhole && bytes.length > 0 && bytes.length <= mostBlockBytes && bytes.at(-1) === 0x0a
  }

  /** Copies the block into the kernel's memory and turns to its first line. */
  begin({ bytes, from }: LineBlock, reading: Reading): void {
    const { kernel } = this
    kernel.bytes.set(bytes, this.#block)
    this.#fields.set(state.stateAt, this.#block)
    this.#fields.set(state.stateEnd, this.#block + bytes.length)
    kernel.bytes.writeBigInt64LE(BigInt(from - this.#block), this.#state + state.stateFileBase)
    this.#fields.set(state.stateMode, reading.mode)
    // Node's own writers take no negative numbers, and a mask has 32 bits.
    this.#fields.set(state.stateRoutes, reading.routes >>> 0)
    this.#fields.set(state.stateMaxLineBytes, reading.maxLineBytes)
    this.#fields.set(state.stateNowSeconds, reading.now.seconds)
    this.#fields.set(state.stateNowNanos, reading.now.nanos)
    this.#fields.set(state.stateKeys, reading.keys)
    this.#fields.set(state.stateLevels, reading.levels)
    this.#fields.set(state.stateLevelNumbers, reading.levelNumbers)
    this.#fields.set(state.stateLevelTexts, reading.levelTexts)
    this.#fields.set(state.stateZone, reading.zone)
    this.#fields.set(state.stateScratch, this.#scratch)
    this.#fields.set(state.stateMeetings, reading.meetings)
    this.#fields.set(state.stateShared, reading.shared)
    this.#fields.set(state.stateNestedKeys, reading.nestedKeys)
    this.#fields.set(state.stateMembers, reading.members)
    this.#fields.set(state.stateProgram, reading.program)
    this.#fields.set(state.stateSlots, reading.slots)
    this.#fields.set(state.stateSteps, reading.steps)
    this.#fields.set(state.stateFacts, reading.facts)
    this.#fields.set(state.stateFiltered, 0)
  }

  /** A `stop…` code. `open`: bits of the streams whose parts wait. */
  read(bumps: BumpState, open: number): number {
    this.#fields.set(state.stateOpenStreams, open)
    this.#setTime(state.stateLastSeconds, bumps.lastTime, bumps.lastBump)
    this.#setTime(state.stateReadingSeconds, bumps.lastReading, bumps.lastReadingBump)
    const stop = this.kernel.functions.readLines(this.#state)
    bumps.lastTime = this.#time(state.stateLastSeconds)
    bumps.lastBump = this.#u64(state.stateLastBump)
    bumps.lastReading = this.#time(state.stateReadingSeconds)
    bumps.lastReadingBump = this.#u64(state.stateReadingBump)
    return stop
  }

  /** What the kernel asks about, in its memory. */
  get asked(): { readonly at: number; readonly end: number; readonly test: number } {
    return {
      at: this.#fields.get(state.stateAskedAt),
      end: this.#fields.get(state.stateAskedEnd),
      test: this.#fields.get(state.stateAskedTest),
    }
  }

  /** Events of the block that steps have filtered out. */
  get filtered(): number {
    return this.#fields.get(state.stateFiltered)
  }

  /** Where in the block the next line begins. */
  get at(): number {
    return this.#fields.get(state.stateAt) - this.#block
  }

  set at(place: number) {
    this.#fields.set(state.stateAt, this.#block + place)
  }

  #time(field: number): Instant {
    return { seconds: this.#fields.get(field), nanos: this.#fields.get(field + 4) }
  }

  #setTime(field: number, { seconds, nanos }: Instant, bump: number): void {
    this.#fields.set(field, seconds)
    this.#fields.set(field + 4, nanos)
    this.#fields.set(field + 8, bump % 2 ** 32)
    this.#fields.set(field + 12, Math.floor(bump / 2 ** 32))
  }

  #u64(field: number): number {
    return this.#fields.get(field) + this.#fields.get(field + 4) * 2 ** 32
  }
}
