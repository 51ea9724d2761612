import { noSlot, opCountedRun, opGreedyRun, opLazyRun, opRun } from '../../kernel/span-layout.ts'
import { isDisjoint, without } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import type { Repetition, Start } from './pattern-tree.ts'
import type { ProgramWriter } from './program-writer.ts'

/** How much a run takes. */
type Counts = Pick<Repetition, 'least' | 'most' | 'isLazy' | 'isOnlyWay'>

/**
 * Writes a repetition of one set, with the slot of the group that it is all of. It takes as many as there are, and no
 * choice is kept, where no other length can match: what may stand behind it is not in the set, so a shorter run would
 * fail at once; or what stands behind it matches everywhere, so nobody comes back.
 */
export function writeRun(
  writer: ProgramWriter,
  counts: Counts,
  set: CharacterSet,
  { behind, slot = noSlot }: { behind: Start; slot?: number },
): void {
  const { least, isLazy, isOnlyWay = false } = counts
  // As few as there may be, and nobody asks for more.
  const most = isLazy && behind.isSure ? least : counts.most
  const run = { slot, set, least, most }
  const hasOneLength = isOnlyWay || least === most || behind.isSure || isDisjoint(set, behind.first)
  if (hasOneLength) {
    writer.add({ operation: least <= 1 && most === Infinity ? opRun : opCountedRun, ...run })
    return
  }
  writer.openTwoWays()
  const next = behind.first
  if (isLazy) writer.add({ operation: opLazyRun, ...run, next, beyond: without(set, next) })
  else writer.add({ operation: opGreedyRun, ...run, next })
}
