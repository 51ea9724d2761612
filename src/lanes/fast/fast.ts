import { createGeneralLane } from '../general.ts'
import type { GeneralLaneOptions } from '../general.ts'
import type { Lane } from '../lane.ts'
import type { Means } from '../means.ts'
import { BlockReader } from './block-reader.ts'
import { FastFileLane } from './fast-file-lane.ts'
import { FastMeans } from './fast-means.ts'

/** The lane of a source whose plan says that the kernel can do what it asks for (`plan.ts`). */
export function createFastLane(options: GeneralLaneOptions, general = createGeneralLane(options)): Lane {
  const { routes, maxLineBytes, enrich } = options
  // The first block makes it: a source that has nothing to read costs no memory.
  let reader: BlockReader | undefined
  const known = new Map<Means, FastMeans | undefined>()
  const shape = {
    get reader(): BlockReader {
      return (reader ??= new BlockReader())
    },
    routes,
    maxLineBytes,
    fastMeans(means: Means): FastMeans | undefined {
      if (known.has(means)) return known.get(means)
      const fast = FastMeans.of(means, enrich.trace, this.reader.kernel)
      known.set(means, fast)
      return fast
    },
  }
  return {
    ...general,
    kind: 'fast',
    general,
    open: (origin) => new FastFileLane(general.open(origin), shape),
  }
}
