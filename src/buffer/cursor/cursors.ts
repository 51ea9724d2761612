import { dirname } from 'node:path'
import { newSinkCounts } from '../../core/ledger.ts'
import type { FileSystem } from '../../core/file-system.ts'
import { PatientDisk } from '../../platform/patient-disk.ts'
import type { Cursor, SinkInBuffer } from '../buffer.ts'
import { DiskCursor } from './cursor.ts'
import type { CursorLog } from './cursor.ts'
import { CursorFile } from './cursor-file.ts'
import type { CursorState } from '../format/cursor-codec.ts'
import { encodeCursor } from '../format/cursor-codec.ts'

export interface CursorsOptions extends CursorLog {
  readonly fileSystem: FileSystem
  readonly directory: string
  /** By sink: all cursor files that are there, and an empty one for each new sink. */
  readonly files: Map<string, CursorFile>
}

/** The cursors of all sinks. Held ones keep segments, whether their sink runs yet or not; parked ones do not. */
export class Cursors {
  readonly #options: CursorsOptions
  readonly #held = new Map<string, DiskCursor>()
  /** Held only until their parking is saved. */
  readonly #parking = new Set<string>()
  readonly #isParkingNow = new Set<string>()

  constructor(options: CursorsOptions) {
    this.#options = options
  }

  get held(): readonly DiskCursor[] {
    return [...this.#held.values()]
  }

  /** All records up to this sequence are settled by every sink. */
  get settledSequence(): number {
    return Math.min(Infinity, ...this.held.map((cursor) => cursor.settledSequence))
  }

  isHeld(sink: string): boolean {
    return this.#held.has(sink)
  }

  /** At a start: holds the place of every configured sink, and marks the others as parked. */
  async begin(sinks: readonly SinkInBuffer[]): Promise<void> {
    for (const sink of sinks) await this.#hold(sink)
    for (const [sink, file] of this.#options.files) {
      if (this.#held.has(sink)) continue
      await this.#markParked(sink, file)
      await file.close()
      this.#options.files.delete(sink)
    }
  }

  async open(sink: SinkInBuffer): Promise<Cursor> {
    const held = this.#held.get(sink.name)
    if (!held) return this.#hold(sink)
    held.whenFull = sink.whenFull
    this.#parking.delete(sink.name)
    if (!held.isClosed) return held
    const file = this.#options.files.get(sink.name)!
    await held.release()
    return this.#begin(sink, held.retire(), file)
  }

  /**
   * The sink lets go of its place once that is noted on disk: a start must be able to tell what was deleted by rule from
   * what was lost. Should the disk refuse, that is tried again each second.
   */
  async park(sink: string): Promise<void> {
    const held = this.#held.get(sink)
    if (!held) return
    this.#parking.add(sink)
    await held.release()
    await this.#finishParking(sink, held)
  }

  tick(): void {
    for (const cursor of this.#held.values()) cursor.tick()
    for (const sink of this.#parking) void this.#finishParking(sink, this.#held.get(sink)!)
  }

  /** Saves all. What cannot be saved was saved a second ago: at least once. */
  async close(): Promise<void> {
    await Promise.all(this.held.map((cursor) => cursor.close(this.#parking.has(cursor.sink))))
    // Once more, so that both slots let go of what is settled.
    await Promise.all(this.held.map((cursor) => cursor.trySave(this.#parking.has(cursor.sink))))
    await Promise.all([...this.#options.files.values()].map((file) => file.close()))
  }

  async #finishParking(sink: string, held: DiskCursor): Promise<void> {
    if (this.#isParkingNow.has(sink)) return
    this.#isParkingNow.add(sink)
    const isSaved = await held.trySave(true)
    this.#isParkingNow.delete(sink)
    // It may have been opened again meanwhile.
    if (!isSaved || !this.#parking.delete(sink)) return
    held.retire()
    this.#held.delete(sink)
    await this.#options.files.get(sink)?.close()
    this.#options.files.delete(sink)
    this.#options.onProgress()
  }

  async #hold(sink: SinkInBuffer): Promise<DiskCursor> {
    const { files } = this.#options
    const file = files.get(sink.name) ?? (await this.#openFile(sink.name))
    files.set(sink.name, file)
    const { found } = file
    if (found.kind === 'saved') return this.#begin(sink, found.state, file)
    const state = found.kind === 'new' ? this.#atEnd() : this.#atOldest()
    // Saved before anything is sent: a sink that forgets that it was new would get the whole buffer. And not ahead of
    // what is synced, or a power cut would leave a place beyond the log's end.
    await this.#options.sync.now()
    await file.write(encodeCursor(state), state.base.segment)
    return this.#begin(sink, state, file)
  }

  /** A sink that comes while the agent runs: taken for damaged at the first EIO, it got the whole buffer again. */
  #openFile(sink: string): Promise<CursorFile> {
    const { directory, fileSystem, clock, log } = this.#options
    const disk = new PatientDisk({ directory: dirname(directory), fileSystem, clock, log })
    return CursorFile.open(directory, sink, disk.fileSystem)
  }

  async #begin(sink: SinkInBuffer, state: CursorState, file: CursorFile): Promise<DiskCursor> {
    const cursor = new DiskCursor(sink, state, file, this.#options)
    this.#held.set(sink.name, cursor)
    await cursor.begin()
    return cursor
  }

  /** What was read before the sink existed counts as filtered. */
  #atEnd(): CursorState {
    const { segments, state } = this.#options
    const { number, size } = segments.newest
    const base = { segment: number, offset: size, sequence: state.lastSequence + 1 }
    return startingAt(base, state.counts)
  }

  #atOldest(): CursorState {
    const { segments } = this.#options
    const oldest = segments.list[0]!
    const sequence = oldest.preamble?.firstSequence ?? 1
    return startingAt(
      { segment: oldest.number, offset: oldest.dataStart, sequence },
      oldest.sources?.counts ?? new Map(),
    )
  }

  async #markParked(sink: string, file: CursorFile): Promise<void> {
    if (file.found.kind !== 'saved' || file.found.state.isParked) return
    const state = { ...file.found.state, isParked: true }
    await file.write(encodeCursor(state), state.base.segment).catch((error: unknown) => {
      this.#options.log.warn({ sink, error: String(error) }, 'the cursor of a removed sink cannot be saved')
    })
  }
}

function startingAt(
  base: CursorState['base'],
  counts: ReadonlyMap<string, { readonly readEvents: number }>,
): CursorState {
  const seen = new Map([...counts].map(([source, { readEvents }]) => [source, readEvents]))
  const filtered = [...seen].map(
    ([source, events]) => [source, { ...newSinkCounts(), filtered: events }] as const,
  )
  return {
    isParked: false,
    base,
    lastRead: base.sequence - 1,
    seen,
    counts: new Map(filtered),
    open: [],
    state: {},
  }
}
