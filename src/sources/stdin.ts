import type { Checkpoint, Chunk, GenerationId } from '../core/chunk.ts'
import type { Cancel } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import { encodingByMark, utf16le } from '../core/encoding.ts'
import type { Encoding } from '../core/encoding.ts'
import { joinResults, madeEvents } from './join-results.ts'
import type { FileLane, LaneResult, LineBlock } from '../lanes/lane.ts'
import type { FileStatus, SourceContext, SourceInstance, SourceRunner } from './source.ts'
import type { StdinConfig } from './stdin-source.ts'
import { StreamLines, type StreamLine, type StreamUnits } from './stream-lines.ts'

type StdinInstance = SourceInstance<StdinConfig>

/**
 * Reads standard input to its end: one generation for each run, as nothing tells where an earlier run stopped. What one
 * read brings is one chunk. Backpressure is the pipe's own: nothing is read while a chunk is on its way.
 */
export class StdinRunner implements SourceRunner {
  readonly #context: SourceContext
  readonly #instance: StdinInstance
  readonly #generation: GenerationId
  #lines: StreamLines
  /** Of the lines as they go to the lane; undefined for UTF-8. */
  #encoding: Encoding | undefined
  /** The first bytes, while they may yet be a byte order mark; undefined behind it. */
  #first: Buffer | undefined = Buffer.alloc(0)
  readonly #lane: FileLane
  /** One step at a time: a read's chunk, and what falls due by time. */
  #tail: Promise<unknown> = Promise.resolve()
  #offset = 0
  /** Lines that `auto` wants more of before it decides. */
  #waiting: StreamLine[] = []
  #waitingSinceMs = Number.NaN
  #cancelTimer: Cancel = () => {}
  #isStopping = false
  #input: AsyncIterator<Uint8Array | string> | undefined
  #ended: () => void = () => {}
  readonly #end: Promise<void>
  #failure: Error | undefined

  constructor(instance: StdinInstance, context: SourceContext) {
    this.#instance = instance
    this.#context = context
    this.#generation = context.newGeneration()
    this.#lines = new StreamLines(instance.config.max_line_bytes, unitsOf(instance.lane.encoding))
    this.#encoding = instance.lane.encoding
    this.#lane = instance.lane.open({ generation: this.#generation, path: '' })
    this.#end = new Promise((resolve) => {
      this.#ended = resolve
    })
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  async start(): Promise<void> {
    if (this.#isStopping) return
    this.#input = this.#context.stdin?.[Symbol.asyncIterator]()
    if (!this.#input) throw new Error('the stdin source was given no standard input')
    void this.#read(this.#input)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#cancelTimer()
    this.#ended()
    // A read that waits for a terminal never ends by itself: it is left behind, and what it brings is not taken.
    void this.#input?.return?.()?.catch(() => {})
    await this.#tail.catch(() => {})
  }

  /** What stdin holds is known at its end only. */
  drain(): Promise<void> {
    return this.#end
  }

  status(): readonly FileStatus[] {
    const { bytes } = this.#lines
    const { lane, name } = this.#instance
    const lagBytes = bytes - this.#offset
    const isOpen = this.#input !== undefined
    return [
      {
        source: name,
        path: '',
        id: this.#generation,
        size: bytes,
        offset: this.#offset,
        lagBytes,
        lane: lane.kind,
        isOpen,
      },
    ]
  }

  async #read(input: AsyncIterator<Uint8Array | string>): Promise<void> {
    try {
      await this.#inTurn(() => this.#endEarlierRuns())
      for (let part = await input.next(); !part.done && !this.#isStopping; part = await input.next()) {
        const bytes = typeof part.value === 'string' ? Buffer.from(part.value) : part.value
        await this.#inTurn(() => this.#take(this.#split(bytes, false), true))
        this.#armTimer()
      }
      if (!this.#isStopping) await this.#inTurn(() => this.#finish())
    } catch (error) {
      if (!this.#isStopping) this.#die(error)
    } finally {
      this.#cancelTimer()
      this.#ended()
    }
  }

  /** A run that was killed could not say that its generation is over. */
  async #endEarlierRuns(): Promise<void> {
    const { name } = this.#instance
    const { host, shared } = this.#lane
    for (const checkpoint of this.#context.checkpoints) {
      if (checkpoint.source !== name || checkpoint.goneAtMs > 0) continue
      const { generation, offset } = checkpoint
      const nothing = { moves: true, events: [], filtered: 0, parseErrors: 0, lost: [] }
      const gone = { ...checkpoint, goneAtMs: this.#context.clock.now() }
      const stretch = { from: offset, to: offset, checkpoint: gone }
      await this.#context.emit({ source: name, generation, host, shared, ...stretch, ...nothing })
    }
  }

  #die(error: unknown): void {
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#context.log.error({ error: this.#failure.stack }, 'reading stdin died')
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const turn = this.#tail.then(() => (this.#isStopping ? undefined : step()))
    this.#tail = turn.catch(() => {})
    return turn
  }

  /** By the byte order mark first: until it is known whether there is one, nothing is split. */
  #split(bytes: Uint8Array, isEnd: boolean): StreamLine[] {
    if (!this.#first) return this.#lines.push(bytes)
    const first = Buffer.concat([this.#first, bytes])
    const { encoding, isSure } = encodingByMark(first, this.#encoding)
    this.#first = isSure || isEnd ? undefined : first
    if (this.#first) return []
    const units = unitsOf(encoding)
    this.#lines = new StreamLines(this.#instance.config.max_line_bytes, units)
    this.#encoding = units === 'utf-16be' ? utf16le : encoding
    return this.#lines.push(first)
  }

  async #take(lines: readonly StreamLine[], mayWait: boolean): Promise<void> {
    this.#waiting.push(...lines)
    if (this.#waiting.length === 0) return
    const now = this.#context.clock.monotonic()
    if (Number.isNaN(this.#waitingSinceMs)) this.#waitingSinceMs = now
    const isEarly = now < this.#waitingSinceMs + limits.autoWaitMs && this.#waiting.length < limits.autoLines
    const results: LaneResult[] = []
    for (const block of this.#toBlocks(this.#waiting)) {
      const result = this.#lane.process(block, mayWait && isEarly && results.length === 0)
      if (result === 'wait') return
      results.push(result)
    }
    const { to } = this.#waiting.at(-1)!
    this.#waiting = []
    this.#waitingSinceMs = Number.NaN
    await this.#emit(to, results)
  }

  /** Time is up for `auto`, for a line without newline, or for fragments. */
  async #whenDue(isQuiet: boolean): Promise<void> {
    const now = this.#context.clock.monotonic()
    if (now >= this.#waitingSinceMs + limits.autoWaitMs) await this.#take([], false)
    if (isQuiet) {
      const partial = this.#lines.takePartial()
      if (partial) await this.#take([partial], false)
    }
    if ((this.#lane.deadline() ?? Infinity) <= now) await this.#emit(this.#offset, [this.#lane.flush(false)])
  }

  async #finish(): Promise<void> {
    const held = this.#first ? this.#split(new Uint8Array(0), true) : []
    await this.#take([...held, ...(await this.#lines.end())], false)
    await this.#emit(this.#offset, [this.#lane.flush(true)], this.#context.clock.now())
  }

  /** Armed anew by each read; the growth of the input is what the quiet time of a last line is counted from. */
  #armTimer(grewAtMs = this.#context.clock.monotonic()): void {
    this.#cancelTimer()
    if (this.#isStopping) return
    const { clock } = this.#context
    const quietAt = this.#lines.hasPartial ? grewAtMs + limits.partialLineMs : Infinity
    const waitingUntil = Number.isNaN(this.#waitingSinceMs)
      ? Infinity
      : this.#waitingSinceMs + limits.autoWaitMs
    const dueAt = Math.min(quietAt, waitingUntil, this.#lane.deadline() ?? Infinity)
    if (dueAt === Infinity) return
    this.#cancelTimer = clock.after(Math.max(dueAt - clock.monotonic(), 0), () => {
      void this.#inTurn(() => this.#whenDue(clock.monotonic() >= quietAt)).then(
        () => this.#armTimer(grewAtMs),
        (error: unknown) => (this.#isStopping ? undefined : this.#die(error)),
      )
    })
  }

  /** Neighbouring whole lines as one block, cut and unfinished ones each by itself. */
  #toBlocks(lines: readonly StreamLine[]): LineBlock[] {
    const encoding = this.#encoding
    const blocks: LineBlock[] = []
    let whole: StreamLine[] = []
    const flush = (): void => {
      const [first] = whole
      if (!first) return
      const bytes = this.#lines.bytesOf(whole.map((line) => `${line.text}\n`).join(''))
      blocks.push({ bytes, from: first.from, to: whole.at(-1)!.to, encoding })
      whole = []
    }
    for (const line of lines) {
      if (!line.truncated && !line.partial) whole.push(line)
      else {
        flush()
        const { from, to, truncated, partial } = line
        blocks.push({ bytes: this.#lines.bytesOf(line.text), from, to, encoding, truncated, partial })
      }
    }
    flush()
    return blocks
  }

  async #emit(to: number, results: readonly LaneResult[], goneAtMs = 0): Promise<void> {
    const last = results.at(-1)
    if (to === this.#offset && !results.some(madeEvents) && (goneAtMs === 0 || to === 0)) return
    const made = joinResults(results)
    const chunk: Chunk = {
      source: this.#instance.name,
      generation: this.#generation,
      host: this.#lane.host,
      from: this.#offset,
      to,
      checkpoint: this.#checkpoint(to, last, goneAtMs),
      moves: true,
      shared: this.#lane.shared,
      ...made,
      lost: [],
    }
    await this.#context.emit(chunk)
    this.#lane.recycle?.(made.events)
    this.#offset = to
  }

  #checkpoint(offset: number, last: LaneResult | undefined, goneAtMs: number): Checkpoint {
    return {
      source: this.#instance.name,
      generation: this.#generation,
      path: '',
      device: 0,
      inode: 0,
      headLength: 0,
      headHash: 0,
      mark: new Uint8Array(0),
      offset,
      // Nobody can read stdin again: fragments of a killed run are gone with it.
      pending: [],
      parser: last?.parser ?? '',
      lastTime: last?.lastTime ?? { seconds: 0, nanos: 0 },
      lastBump: last?.lastBump ?? 0,
      goneAtMs,
    }
  }
}

/** Lines in UTF-16BE are handed on as UTF-16LE, so that one form is enough. */
const unitsOf = (encoding: Encoding | undefined): StreamUnits =>
  encoding?.name === 'utf-16le' || encoding?.name === 'utf-16be' ? encoding.name : 'bytes'

/** Stdin can be read once: a second source of this type gets what is left, which is nothing. */
export function createStdin(instances: readonly StdinInstance[], context: SourceContext): SourceRunner {
  const [instance, ...others] = instances
  for (const { name } of others)
    context.log.warn({ source: name, reader: instance!.name }, 'stdin is read by one source only')
  return new StdinRunner(instance!, context)
}
