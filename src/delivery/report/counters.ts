import type { Cursor } from '../../buffer/buffer.ts'

/** Codes come from a fixed table at the sink; should one not, the label stays bounded all the same. */
const mostCodes = 64

/** Where delivery keeps its counters in `Cursor.state`. */
const stateKey = 'delivery'

interface SavedCounters {
  possible_duplicates: number
  dead_lettered: Record<string, number>
}

/**
 * What is counted beside the ledger. Possible duplicates and dead letters by reason are saved with the cursor, as the
 * ledger is; requests and retries count from the start of the process.
 */
export class Counters {
  readonly #saved: SavedCounters
  readonly requests: Record<string, number> = {}
  /** Accepted, but worth a number: `failure_store`, `already_there`. */
  readonly notes: Record<string, number> = {}
  retries = 0

  constructor(cursor: Cursor) {
    this.#saved = readSaved(cursor.state[stateKey])
    // The object stays in the cursor's state, so that each save takes what it holds then.
    cursor.state = { ...cursor.state, [stateKey]: this.#saved }
  }

  get possibleDuplicates(): number {
    return this.#saved.possible_duplicates
  }

  get deadLettered(): Readonly<Record<string, number>> {
    return this.#saved.dead_lettered
  }

  possibleDuplicate(events = 1): void {
    this.#saved.possible_duplicates += events
  }

  deadLetter(reason: string): void {
    add(this.#saved.dead_lettered, reason)
  }

  request(code: string): void {
    const isKnown = code in this.requests || Object.keys(this.requests).length < mostCodes
    add(this.requests, isKnown ? code : 'other')
  }

  note(name: string): void {
    const isKnown = name in this.notes || Object.keys(this.notes).length < mostCodes
    add(this.notes, isKnown ? name : 'other')
  }
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

/** What another version or a damaged file left there must not stop the agent: what is no count is 0. */
function readSaved(saved: unknown): SavedCounters {
  const counters: SavedCounters = { possible_duplicates: 0, dead_lettered: {} }
  if (typeof saved !== 'object' || saved === null) return counters
  if ('possible_duplicates' in saved && isCount(saved.possible_duplicates)) {
    counters.possible_duplicates = saved.possible_duplicates
  }
  if ('dead_lettered' in saved && typeof saved.dead_lettered === 'object' && saved.dead_lettered !== null) {
    for (const [reason, count] of Object.entries(saved.dead_lettered)) {
      if (isCount(count)) counters.dead_lettered[reason] = count
    }
  }
  return counters
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
