import type { FileLane, Origin } from '../../../lanes/lane.ts'
import type { Generation } from '../generation.ts'

/** Where the lines of the generation come from, as far as it is known. */
export function originOf({ id, path, container }: Generation): Origin {
  return container ? { generation: id, path, container } : { generation: id, path }
}

/** A new lane that goes on where the generation is; what is pending of it has still to be given back to it. */
export function resumedLane(generation: Generation): FileLane {
  const { position, source } = generation
  const { offset, pending, parser, lastTime, lastBump } = position
  const isNew = offset === 0 && parser === '' && pending.length === 0
  const resume = { parser, lastTime, lastBump }
  const origin = originOf(generation)
  return source.lane.open(isNew ? origin : { ...origin, resume })
}
