import type { EventRun } from '../../buffer/buffer.ts'
import type { BatchItem } from '../sink.ts'

/** Events of one record that go to the same index; without a name, to the one that their times say. */
export interface IndexedRun extends EventRun {
  readonly index?: string
}

/** The items as runs, in their order. `names` are their indices where times alone do not say them. */
export function indexedRuns(items: readonly BatchItem[], names?: readonly string[]): IndexedRun[] {
  const runs: IndexedRun[] = []
  for (let at = 0; at < items.length;) {
    const end = endOfRun(items, at, names)
    const { record, index: first } = items[at]!.event
    const run = { record, first, end: first + end - at }
    runs.push(names ? { ...run, index: names[at]! } : run)
    at = end
  }
  return runs
}

/** Where the items end that follow `at` in its record without a gap, and go to the same index. */
function endOfRun(items: readonly BatchItem[], at: number, names: readonly string[] | undefined): number {
  const { record, index } = items[at]!.event
  let end = at + 1
  while (end < items.length) {
    const { event } = items[end]!
    if (event.record !== record || event.index !== index + end - at || names?.[end] !== names?.[at]) break
    end++
  }
  return end
}
