import assert from 'node:assert/strict'
import type { Buffer as NodeBuffer } from 'node:buffer'
import type { StoredEvent } from '../../src/buffer/buffer.ts'
import type { DiskBuffer } from '../../src/buffer/disk-buffer.ts'
import { AgentError } from '../../src/core/errors.ts'
import { limits } from '../../src/core/limits.ts'
import { generationOf, inBuffer, openTestBuffer, settleDown } from './disk-buffer.ts'
import type { BufferSetup, Step } from './buffer-steps.ts'
import { FakeClock, whileTimePasses } from './fake-clock.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import type { Operation } from './memory-file-system.ts'
import { newModelSink } from './model-sink.ts'
import type { ModelSink } from './model-sink.ts'
import { idOf, isFilteredAt, linesBytes, modelChunk, source } from './model-lines.ts'
import { ReadFaults, randomFrom, usedBytes, writeFaultOf } from './read-faults.ts'

/**
 * Three endless files of numbered lines of eight bytes, two sinks, and a disk that fails. It drives a real buffer the
 * way the agent does: a file is read on where the newest checkpoint says, one append at a time.
 */
export class BufferModel {
  readonly #disk = new MemoryFileSystem()
  readonly #reads = new ReadFaults(this.#disk)
  #writeFault: ((operation: Operation) => boolean) | undefined
  readonly #setup: BufferSetup
  readonly #sinks = ['es', 'loki'].map(newModelSink)
  /** Offsets that must survive whatever comes: appended and synced. */
  readonly #safe = new Map<string, number>()
  readonly #pending = new Map<string, Promise<void>>()
  #clock = new FakeClock()
  #buffer!: DiskBuffer
  #history: string[] = []
  /** A power cut may have kept a record and lost the one before it: from there on stretches are read again. */
  #isTorn = false
  /** A stretch that was settled and saved may be read again. */
  #mayComeBack = false
  #run = 0

  private constructor(setup: BufferSetup) {
    this.#setup = setup
  }

  static async open(setup: BufferSetup): Promise<BufferModel> {
    const model = new BufferModel(setup)
    await model.#open()
    return model
  }

  async run(step: Step): Promise<void> {
    this.#history.push(step.kind)
    switch (step.kind) {
      case 'append':
        return this.#append(step.file, step.lines, 0)
      case 'appendLarge':
        return this.#append(step.file, 1, step.kilobytes * 1024)
      case 'appendFiltered':
        return this.#append(step.file, 0, 0, 3)
      case 'appendTogether':
        await Promise.all([0, 1, 2].map((file) => this.#append(file, step.lines, 0)))
        return undefined
      case 'settle':
        return this.#settle(this.#sinks[step.sink]!, step.records, step.share)
      case 'settleLate':
        return this.#settleOpen(this.#sinks[step.sink]!, 1)
      case 'save':
        return this.#save(this.#sinks[step.sink]!)
      case 'wait':
        return this.#wait(step.ms)
      case 'restart':
        return this.#restart()
      case 'crash':
        return this.#crash(step.unsynced, step.seed)
      case 'fault':
        return this.#fault(step)
      case 'refuse':
      case 'refuseFor':
      case 'shortReads':
        return this.#reads.begin(step, () => this.#clock.now())
      case 'badSector':
        return this.#breakSector(step)
      case 'diskReads':
        return this.#reads.heal()
      case 'diskFull':
        this.#disk.capacity = (await usedBytes(this.#disk)) + step.spareBytes
        return undefined
      case 'diskFreed':
        this.#disk.capacity = Infinity
        return undefined
      case 'park':
        return this.#park(this.#sinks[step.sink]!)
    }
  }

  /** What has to hold after every step. */
  check(): void {
    for (const { name, cursor } of this.#sinks) {
      if (!cursor) continue
      const left = inBuffer(this.#buffer, cursor, source)
      assert.ok(left >= 0, `${name} has settled more than was read`)
      assert.equal(cursor.lag().events, left)
      assert.ok(cursor.lag().handedOut <= left)
      const { damaged } = cursor.counts.get(source)?.dropped ?? {}
      if (!this.#isTorn) assert.equal(damaged, undefined, `${name}: nothing is damaged here`)
    }
    if (!this.#isTorn) assert.deepEqual(this.#buffer.holes(), [])
    this.#checkOffsets()
  }

  /** The disk is well again: everything that was read arrives, and the sums are exact. */
  async finish(): Promise<void> {
    this.#writeFault = undefined
    this.#disk.capacity = Infinity
    for (const sink of this.#sinks) await this.#resume(sink)
    await this.#drain()
    assert.equal(this.#pending.size, 0, 'an append waits for ever')
    this.#reads.healLast()
    await this.#restart()
    await this.#drain()
    for (const sink of this.#sinks) {
      await this.#settle(sink, 1000, 1)
      assert.equal(inBuffer(this.#buffer, sink.cursor!, source), 0)
      this.#checkArrived(sink)
    }
    // Cursors are not saved past damage before its stretches are noted, which a sector that stays broken holds up.
    await this.#wait(this.#reads.isActive ? 120_000 : 20_000)
    assert.equal(this.#pending.size, 0)
    const segments = [...this.#disk.files('/data/buffer').keys()].filter((path) => path.endsWith('.seg'))
    // A segment that was written again has no table of its own, one with a broken sector may have none that can be read:
    // either stays until there are two newer tables.
    const most = 2 + Number(this.#hasRewritten) + Number(this.#history.includes('badSector'))
    assert.ok(segments.length <= most, `at rest there are ${segments.length} segments`)
    await this.#close()
  }

  /** The end of a segment may have been written again in another one. */
  get #hasRewritten(): boolean {
    return this.#history.includes('fault') || this.#history.includes('diskFull')
  }

  /** Rounds enough for a broken sector, which each cursor meets for itself, and once more whoever looks for the holes. */
  async #drain(): Promise<void> {
    // Whoever looks for the holes has a patience of its own, behind that of the cursors.
    const quietRounds = this.#reads.isActive ? limits.unreadableInAllMs / 1000 + 10 : 1
    let quiet = 0
    for (let rounds = 0; rounds < 300 && quiet < quietRounds; rounds += 1) {
      this.#readHolesAgain()
      for (const sink of this.#sinks) {
        this.#settleOpen(sink, 1)
        await this.#settle(sink, 1000, 1)
      }
      await this.#wait(1000)
      const isQuiet =
        this.#pending.size + this.#buffer.holes().length === 0 &&
        this.#sinks.every(({ cursor }) => cursor!.lag().events === 0)
      quiet = isQuiet ? quiet + 1 : 0
    }
  }

  #checkArrived(sink: ModelSink): void {
    const { dropped, acknowledged } = sink.cursor!.counts.get(source) ?? { dropped: {}, acknowledged: 0 }
    const hasDropped = (dropped.buffer_full ?? 0) + (dropped.sink_removed ?? 0) > 0
    if (hasDropped) return
    const lost: string[] = []
    let events = 0
    for (const { generation, offset } of this.#buffer.checkpoints()) {
      for (let at = 0; at < offset; at += linesBytes) {
        if (isFilteredAt(at)) continue
        if (sink.settled.has(`${generation}@${at}`)) events += 1
        else lost.push(`${generation}@${at}`)
      }
    }
    if (!this.#isTorn) assert.equal(acknowledged, events)
    // With the only header nobody knows what stood before the oldest record: counted, and not read again. Where the slot
    // that says "parked" is broken, what was deleted since counts as damaged.
    const isParkingLost = this.#reads.brokeCursor && this.#history.includes('park')
    // A segment that was written again has no table; once the one before it is gone, nobody knows where a record began that
    // a broken sector hides in it: counted, and not read again (CHANGELOG's known holes).
    const isWithoutTable = this.#hasRewritten && this.#history.includes('badSector')
    const isCounted = this.#reads.brokeHeader || isParkingLost || isWithoutTable
    const counted = isCounted ? (dropped.damaged ?? 0) : 0
    assert.ok(lost.length <= counted, `${sink.name}: lost are ${lost.join()}`)
    assert.deepEqual(this.#buffer.holes(), [])
  }

  #checkOffsets(): void {
    const offsets = new Map(this.#buffer.checkpoints().map((each) => [each.generation, each.offset]))
    let lines = 0
    for (const offset of offsets.values()) lines += offset / linesBytes
    const read = this.#buffer.sourceCounts().get(source)?.readEvents ?? 0
    // What is read again is counted again.
    if (this.#isTorn) assert.ok(read >= lines)
    else assert.equal(read, lines)
    for (const [generation, safe] of this.#safe) {
      assert.ok((offsets.get(generation) ?? 0) >= safe, `${generation} went back behind what was synced`)
    }
  }

  async #append(file: number, lines: number, largeBytes: number, filtered = 0): Promise<void> {
    const generation = generationOf(file + 1)
    if (this.#pending.has(generation)) return
    const from = this.#offset(generation)
    const chunk = modelChunk(generation, from, { lines, largeBytes, filtered })
    const [run, buffer] = [this.#run, this.#buffer]
    const appended = buffer.append(chunk).then(
      () => {
        if (run === this.#run) this.#pending.delete(generation)
        if (run === this.#run && this.#setup.fsync === 'always') this.#safe.set(generation, chunk.to)
        return undefined
      },
      () => {},
    )
    this.#pending.set(generation, appended)
    await settleDown()
  }

  /** As the tailer does at its start. */
  #readHolesAgain(): void {
    for (const { generation, from, to } of this.#buffer.holes()) {
      const key = `${generation}@${from}`
      if (this.#pending.has(key)) continue
      const [run, lines] = [this.#run, (to - from) / linesBytes]
      const chunk = { ...modelChunk(generation, from, { lines, largeBytes: 0, filtered: 0 }), moves: false }
      const appended = this.#buffer.append(chunk).then(
        () => void (run === this.#run && this.#pending.delete(key)),
        () => {},
      )
      this.#pending.set(key, appended)
    }
  }

  async #settle(sink: ModelSink, records: number, share: number): Promise<void> {
    if (!sink.cursor) return
    for (let left = records; left > 0; left -= 1) {
      const given = await sink.cursor.next().catch((error: unknown) => this.#expectRefusal(error))
      if (!given) break
      for (const index of given.events) {
        const event = given.record.event(index)
        const isNew = this.#mayComeBack || !sink.saved.has(idOf(event))
        assert.ok(isNew, `${sink.name}: ${idOf(event)} was settled and saved, and comes back`)
        assert.ok(
          event.line.length > 7 || String(event.line) === String(event.from).padStart(linesBytes - 1, '0'),
        )
        if (index % share === 0) this.#settleOne(sink, event)
        else sink.open.push(event)
      }
    }
  }

  #settleOpen(sink: ModelSink, share: number): undefined {
    const { open } = sink
    sink.open = open.filter((_, index) => index % share !== 0)
    for (const [index, event] of open.entries()) if (index % share === 0) this.#settleOne(sink, event)
  }

  #settleOne(sink: ModelSink, event: StoredEvent): void {
    // Its bytes may be another record's afterwards.
    const id = idOf(event)
    if (!sink.cursor!.settle(event, 'acknowledged')) return
    assert.ok(!sink.cursor!.settle(event, 'acknowledged'))
    sink.settled.add(id)
  }

  async #save(sink: ModelSink): Promise<void> {
    if (!sink.cursor) return
    const settled = [...sink.settled]
    const [run, cursor] = [this.#run, sink.cursor]
    const saving = Promise.allSettled([cursor.save()]).then(([{ status }]) => status === 'fulfilled')
    const isSaved = await Promise.race([saving, settleDown(40)])
    if (isSaved !== true || run !== this.#run || cursor !== sink.cursor) return
    for (const id of settled) if (this.#isOfRun(sink, id)) sink.saved.add(id)
  }

  /** What was settled in an earlier run and lost with it may come back: only this cursor's own settling is saved. */
  #isOfRun(sink: ModelSink, id: string): boolean {
    return sink.settled.has(id) && !this.#unsavedBefore.get(sink.name)?.has(id)
  }

  readonly #unsavedBefore = new Map<string, Set<string>>()

  async #wait(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      await this.#clock.advance(Math.min(left, 1000))
      await settleDown()
    }
  }

  async #restart(): Promise<void> {
    await this.#close()
    await this.#open()
  }

  async #close(): Promise<void> {
    const closing = this.#buffer.close()
    await Promise.race([closing, this.#wait(10_000)])
    await closing
    this.#forgetRun()
  }

  async #crash(unsynced: 'lost' | 'kept' | 'torn', seed: number): Promise<void> {
    const next = randomFrom(seed)
    const random = (): number => next() / 2 ** 31
    this.#forgetRun()
    if (unsynced === 'torn') this.#isTorn = true
    this.#writeFault = undefined
    this.#disk.crash({ unsynced, random })
    this.#takeFaults()
    const { capacity } = this.#disk
    this.#disk.capacity = Infinity
    await this.#open()
    this.#disk.capacity = capacity
  }

  #forgetRun(): void {
    this.#run += 1
    this.#pending.clear()
    for (const sink of this.#sinks) {
      sink.open = []
      const unsaved = [...sink.settled].filter((id) => !sink.saved.has(id))
      this.#unsavedBefore.set(sink.name, new Set(unsaved))
    }
  }

  #fault(step: Step & { readonly kind: 'fault' }): void {
    // Twice at a stop, and the next start cannot know that the disk has dropped what the kernel still shows.
    if (step.on === 'datasync' && step.times > 1) this.#isTorn = this.#mayComeBack = true
    this.#writeFault = writeFaultOf(step)
  }

  #takeFaults(): void {
    this.#disk.fault = (operation) =>
      (this.#writeFault?.(operation) ?? false) || this.#reads.refuses(operation) ? 'EIO' : undefined
  }

  #breakSector(step: Step & { readonly kind: 'badSector' }): void {
    if (!this.#reads.breakSector(step)) return
    // What stood in it is given up, some time, and read again.
    this.#isTorn = this.#mayComeBack = true
  }

  #expectRefusal(error: unknown): undefined {
    if (!this.#reads.isActive || !/EIO/.test(String(error))) throw error
    return undefined
  }

  async #park(sink: ModelSink): Promise<void> {
    if (!sink.cursor) return this.#resume(sink)
    await this.#buffer.parkCursor(sink.name)
    sink.cursor = undefined
    sink.open = []
    const unsaved = [...sink.settled].filter((id) => !sink.saved.has(id))
    this.#unsavedBefore.set(sink.name, new Set(unsaved))
  }

  async #resume(sink: ModelSink): Promise<void> {
    if (sink.cursor) return
    sink.cursor = await this.#waitFor(this.#buffer.openCursor(this.#sinkOf(sink)))
  }

  #sinkOf({ name }: ModelSink): { name: string; whenFull: BufferSetup['whenFull'] } {
    return { name, whenFull: name === 'loki' ? this.#setup.whenFull : 'block' }
  }

  async #open(): Promise<void> {
    const clock = (this.#clock = new FakeClock(this.#clock.now() + 1))
    const { fsync, maxBytes, retainMs } = this.#setup
    const sinks = this.#sinks.map((sink) => this.#sinkOf(sink))
    const options = { clock, fsync, maxBytes, retainMs, sinks }
    const before = this.#reads.isActive ? this.#disk.files('/data') : new Map<string, NodeBuffer>()
    this.#takeFaults()
    const opened = await this.#waitFor(openTestBuffer(this.#disk, options)).catch((error: unknown) => {
      // It may refuse to start on a disk that fails, and must then leave everything as it was.
      assert.match(String(error), /EIO|ENOSPC/)
      if (error instanceof AgentError) this.#reads.checkUntouched(before)
      this.#writeFault = undefined
      this.#reads.heal()
      this.#disk.capacity = Infinity
      return openTestBuffer(this.#disk, options)
    })
    this.#buffer = opened.buffer
    for (const sink of this.#sinks) {
      sink.cursor = undefined
      await this.#resume(sink)
    }
    // What a broken sector hides at the log's end is read again from the file.
    if (this.#reads.hides)
      for (const [generation, safe] of this.#safe)
        this.#safe.set(generation, Math.min(safe, this.#offset(generation)))
    this.#readHolesAgain()
  }

  /** Time passes while a start waits for its disk. */
  async #waitFor<Result>(work: Promise<Result>): Promise<Result> {
    if (this.#reads.isActive) await whileTimePasses(work, () => this.#wait(1000)).catch(() => {})
    return work
  }

  #offset(generation: string): number {
    return this.#buffer.checkpoints().find((each) => each.generation === generation)?.offset ?? 0
  }
}
