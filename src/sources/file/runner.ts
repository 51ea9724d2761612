import type { Checkpoint } from '../../core/chunk.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import type { FileStatus, SourceContext, SourceRunner, UnreadablePath } from '../source.ts'
import { Departed } from './departed.ts'
import { Descriptors, type Hold } from './descriptors.ts'
import { Discovery } from './discovery/discovery.ts'
import { InotifyWatch, type FolderListener, type FolderWatch } from './discovery/folder-watch.ts'
import { startOfFile, type FileSourceState, type Generation } from './generation.ts'
import { ContainerGate } from './reading/container-gate.ts'
import { Holes } from './reading/holes.ts'
import { ReadBuffer } from './reading/read-window.ts'
import { Round } from './reading/round.ts'
import { Inheritance } from './reading/inheritance.ts'
import { Lock } from './lock.ts'
import { Registry } from './registry.ts'
import { Rotation, type Workshop } from './rotation.ts'
import { Schedule } from './schedule.ts'
import { Siblings } from './siblings.ts'
import { Sightings } from './discovery/sightings.ts'
import { Tailer, type TurnEnd } from './reading/tailer.ts'

/** What tests and later settings may change. */
export interface Tuning {
  /** The most open descriptors; sockets, the buffer and the rest of the process need theirs. */
  readonly maxDescriptors: number
  readonly sweepMs: number
  readonly watchFolders: (listener: FolderListener) => FolderWatch
}

export const usualTuning: Tuning = {
  maxDescriptors: 256,
  sweepMs: 1000,
  watchFolders: (listener) => new InotifyWatch(listener),
}

/** A file that cannot be read is tried again after this. */
const retryMs = 5000
/** A deleted file is read so long after its last growth, a file that moved to nowhere we look so long. */
const deletedQuietMs = 5000
const movedQuietMs = 60_000

/** Tails the files of all sources: one loop reads and emits, another discovers. */
export class FileRunner implements SourceRunner {
  readonly #context: SourceContext
  readonly #sources: readonly FileSourceState[]
  readonly #shop: Workshop
  readonly #lock = new Lock()
  readonly #rotation: Rotation
  readonly #discovery: Discovery
  readonly #tailer: Tailer
  readonly #round: Round
  readonly #inheritance: Inheritance
  readonly #gate: ContainerGate
  readonly #holes: Holes
  readonly #drained = new Set<() => void>()
  readonly #draining = new Set<Generation>()
  readonly #warned = new WeakSet<Generation>()
  #loops: Promise<unknown> | undefined
  #isStopping = false
  #failure: Error | undefined

  constructor(sources: readonly FileSourceState[], context: SourceContext, tuning: Tuning) {
    const { clock, fileSystem, log } = context
    this.#context = context
    this.#sources = sources
    this.#shop = {
      registry: new Registry(),
      descriptors: new Descriptors(clock, tuning.maxDescriptors),
      schedule: new Schedule(clock),
      siblings: new Siblings(fileSystem),
      departed: new Departed(),
      fileSystem,
      clock,
      newGeneration: () => context.newGeneration(),
    }
    const { descriptors, registry } = this.#shop
    const emit = context.emit.bind(context)
    this.#rotation = new Rotation(this.#shop)
    const buffer = new ReadBuffer()
    this.#tailer = new Tailer(emit, clock, buffer)
    this.#round = new Round({ descriptors, buffer, clock, emit })
    this.#inheritance = new Inheritance({ registry, descriptors, tailer: this.#tailer })
    this.#holes = new Holes({ registry, descriptors, emit, sources, checkpoints: context.checkpoints })
    const { containers } = context
    this.#gate = new ContainerGate({ containers, registry, schedule: this.#shop.schedule, log })
    const sightings = new Sightings(this.#shop, this.#rotation, sources, log)
    const { sweepMs, watchFolders } = tuning
    const { lock, rotation, shop } = { lock: this.#lock, rotation: this.#rotation, shop: this.#shop }
    this.#discovery = new Discovery({ shop, rotation, sightings, sources, lock, log, sweepMs, watchFolders })
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** Resolves when all files that are there are known and the oldest of them open; reading goes on behind it. */
  async start(): Promise<void> {
    if (this.#isStopping) return
    await this.#discovery.start(this.#context.checkpoints)
    this.#loops = Promise.all([this.#guard(this.#read()), this.#guard(this.#discovery.run())])
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#gate.close()
    this.#shop.schedule.stop()
    await this.#discovery.stop()
    await this.#loops
    await this.#lock.run(() => this.#shop.descriptors.closeAll())
    this.#endDrains()
  }

  async drain(): Promise<void> {
    await this.#discovery.scanAll()
    const { fileSystem, registry, schedule } = this.#shop
    const generations = [...registry.all()]
    for (const generation of generations) {
      const path = [...generation.paths][0]
      const stat = await (generation.file?.stat() ?? (path ? fileSystem.stat(path) : undefined))?.catch(
        () => undefined,
      )
      if (stat) generation.see(stat)
      if (generation.isGone) continue
      generation.drainTo = generation.size
      this.#draining.add(generation)
      schedule.soon(generation)
    }
    await new Promise<void>((resolve) => {
      this.#drained.add(resolve)
      this.#checkDrained()
    })
  }

  /** Files that were read before and cannot be opened any more, too. */
  unreadable(): readonly UnreadablePath[] {
    const refused = [...this.#shop.registry.all()].flatMap(({ refusal, source, paths, path, file, isGone }) =>
      refusal === '' || file || isGone
        ? []
        : [{ source: source.name, path: [...paths][0] ?? path, reason: refusal }],
    )
    return [...this.#discovery.unreadable(), ...refused]
  }

  status(): readonly FileStatus[] {
    return [...this.#shop.registry.all()].map((generation) => ({
      source: generation.source.name,
      path: [...generation.paths][0] ?? generation.path,
      id: generation.id,
      size: generation.size,
      offset: generation.position.offset,
      lagBytes: generation.unreadBytes,
      lane: generation.source.lane.kind,
      isOpen: generation.file !== undefined,
    }))
  }

  async #guard(loop: Promise<void>): Promise<void> {
    try {
      await loop
    } catch (error) {
      // While the agent stops, the buffer refuses what is still in hand: the checkpoints say where to go on.
      if (this.#isStopping) return
      this.#failure = error instanceof Error ? error : new Error(String(error))
      this.#context.log.error({ error: this.#failure.stack }, 'reading files died')
      this.#isStopping = true
      this.#shop.schedule.stop()
      this.#endDrains()
      await this.#discovery.stop()
    }
  }

  async #read(): Promise<void> {
    const { schedule } = this.#shop
    await this.#announceDisinherited()
    await this.#announceSources()
    await this.#holes.readAgain(this.#context.holes)
    while (!this.#isStopping) {
      const generation = schedule.next()
      if (generation) await this.#turns(generation)
      else await schedule.wait()
    }
  }

  /** Generations whose pending lines a kill left with two of them: told before the heir goes on. */
  async #announceDisinherited(): Promise<void> {
    for (const generation of this.#shop.registry.all()) {
      const { ending, isAnnounced, isGone, mustAnnounce } = generation
      if (!mustAnnounce || !isAnnounced || isGone || ending) continue
      await this.#inheritance.openLane(generation)
      await this.#tailer.announce(generation)
    }
  }

  /**
   * `start_at: end` must know at the next start that the source has run, even if there was no file: a marker says so. The
   * files that were skipped are told first, all of them: an agent that stops at once (the admin port is in use) would
   * otherwise read them whole at its next start.
   */
  async #announceSources(): Promise<void> {
    for (const source of this.#sources) {
      if (!source.startAtEnd || !source.isFirstRun) continue
      await this.#announceSkipped(source)
      const generation = this.#shop.newGeneration()
      const lane = source.lane.open({ generation, path: '' })
      const { host, shared } = lane
      const { head, ...rest } = startOfFile
      const identity = { device: 0, inode: 0, headLength: head.length, headHash: head.hash, goneAtMs: 0 }
      const checkpoint: Checkpoint = { source: source.name, generation, path: '', ...identity, ...rest }
      const nothing = { from: 0, to: 0, moves: true, events: [], filtered: 0, parseErrors: 0, lost: [] }
      await this.#context.emit({ source: source.name, generation, host, shared, checkpoint, ...nothing })
    }
  }

  async #announceSkipped(source: FileSourceState): Promise<void> {
    for (const generation of this.#shop.registry.all()) {
      if (generation.source !== source || !generation.mustAnnounce || generation.isGone) continue
      await this.#inheritance.openLane(generation)
      await this.#tailer.announce(generation)
    }
  }

  /** Plain turns of as many files as there are in line before one that is not plain, and the turn of that one. */
  async #turns(first: Generation): Promise<void> {
    const { schedule } = this.#shop
    let generation: Generation | undefined = first
    while (generation && this.#round.take(generation))
      generation = this.#round.isFull ? undefined : schedule.next()
    for (const read of await this.#round.end()) {
      if (read.lane?.deadline() !== undefined) await this.#tailer.flushLane(read, false)
      this.#ended(read)
    }
    if (generation && !this.#isStopping) await this.#turn(generation)
  }

  async #turn(generation: Generation): Promise<void> {
    if (generation.isGone || generation.predecessor) return
    if (generation.ending) return this.#finish(generation)
    const way = this.#gate.look(generation)
    if (way === 'wait') return this.#shop.schedule.later(generation)
    if (way === 'leave') return this.#leave(generation)
    generation.isBusy = true
    const flush = generation.drainTo !== undefined
    let end: TurnEnd | 'failed'
    try {
      const hold = await this.#shop.descriptors.hold(generation)
      if (hold.kind !== 'held') return await this.#withoutFile(generation, hold)
      end = await this.#readTurn(generation, flush)
    } finally {
      generation.isBusy = false
    }
    if (end === 'failed') return
    if (end === 'packed') this.#warnOfPacked(generation)
    if (end === 'mismatch') await this.#refilled(generation)
    else if (end === 'more') await this.#goOn(generation)
    else if (flush) this.#atEnd(generation)
    else this.#ended(generation)
  }

  /** Its pod wants it so. It waits for nobody and nobody for it. */
  async #leave(generation: Generation): Promise<void> {
    generation.dueAtMs = Infinity
    await this.#shop.descriptors.close(generation)
    this.#atEnd(generation)
  }

  /** A turn that was to flush nothing is over. */
  #ended(generation: Generation): void {
    // A drain that was asked for in the middle of this turn: its unfinished line still has to be sent.
    if (generation.drainTo !== undefined) this.#shop.schedule.soon(generation)
    else this.#atEnd(generation)
  }

  async #readTurn(generation: Generation, flush: boolean): Promise<TurnEnd | 'failed'> {
    try {
      await this.#inheritance.openLane(generation)
      if (generation.mustAnnounce) await this.#tailer.announce(generation)
      const end = await this.#tailer.turn(generation, { flush, hurry: generation.followers.size > 0 })
      this.#round.answered(generation, generation.usedAtMs)
      return end
    } catch (error) {
      if (this.#isStopping || systemErrorCode(error) === '') throw error
      await this.#shop.descriptors.close(generation)
      this.#retryLater(generation, `cannot be read (${systemErrorCode(error)})`)
      return 'failed'
    }
  }

  #warnOfPacked(generation: Generation): void {
    const fields = { format: generation.packedAs }
    this.#warnOnce(generation, fields, 'a file that matches is compressed and is not read; exclude it')
  }

  #warnOnce(generation: Generation, fields: object, message: string): void {
    if (this.#warned.has(generation)) return
    this.#warned.add(generation)
    this.#context.log.warn({ path: generation.path, ...fields }, message)
  }

  async #goOn(generation: Generation): Promise<void> {
    const { drainTo, position } = generation
    if (drainTo !== undefined && position.offset >= drainTo && !generation.skim) {
      await this.#tailer.flushLane(generation, true)
      this.#doneDraining(generation)
    }
    this.#shop.schedule.soon(generation)
  }

  #atEnd(generation: Generation): void {
    const { clock, schedule } = this.#shop
    this.#rotation.release(generation)
    this.#doneDraining(generation)
    if (generation.isOrphan) {
      const quietMs = generation.isUnlinked ? deletedQuietMs : movedQuietMs
      const endsAtMs = Math.max(generation.grewAtMs, generation.orphanedAtMs) + quietMs
      if (clock.monotonic() >= endsAtMs) return this.#rotation.end(generation, 'deleted')
      generation.dueAtMs = Math.min(generation.dueAtMs, endsAtMs)
    }
    generation.isIdle = !schedule.has(generation)
    schedule.later(generation)
  }

  async #finish(generation: Generation): Promise<void> {
    const isBack = generation.wasGivenUp && this.#shop.departed.isRecalled(generation.id)
    if (!isBack) await this.#tailer.finish(generation)
    await this.#lock.run(() => this.#rotation.bury(generation))
    this.#doneDraining(generation)
  }

  async #refilled(generation: Generation): Promise<void> {
    await this.#lock.run(() => this.#rotation.refilled(generation))
    for (const other of this.#shop.registry.all()) if (other.drainTo !== undefined) this.#draining.add(other)
  }

  /** Its name leads elsewhere, or nothing may be opened there. */
  async #withoutFile(generation: Generation, hold: Hold): Promise<void> {
    if (hold.kind === 'changed') return this.#refilled(generation)
    if (hold.kind === 'missing' || hold.kind === 'other')
      await this.#lock.run(() => this.#discovery.lookAgain(generation))
    if (generation.isGone || generation.ending) return
    this.#retryLater(generation, 'reason' in hold ? hold.reason : 'is another file now')
  }

  #retryLater(generation: Generation, reason: string): void {
    generation.refusal = reason
    if (!this.#isStopping) this.#warnOnce(generation, {}, `a file that matches ${reason}; trying again`)
    // It must not hold up the file after it.
    this.#rotation.release(generation)
    this.#doneDraining(generation)
    generation.dueAtMs = this.#shop.clock.monotonic() + retryMs
    this.#shop.schedule.later(generation)
  }

  #doneDraining(generation: Generation): void {
    generation.drainTo = undefined
    if (this.#draining.delete(generation)) this.#checkDrained()
  }

  #checkDrained(): void {
    if (this.#draining.size === 0 || this.#isStopping) this.#endDrains()
  }

  #endDrains(): void {
    for (const resolve of this.#drained) resolve()
    this.#drained.clear()
  }
}
