import { dirname, join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { isUnsyncable, systemErrorCode } from '../core/file-system.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import { PatientDisk } from '../platform/patient-disk.ts'
import type { SinkInBuffer } from './buffer.ts'
import { CursorFile } from './cursor/cursor-file.ts'
import { LogState } from './log/log-state.ts'
import type { FsyncMode } from './log/log-sync.ts'
import { recover } from './log/recovery.ts'
import { Segments } from './log/segments.ts'
import type { Segment } from './log/segments.ts'
import { SinkBits } from './sink-bits.ts'

export interface OpenLogOptions {
  readonly directory: string
  readonly fsync: FsyncMode
  readonly sinks: readonly SinkInBuffer[]
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly log: Log
  /** Ends the waiting for a disk that refuses to read. */
  readonly signal?: AbortSignal | undefined
}

export interface OpenedLog {
  readonly directory: string
  readonly cursorDirectory: string
  readonly segments: Segments
  readonly state: LogState
  readonly sinkBits: SinkBits
  readonly cursorFiles: Map<string, CursorFile>
}

/**
 * Everything that lies on disk, read and made to agree, before anything is written. Waits for a disk that refuses to read;
 * throws AgentError `data_dir_unreadable` if that lasts.
 */
export async function openLog(options: OpenLogOptions): Promise<OpenedLog> {
  const disk = new PatientDisk(options)
  const opened = await readLog({ ...options, fileSystem: disk.fileSystem })
  disk.end()
  return opened
}

async function readLog(options: OpenLogOptions): Promise<OpenedLog> {
  const { fileSystem, log, sinks } = options
  const directory = join(options.directory, 'buffer')
  const cursorDirectory = join(options.directory, 'cursors')
  for (const path of [options.directory, directory, cursorDirectory]) {
    await fileSystem.mkdir(path, { recursive: true, mode: 0o700 })
  }
  await fileSystem.syncDirectory(options.directory)
  await syncName(options.directory, fileSystem)
  const segments = await Segments.open({ directory, fileSystem, log })
  const cursorFiles = await openCursorFiles(cursorDirectory, options)
  const state = new LogState()
  const scanned = await recover(segments, state, log)
  if (options.fsync !== 'never') await syncAll(segments, scanned, log)
  for (const file of cursorFiles.values()) raise(state, file)
  const sinkBits = new SinkBits([...new Set([...sinks.map((sink) => sink.name), ...cursorFiles.keys()])])
  for (const { sources } of segments.list) if (sources) sinkBits.learn(sources.sinks)
  return { directory, cursorDirectory, segments, state, sinkBits, cursorFiles }
}

/** A process that was killed may have made the folder and not come to its sync. */
async function syncName(directory: string, fileSystem: FileSystem): Promise<void> {
  try {
    await fileSystem.syncDirectory(dirname(directory))
  } catch (error) {
    if (!isUnsyncable(error)) throw error
  }
}

/** The cursors of configured sinks, and of those that are parked. */
async function openCursorFiles(directory: string, options: OpenLogOptions): Promise<Map<string, CursorFile>> {
  const { fileSystem, sinks, log } = options
  const entries = await fileSystem.readdir(directory)
  const found = entries.flatMap(({ name }) => /^([a-z0-9_-]+)\.cursor$/.exec(name)?.[1] ?? [])
  const files = new Map<string, CursorFile>()
  for (const sink of new Set([...sinks.map(({ name }) => name), ...found])) {
    const file = await CursorFile.open(directory, sink, fileSystem)
    if (file.found.kind === 'damaged') {
      log.error(
        { sink },
        'both slots of a cursor are damaged: the sink starts at the oldest event that is still there',
      )
    }
    files.set(sink, file)
  }
  return files
}

/** A killed process may have left records in the page cache only, and the next header claims what they say. */
async function syncAll(segments: Segments, scanned: readonly Segment[], log: Log): Promise<void> {
  for (const segment of scanned) {
    const file = await segments.openToRead(segment)
    try {
      await file.datasync()
    } catch (error) {
      log.error({ path: segment.path, error: systemErrorCode(error) }, 'a segment cannot be synced')
    } finally {
      await file.close()
    }
  }
}

/** A cursor that is ahead of the log (a power cut with `fsync: never`): neither counters nor sequences go back. */
function raise(state: LogState, file: CursorFile): void {
  if (file.found.kind !== 'saved') return
  const { lastRead, base, seen } = file.found.state
  state.skipTo(Math.max(lastRead, base.sequence - 1))
  for (const [source, readEvents] of seen) state.raise(source, readEvents)
}
