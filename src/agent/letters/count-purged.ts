import { join } from 'node:path'
import { CursorFile } from '../../buffer/cursor/cursor-file.ts'
import { encodeCursor } from '../../buffer/format/cursor-codec.ts'
import type { FileSystem } from '../../core/file-system.ts'
import type { PurgedFile } from '../../delivery/letters/purge-letters.ts'
import { savedReplayedLetters } from '../../delivery/report/counters.ts'

/**
 * Moves purged letters in the ledger of a sink, from `dead_lettered` to `dropped{purged}`: the sum stays. Never more than
 * are counted and not stored any more: after a crash a letter may be there that the cursor does not know yet; its event
 * comes again. What a replay took out stays counted. Needs the lock of data_dir, and no delivery that has the cursor open.
 */
export async function countPurged(
  fileSystem: FileSystem,
  {
    dataDir,
    sink,
    files,
  }: { readonly dataDir: string; readonly sink: string; readonly files: readonly PurgedFile[] },
): Promise<void> {
  const cursor = await CursorFile.open(join(dataDir, 'cursors'), sink, fileSystem)
  try {
    if (cursor.found.kind !== 'saved') return
    const { state } = cursor.found
    const total = (of: (file: PurgedFile) => ReadonlyMap<string, number>, source: string): number =>
      files.reduce((sum, file) => sum + (of(file).get(source) ?? 0), 0)
    for (const [source, counts] of state.counts) {
      const left = total((file) => file.left, source)
      const known =
        total((file) => file.stayed, source) +
        total((file) => file.stayed, '') +
        savedReplayedLetters(state.state, source)
      const gone = counts.deadLettered - known
      const moved = Math.min(left, Math.max(0, gone))
      counts.deadLettered -= moved
      if (moved > 0) counts.dropped.purged = (counts.dropped.purged ?? 0) + moved
    }
    await cursor.write(encodeCursor(state), state.base.segment)
  } finally {
    await cursor.close()
  }
}
