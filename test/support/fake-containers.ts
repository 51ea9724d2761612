import path from 'node:path'
import type { ContainerFacts, ContainerSight, Containers } from '../../src/core/containers.ts'

export const factsWith = (label: string, more: Partial<ContainerFacts> = {}): ContainerFacts => ({
  members: label === '' ? [] : [{ name: 'kubernetes.labels.app', json: JSON.stringify(label) }],
  parse: undefined,
  isLeftOut: false,
  ...more,
})

/** Knows what a test has said, by the names of files up to their first dot; others are `unknown`. */
export class FakeContainers implements Containers {
  readonly #sights = new Map<string, ContainerSight>()
  readonly #listeners = new Set<(pods: readonly string[]) => void>()
  looks = 0

  look(file: string): ContainerSight {
    this.looks++
    const pod = path.basename(file).split('.')[0]!
    return this.#sights.get(pod) ?? { kind: 'unknown', pod }
  }

  onNews(listener: (pods: readonly string[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  waits(pod: string, untilMs: number): this {
    this.#sights.set(pod, { kind: 'waiting', pod, untilMs })
    return this
  }

  giveUp(pod: string): this {
    this.#sights.delete(pod)
    return this
  }

  know(pod: string, facts: ContainerFacts): this {
    this.#sights.set(pod, { kind: 'known', pod, facts })
    for (const listener of this.#listeners) listener([pod])
    return this
  }
}
