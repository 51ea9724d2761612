import type { Cursor } from '../../buffer/buffer.ts'

/** Codes come from a fixed table at the sink; should one not, the label stays bounded all the same. */
const mostCodes = 64

/** Where delivery keeps its counters in `Cursor.state`. */
const stateKey = 'delivery'

interface SavedCounters {
  possible_duplicates: number
  dead_lettered: Record<string, number>
  /** Events that were sent again by a command, and taken. */
  replayed: number
  /** Those of them that were dead letters and are no more, by source. */
  replayed_letters: Record<string, number>
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

  get replayed(): number {
    return this.#saved.replayed
  }

  /** Dead letters of a source that left because the sink took them at last. */
  replayedLetters(source: string): number {
    return this.#saved.replayed_letters[source] ?? 0
  }

  replay(events: number): void {
    this.#saved.replayed += events
  }

  replayLetters(source: string, letters: number): void {
    add(this.#saved.replayed_letters, source, letters)
    this.replay(letters)
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

function add(counts: Record<string, number>, key: string, count = 1): void {
  counts[key] = (counts[key] ?? 0) + count
}

/** What another version or a damaged file left there must not stop the agent: what is no count is 0. */
function readSaved(saved: unknown): SavedCounters {
  const found: object = typeof saved === 'object' && saved !== null ? saved : {}
  return {
    possible_duplicates: countIn(found, 'possible_duplicates'),
    dead_lettered: countsIn(found, 'dead_lettered'),
    replayed: countIn(found, 'replayed'),
    replayed_letters: countsIn(found, 'replayed_letters'),
  }
}

/** Of the state of a cursor that no delivery has open. */
export function savedReplayedLetters(state: Readonly<Record<string, unknown>>, source: string): number {
  return readSaved(state[stateKey]).replayed_letters[source] ?? 0
}

function countIn(saved: object, name: string): number {
  const value: unknown = Reflect.get(saved, name)
  return isCount(value) ? value : 0
}

function countsIn(saved: object, name: string): Record<string, number> {
  const values: unknown = Reflect.get(saved, name)
  const counts: Record<string, number> = {}
  if (typeof values !== 'object' || values === null) return counts
  for (const [key, value] of Object.entries(values)) if (isCount(value)) counts[key] = value
  return counts
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
