import { join } from 'node:path'
import { openDiskBuffer } from '../buffer/disk-buffer.ts'
import type { DiskBuffer } from '../buffer/disk-buffer.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Clock } from '../core/clock.ts'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import { openDeadLetters } from '../delivery/dead-letters.ts'
import type { OpenDeadLetters } from '../delivery/dead-letters.ts'
import { readHost } from '../enrich/host.ts'
import type { HostInfo } from '../enrich/host.ts'
import { lockDataDir } from '../platform/lock.ts'
import { readOsRelease } from '../platform/os-release.ts'
import { PatientDisk } from '../platform/patient-disk.ts'
import { installationHashKey } from './hash-key.ts'

export interface OpenOptions {
  readonly loaded: LoadedConfig
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly log: Log
  /** Ends a start that waits for its disk. */
  readonly stop?: AbortSignal
}

/** What an agent stands on. */
export interface AgentParts {
  readonly lock: { release(): Promise<void> }
  readonly buffer: DiskBuffer
  readonly deadLetters: OpenDeadLetters
  readonly host: HostInfo
  readonly hashKey: string
}

/**
 * Locks `data_dir` and opens what lies in it, in the order of the start. Throws an `AgentError` for what the operator has to
 * mend; nothing stays open or locked then.
 */
export async function openParts(options: OpenOptions): Promise<AgentParts> {
  const { clock, log, stop: signal } = options
  const { config } = options.loaded
  const lock = await lockDataDir(config.data_dir)
  const disk = new PatientDisk({
    directory: config.data_dir,
    fileSystem: options.fileSystem,
    clock,
    log,
    signal,
  })
  try {
    const buffer = await openDiskBuffer({
      directory: config.data_dir,
      maxBytes: config.buffer.max_bytes,
      fsync: config.buffer.fsync,
      retainMs: config.buffer.retain,
      sinks: Object.entries(config.sinks).map(([name, sink]) => ({ name, whenFull: sink.when_full })),
      fileSystem: options.fileSystem,
      clock,
      log,
      signal,
    })
    const deadLetters = await openDeadLetters({
      directory: join(config.data_dir, 'dead_letters'),
      maxBytes: config.dead_letters.max_bytes,
      maxAgeMs: config.dead_letters.max_age,
      fileSystem: disk.fileSystem,
      clock,
      log,
    })
    const hashKey = await installationHashKey(config.data_dir, disk.fileSystem)
    disk.end()
    return { lock, buffer, deadLetters, hashKey, host: readHost(readOsRelease()) }
  } catch (error) {
    await lock.release()
    throw notUsable(config.data_dir, error)
  }
}

/** What the system says of a file in data_dir (once made by root, say) is for the operator, and no bug of ours. */
function notUsable(path: string, error: unknown): unknown {
  if (!/^E[A-Z0-9]+$/.test(systemErrorCode(error)) || !(error instanceof Error)) return error
  return AgentError.of('data_dir_not_writable', { path, reason: error.message }, { cause: error })
}
