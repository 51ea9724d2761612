import type { FileLane } from '../../../lanes/lane.ts'
import type { Generation } from '../generation.ts'

/** A new lane that goes on where the generation is; what is pending of it has still to be given back to it. */
export function resumedLane({ id, path, position, source }: Generation): FileLane {
  const { offset, pending, parser, lastTime, lastBump } = position
  const isNew = offset === 0 && parser === '' && pending.length === 0
  const resume = { parser, lastTime, lastBump }
  return source.lane.open(isNew ? { generation: id, path } : { generation: id, path, resume })
}
