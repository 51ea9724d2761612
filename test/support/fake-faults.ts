/** What a fake server does wrong. Shares are from 0 to 1 of the requests; what is left out never happens. */
export interface FaultPlan {
  /** Same seed, same faults in the same order of requests. */
  readonly seed?: number
  /** Connection reset before anything is stored. */
  readonly reset?: number
  /** Stored, then reset: the acknowledgement is lost. */
  readonly lostAck?: number
  /** Nothing stored, no answer ever. */
  readonly hang?: number
  /** Stored, no answer ever. */
  readonly hangStored?: number
  /** Stored; the answer breaks off in the middle. */
  readonly cut?: number
  /** Stored; a 200 with a page of HTML. */
  readonly garbage?: number
  /** Stored; the answer comes byte by byte, one each 15 ms. */
  readonly drip?: number
  /** Not stored; these statuses in turn. */
  readonly refuse?: number
  readonly statuses?: readonly number[]
  readonly retryAfter?: string
  /** 413 for bodies above this, before compression. */
  readonly maxBytes?: number
  /** Shares of single items that are refused though the request passes. */
  readonly items?: readonly ItemFault[]
}

export interface ItemFault {
  readonly share: number
  readonly status: number
  readonly type?: string
  readonly reason?: string
}

export type Fault =
  | { readonly kind: 'reset' | 'lostAck' | 'hang' | 'hangStored' | 'cut' | 'garbage' | 'drip' }
  | {
      readonly kind: 'refuse'
      readonly status: number
      readonly body?: string
      readonly headers?: Record<string, string>
    }
  /** Stored, then this instead of the real answer. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body: string
      readonly headers?: Record<string, string>
    }
  | { readonly kind: 'none' }

const kinds = ['reset', 'lostAck', 'hang', 'hangStored', 'cut', 'garbage', 'drip', 'refuse'] as const

/** Draws faults by a plan; faults that a test names come first, one for each request. */
export class Faults {
  #plan: FaultPlan = {}
  #random: () => number = () => 1
  #scripted: Fault[] = []
  #refusals = 0

  set(plan: FaultPlan): void {
    this.#plan = plan
    this.#random = mulberry32(plan.seed ?? 1)
  }

  /** The next requests meet these, in order; then the plan goes on. */
  script(...faults: readonly Fault[]): void {
    this.#scripted.push(...faults)
  }

  get maxBytes(): number {
    return this.#plan.maxBytes ?? Infinity
  }

  next(): Fault {
    const scripted = this.#scripted.shift()
    if (scripted) return scripted
    for (const kind of kinds) {
      const share = this.#plan[kind] ?? 0
      if (share === 0 || this.#random() >= share) continue
      return kind === 'refuse' ? this.#refusal() : { kind }
    }
    return { kind: 'none' }
  }

  nextItem(): ItemFault | undefined {
    return this.#plan.items?.find((fault) => this.#random() < fault.share)
  }

  #refusal(): Fault {
    const statuses = this.#plan.statuses ?? [503]
    const status = statuses[this.#refusals++ % statuses.length]!
    const { retryAfter } = this.#plan
    return {
      kind: 'refuse',
      status,
      ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
    }
  }
}

/** Small, seeded and good enough: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
