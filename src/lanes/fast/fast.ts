import { limits } from '../../core/limits.ts'
import { createGeneralLane } from '../general.ts'
import type { GeneralLaneOptions } from '../general.ts'
import type { Lane } from '../lane.ts'
import type { Found } from '../../steps/found.ts'
import type { StepList } from '../../steps/run-steps.ts'
import type { SimpleStep } from '../../steps/step.ts'
import type { Means } from '../means.ts'
import { BlockReader } from './block-reader.ts'
import { FastFileLane } from './fast-file-lane.ts'
import { FastMeans } from './fast-means.ts'

function simpleOf(steps: StepList | undefined): readonly SimpleStep[] {
  if (!steps) return []
  if ('because' in steps.simple) throw new Error(`the general lane is for ${steps.simple.because}`)
  return steps.simple
}

/** The lane of a source whose plan says that the kernel can do what it asks for (`plan.ts`). */
export function createFastLane(options: GeneralLaneOptions, general = createGeneralLane(options)): Lane {
  const { routes, maxLineBytes, enrich, steps } = options
  const ofSource = { findsTrace: enrich.trace, steps: simpleOf(steps) }
  // The first block makes it: a source that has nothing to read costs no memory.
  let reader: BlockReader | undefined
  const known = new WeakMap<Means, FastMeans | undefined>()
  let made = 0
  const shape = {
    get reader(): BlockReader {
      return (reader ??= new BlockReader())
    },
    routes,
    maxLineBytes,
    fastMeans(means: Means, shared: ReadonlyMap<string, Found>): FastMeans | undefined {
      if (known.has(means)) return known.get(means)
      // The kernel's memory only grows: behind these the general lane reads, to the same bytes.
      if (made >= limits.kindsOfFiles) return undefined
      made++
      const fast = FastMeans.of(means, ofSource, shared, this.reader.kernel)
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
