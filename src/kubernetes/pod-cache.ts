import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { Pod } from './pod.ts'

const usualBounds = { pods: limits.podsKept, bytes: limits.podsKeptBytes }

/** Pods by all their keys, bounded in number and bytes. Those that are gone stay for a while, as their lines come late. */
export class PodCache {
  readonly #clock: Clock
  readonly #bounds: { readonly pods: number; readonly bytes: number }
  /** By uid, the one that was changed last at the end. */
  readonly #pods = new Map<string, Pod>()
  /** When pods were found to be gone (monotonic ms), by uid, in that order. */
  readonly #gone = new Map<string, number>()
  readonly #byKey = new Map<string, Pod>()
  #bytes = 0

  constructor(clock: Clock, bounds: { readonly pods: number; readonly bytes: number } = usualBounds) {
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Those that are on the node now. */
  get size(): number {
    return this.#pods.size - this.#gone.size
  }

  get(key: string): Pod | undefined {
    return this.#byKey.get(key)
  }

  /** False where nothing of it is new. */
  set(pod: Pod): boolean {
    const known = this.#pods.get(pod.uid)
    this.#gone.delete(pod.uid)
    if (known?.text === pod.text) return false
    if (known) this.#forget(known)
    this.#pods.set(pod.uid, pod)
    this.#bytes += bytesOf(pod)
    for (const key of pod.keys) this.#byKey.set(key, pod)
    this.#makeRoom()
    return true
  }

  /** It was deleted, or has left the node. */
  leave(uid: string): void {
    if (this.#pods.has(uid) && !this.#gone.has(uid)) this.#gone.set(uid, this.#clock.monotonic())
    this.#makeRoom()
  }

  /** These are all that there are. */
  keepOnly(uids: ReadonlySet<string>): void {
    for (const uid of this.#pods.keys()) if (!uids.has(uid)) this.leave(uid)
  }

  #makeRoom(): void {
    const longAgo = this.#clock.monotonic() - limits.gonePodMs
    for (const [uid, goneAtMs] of this.#gone) {
      if (goneAtMs > longAgo && !this.#isFull) break
      this.#forget(this.#pods.get(uid)!)
    }
    for (const pod of this.#pods.values()) {
      if (!this.#isFull) break
      this.#forget(pod)
    }
  }

  get #isFull(): boolean {
    return this.#pods.size > this.#bounds.pods || this.#bytes > this.#bounds.bytes
  }

  #forget(pod: Pod): void {
    this.#pods.delete(pod.uid)
    this.#gone.delete(pod.uid)
    this.#bytes -= bytesOf(pod)
    // A pod of a StatefulSet has its predecessor's name, which is its own by now.
    for (const key of pod.keys) if (this.#byKey.get(key) === pod) this.#byKey.delete(key)
  }
}

/** What it is made of, and some more for the objects around it. */
const bytesOf = (pod: Pod): number => 2 * pod.text.length + 500
