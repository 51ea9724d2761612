import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { AgentError } from '../../core/errors.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import { segmentVersion } from '../format/segment-header.ts'
import { SegmentScan } from '../log/scan.ts'
import type { ScannedRecord } from '../log/scan.ts'
import { inspect, markVoid } from '../log/segments.ts'
import type { Inspected, Segment } from '../log/segments.ts'

/** A look at the log from outside: it only reads, and may go on beside the agent that writes and deletes. */
export interface LookedAt {
  readonly number: number
  readonly path: string
  readonly bytes: number
  /** The segment, where it is one. */
  readonly segment: Segment | undefined
}

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The segments in `data_dir/buffer`, oldest first. Throws AgentError `data_dir_newer_version`. */
export async function lookAtSegments(fileSystem: FileSystem, directory: string): Promise<LookedAt[]> {
  const entries = (await unlessGone(() => fileSystem.readdir(directory))) ?? []
  const looked: LookedAt[] = []
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const digits = /^(\d{12})\.seg$/.exec(name)?.[1]
    if (digits === undefined) continue
    const found = await lookAt(fileSystem, { number: Number(digits), path: join(directory, name) })
    if (found) looked.push(found)
  }
  markVoid(looked.flatMap(({ segment }) => segment ?? []))
  return looked
}

/** What a name holds now; undefined for what is gone, empty or no file. */
export async function lookAt(
  fileSystem: FileSystem,
  name: { readonly number: number; readonly path: string },
): Promise<LookedAt | undefined> {
  const file = await openToRead(fileSystem, name.path)
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    const found = await inspect(file, name)
    if (found === 'empty' || found === 'not a file') return undefined
    return { ...name, bytes: size, segment: segmentOf(found, name.path) }
  } finally {
    await file.close()
  }
}

/**
 * Calls `onRecord` with each whole record of a segment as it was when it was looked at, until it returns false. Bytes that
 * are no record are looked at once more before they are told as `skipped`: the agent may just have written them. Resolves
 * to the offset behind the last record, or to undefined where the segment is gone by now.
 */
export async function eachRecord(
  fileSystem: FileSystem,
  segment: Segment,
  onRecord: (found: ScannedRecord) => boolean | void,
): Promise<number | undefined> {
  const file = await openToRead(fileSystem, segment.path)
  if (!file) return undefined
  try {
    let scan = new SegmentScan(file, segment.dataStart)
    let end = segment.dataStart
    let lookedTwiceAt = -1
    for (;;) {
      const found = await scan.next(segment.size)
      const isDoubtful = found ? found.skipped > 0 : end < segment.size
      if (isDoubtful && lookedTwiceAt !== end) {
        lookedTwiceAt = end
        scan = new SegmentScan(file, end)
        continue
      }
      if (!found) return end
      end = found.next
      if (found.record.sequence >= segment.voidFrom) continue
      if (onRecord(found) === false) return end
    }
  } finally {
    await file.close()
  }
}

/** Undefined where it is gone, or a link. */
export async function openToRead(fileSystem: FileSystem, path: string): Promise<File | undefined> {
  return unlessGone(() => fileSystem.open(path, flags))
}

export async function unlessGone<Result>(look: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await look()
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(systemErrorCode(error))) return undefined
    throw error
  }
}

function segmentOf(found: Exclude<Inspected, 'empty' | 'not a file'>, path: string): Segment | undefined {
  if (found === 'foreign') return undefined
  if (!('newer' in found)) return found
  const parameters = { path: dirname(dirname(path)), file: path, found: found.newer, known: segmentVersion }
  throw AgentError.of('data_dir_newer_version', parameters)
}
