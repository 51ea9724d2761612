import type { SinkState } from '../../sink.ts'
import type { Label } from '../push/push.ts'

export interface LabelLimitsConfig {
  readonly max_streams: number
  readonly max_values: number
  readonly on_limit: 'demote' | 'drop_label'
}

export interface LabelLimitsOptions {
  readonly limits: LabelLimitsConfig
  /** Label names and their templates; constant ones can't outgrow anything. */
  readonly templates: ReadonlyMap<string, string>
  readonly state: SinkState
  onDemoted(name: string, reason: string): void
}

const stateKey = 'demoted_labels'

/**
 * Keeps the number of streams bounded: a label with too many values, or the most varied one of too many streams,
 * leaves the stream's labels for good (until its template or the limits change). Loki pays for every stream, and one
 * request id among the labels is enough to stop it.
 */
export class LabelLimits {
  readonly #options: LabelLimitsOptions
  readonly #values = new Map<string, Set<string>>()
  readonly #streams = new Set<string>()
  #demoted: readonly string[]
  #version = 0
  #savedVersion = 0

  constructor(options: LabelLimitsOptions) {
    this.#options = options
    const saved = asRecord(options.state.get(stateKey))
    this.#demoted = [...options.templates.keys()].filter((name) => saved[name] === this.#configOf(name))
  }

  /** Names of the labels that are no longer labels, sorted. */
  get demoted(): readonly string[] {
    return this.#demoted
  }

  /**
   * Takes part of a stream that wasn't seen before; true if labels had to be demoted for it, so that what was worked
   * out with the old ones no longer holds.
   */
  admit(labels: readonly Label[]): boolean {
    const before = this.#version
    for (const [name, value] of labels) {
      if (this.#isCounted(name)) this.#countValue(name, value)
    }
    const id = JSON.stringify(labels.filter(([name]) => !this.#demoted.includes(name)))
    if (
      before === this.#version &&
      !this.#streams.has(id) &&
      this.#streams.size >= this.#options.limits.max_streams
    ) {
      this.#demoteMostVaried()
    }
    if (before !== this.#version) return true
    this.#streams.add(id)
    return false
  }

  /** Resolves once every demotion so far is on disk. Must be awaited before a request that rests on one is sent. */
  async save(): Promise<void> {
    while (this.#savedVersion < this.#version) {
      const version = this.#version
      const entries = this.#demoted.map((name) => [name, this.#configOf(name)] as const)
      await this.#options.state.set(stateKey, Object.fromEntries(entries))
      this.#savedVersion = Math.max(this.#savedVersion, version)
    }
  }

  #isCounted(name: string): boolean {
    return this.#options.templates.has(name) && !this.#demoted.includes(name)
  }

  #countValue(name: string, value: string): void {
    const values = this.#values.get(name) ?? new Set()
    this.#values.set(name, values)
    values.add(value)
    const { max_values: maxValues } = this.#options.limits
    if (values.size > maxValues) this.#demote(name, `more than ${maxValues} values`)
  }

  #demoteMostVaried(): void {
    const candidates = [...this.#values].filter(([name, values]) => this.#isCounted(name) && values.size > 1)
    const [most] = candidates.sort(([, a], [, b]) => b.size - a.size)
    if (most) this.#demote(most[0], `more than ${this.#options.limits.max_streams} streams`)
  }

  #demote(name: string, reason: string): void {
    this.#demoted = [...this.#demoted, name].sort()
    this.#values.delete(name)
    this.#streams.clear()
    this.#version++
    this.#options.onDemoted(name, reason)
  }

  /** What a demotion rests on: with another template or another limit the label gets a new chance. */
  #configOf(name: string): string {
    const { max_streams: streams, max_values: values } = this.#options.limits
    return JSON.stringify([this.#options.templates.get(name), streams, values])
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
