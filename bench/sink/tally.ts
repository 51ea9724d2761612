/** What a counting sink saw since it was last asked to forget. */
export interface Tally {
  requests: number
  bytes: number
  events: number
  /** When the first request with an event began, in ms since 1970; 0 before. */
  firstEventAtMs: number
  /** The most bytes of bodies of requests that were open at the same moment. */
  mostBytesInFlight: number
}

export function emptyTally(): Tally {
  return { requests: 0, bytes: 0, events: 0, firstEventAtMs: 0, mostBytesInFlight: 0 }
}

/** Where the counting sink tells it (GET) and forgets it (DELETE): a path that no pipeline asks for. */
export const tallyPath = '/bench/tally'
