import type { ContainerFacts, Containers } from '../../../core/containers.ts'
import type { Log } from '../../../core/log.ts'
import type { Generation } from '../generation.ts'
import type { Registry } from '../registry.ts'
import type { Schedule } from '../schedule.ts'

interface GateParts {
  readonly containers: Containers | undefined
  readonly registry: Registry
  readonly schedule: Schedule
  readonly log: Log
}

/**
 * Before a file is read: is its container known? One that is not yet is read a little later, one whose pod wants no logs not
 * at all. What is known holds from the next turn on: the lane is opened anew where it has changed.
 */
export class ContainerGate {
  readonly #parts: GateParts
  readonly #close: () => void

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#close = parts.containers?.onNews((pods) => this.#news(pods)) ?? (() => {})
  }

  close(): void {
    this.#close()
  }

  /** `read`; `wait`: its turn comes at `dueAtMs`, or with news; `leave`: it is not to be read. */
  look(generation: Generation): 'read' | 'wait' | 'leave' {
    if (!generation.mustLook) return generation.isLeftOut ? 'leave' : 'read'
    const sight = this.#parts.containers?.look(generation.path)
    generation.pod = sight?.pod
    if (sight?.kind === 'waiting') {
      generation.dueAtMs = sight.untilMs
      return 'wait'
    }
    // What an earlier look has told stays, should the pod be forgotten meanwhile.
    const facts = sight?.kind === 'known' ? sight.facts : generation.container
    if (facts === generation.container) generation.mustLook = false
    else if (!ownsPending(generation)) return 'read'
    else this.#tell(generation, facts)
    return generation.isLeftOut ? 'leave' : 'read'
  }

  #tell(generation: Generation, facts: ContainerFacts | undefined): void {
    const wasLeftOut = generation.isLeftOut
    generation.mustLook = false
    generation.container = facts
    generation.lane?.release?.()
    generation.lane = undefined
    if (generation.isLeftOut !== wasLeftOut) this.#say(generation)
  }

  #say({ path, isLeftOut }: Generation): void {
    const message = isLeftOut
      ? 'a log is left out, as an annotation of its pod wants'
      : 'a log is read again: the annotation of its pod that left it out is gone'
    this.#parts.log.info({ path }, message)
  }

  /** Changes are rare and files are not looked at before: one walk over all of them costs less than a second table. */
  #news(pods: readonly string[]): void {
    const { registry, schedule } = this.#parts
    for (const generation of registry.all()) {
      if (generation.pod === undefined || !pods.includes(generation.pod)) continue
      generation.mustLook = true
      schedule.soon(generation)
    }
  }
}

/**
 * Parts of lines that wait are read again by the new lane. Where they lie in the file before this one, which may be gone by
 * now, the old lane ends them first: that takes seconds.
 */
const ownsPending = ({ id, lane, position }: Generation): boolean =>
  !lane || position.pending.every((range) => range.generation === id)
