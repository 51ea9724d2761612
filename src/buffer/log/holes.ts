import type { GenerationId } from '../../core/chunk.ts'
import type { Hole } from '../buffer.ts'
import type { KnownHole } from '../format/segment-header.ts'

/** More than this is no longer damage here and there; what comes on top is counted as dropped, but not read again. */
const maxHoles = 4096

/** The damaged stretches, each told once: open until they were read again or given up, then kept as known. */
export class Holes {
  #known: KnownHole[] = []

  /** Takes over what a segment's header lists. */
  load(holes: readonly KnownHole[]): void {
    this.#known = [...holes]
  }

  get all(): readonly KnownHole[] {
    return this.#known
  }

  open(): Hole[] {
    return this.#known
      .filter((hole) => hole.isOpen)
      .map(({ generation, from, to }) => ({ generation, from, to }))
  }

  /** Adds what is not known yet of a stretch; returns whether that was anything. */
  add(hole: Hole, segment: number): boolean {
    let parts: Hole[] = [hole]
    for (const known of this.#of(hole.generation)) parts = parts.flatMap((part) => without(part, known))
    if (parts.length === 0 || this.#known.length + parts.length > maxHoles) return false
    for (const { generation, from, to } of parts) {
      this.#known.push({ generation, from, to, segment, isOpen: true })
    }
    return true
  }

  /** `stretch` was read again. */
  close(stretch: Hole): void {
    if (this.#known.length === 0) return
    this.#known = this.#known.flatMap((hole) => {
      if (!hole.isOpen || hole.generation !== stretch.generation) return [hole]
      const from = Math.max(hole.from, stretch.from)
      const to = Math.min(hole.to, stretch.to)
      if (from >= to) return [hole]
      const rest = without(hole, stretch).map((part): KnownHole => ({ ...hole, ...part }))
      return [...rest, { ...hole, from, to, isOpen: false }]
    })
  }

  /** So many damaged bytes of the generation were reported as lost, oldest stretch first. */
  giveUp(generation: GenerationId, bytes: number): void {
    let left = bytes
    for (const { from, to } of this.#of(generation).filter((hole) => hole.isOpen)) {
      if (left <= 0) return
      this.close({ generation, from, to: Math.min(to, from + left) })
      left -= to - from
    }
  }

  /** Damage in segments below `oldest` cannot be met again. */
  forgetBelow(oldest: number): void {
    if (this.#known.length === 0) return
    this.#known = this.#known.filter((hole) => hole.isOpen || hole.segment >= oldest)
  }

  forget(generation: GenerationId): void {
    if (this.#known.length === 0) return
    this.#known = this.#known.filter((hole) => hole.generation !== generation)
  }

  #of(generation: GenerationId): KnownHole[] {
    return this.#known.filter((hole) => hole.generation === generation).sort((a, b) => a.from - b.from)
  }
}

function without(hole: Hole, other: Hole): Hole[] {
  const { generation, from, to } = hole
  if (other.to <= from || other.from >= to) return [hole]
  const parts: Hole[] = []
  if (other.from > from) parts.push({ generation, from, to: other.from })
  if (other.to < to) parts.push({ generation, from: other.to, to })
  return parts
}
