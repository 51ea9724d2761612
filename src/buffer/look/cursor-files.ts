import type { Buffer } from 'node:buffer'
import { dirname, join } from 'node:path'
import { sleep } from '../../core/clock.ts'
import type { Clock } from '../../core/clock.ts'
import { AgentError } from '../../core/errors.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import { readAt } from '../read-at.ts'
import * as codec from '../format/cursor-codec.ts'
import type { CursorState } from '../format/cursor-codec.ts'
import { openToRead, unlessGone } from './segment-files.ts'

/** The file of a sink's cursor, as it is on the disk: a running agent may be a second ahead of it. */
export interface CursorLookedAt {
  readonly sink: string
  readonly path: string
  /** Of the slot that counts; undefined where none is whole. */
  readonly state: CursorState | undefined
  /** Offsets of slots that hold something, but not what their checksum says. */
  readonly damagedSlots: readonly number[]
}

/** A slot that is being written is whole soon. */
const looks = 3
const lookAgainMs = 50

/** The cursors in `data_dir/cursors`, by name. Throws AgentError `data_dir_newer_version`. */
export async function lookAtCursors(
  fileSystem: FileSystem,
  directory: string,
  clock: Clock,
): Promise<CursorLookedAt[]> {
  const entries = (await unlessGone(() => fileSystem.readdir(directory))) ?? []
  const cursors: CursorLookedAt[] = []
  for (const { name, isFile } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const sink = /^([a-z0-9_-]+)\.cursor$/.exec(name)?.[1]
    if (sink === undefined || !isFile) continue
    const path = join(directory, name)
    let found = await lookAt(fileSystem, path)
    for (let look = 1; look < looks && found && found.damagedSlots.length > 0; look += 1) {
      await sleep(clock, lookAgainMs)
      found = await lookAt(fileSystem, path)
    }
    if (found) cursors.push({ sink, path, ...found })
  }
  return cursors
}

type Found = Pick<CursorLookedAt, 'state' | 'damagedSlots'>

async function lookAt(fileSystem: FileSystem, path: string): Promise<Found | undefined> {
  const file = await openToRead(fileSystem, path)
  if (!file) return undefined
  try {
    let newest: { readonly turn: number; readonly body: Buffer } | undefined
    const damagedSlots: number[] = []
    for (const at of [0, codec.slotBytes]) {
      const slot = await readSlot(file, at)
      if (slot === 'damaged') damagedSlots.push(at)
      else if (slot !== 'unwritten' && 'newer' in slot) throw newerVersion(path, slot.newer)
      else if (slot !== 'unwritten' && slot.turn > (newest?.turn ?? -1)) newest = slot
    }
    return { state: newest && codec.decodeCursor(newest.body), damagedSlots }
  } finally {
    await file.close()
  }
}

async function readSlot(file: File, at: number): Promise<codec.Slot | 'damaged' | 'unwritten'> {
  const head = await readAt(file, at, codec.slotHeadBytes)
  // A slot is taken on the disk as zeros before its first turn.
  if (head.every((byte) => byte === 0)) return 'unwritten'
  if (head.length < codec.slotHeadBytes) return 'damaged'
  const length = Math.min(codec.slotHeadBytes + head.readUInt32LE(20), codec.slotBytes)
  return codec.decodeSlot(await readAt(file, at, length)) ?? 'damaged'
}

function newerVersion(path: string, found: number): AgentError {
  const parameters = { path: dirname(dirname(path)), file: path, found, known: codec.cursorVersion }
  return AgentError.of('data_dir_newer_version', parameters)
}
