/** What `/page-state` and `/dead-letters` answer; the server's side is src/admin/page/page-routes.ts. */
export interface PageState {
  readonly access: { readonly paths: boolean; readonly contents: boolean; readonly has_token: boolean }
  readonly health: {
    readonly status: string
    readonly components: Readonly<Record<string, { readonly status: string; readonly message: string }>>
  }
  readonly status: Status
  readonly history: HistoryPart
  readonly troubles: readonly Trouble[]
  readonly troubles_total: number
}

export interface Status {
  readonly version: string
  readonly files: readonly FileRow[]
  readonly files_hidden?: number
  /** Absent where files were not asked for. */
  readonly files_total?: number
  readonly buffer: {
    readonly bytes: number
    readonly max_bytes: number
    readonly oldest_seconds: number
    readonly state: string
  }
  readonly sources: Readonly<Record<string, SourceRow>>
  readonly sinks: Readonly<Record<string, SinkRow>>
  readonly ledger: Readonly<Record<string, LedgerRow>>
}

export interface FileRow {
  readonly source: string
  readonly path: string
  readonly size: number
  readonly offset: number
  readonly lag_bytes: number
  readonly lane: string
}

interface SourceRow {
  readonly lane: string
  readonly lane_reason: string
  readonly parse_errors: number
  readonly blocked_seconds: number
  readonly step_errors: number
  readonly unreadable_files: number
  /** None where paths are not shown. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[]
}

interface SinkRow {
  readonly type: string
  readonly state: string
  readonly lag_events: number
  readonly lag_seconds: number
  readonly in_flight: number
  readonly dead_letters_stored: number
  readonly last_error: string | null
}

interface LedgerRow {
  readonly read_bytes: number
  readonly read_events: number
  readonly lost_bytes: Readonly<Record<string, number>>
  readonly sinks: Readonly<Record<string, LedgerSink>>
}

export interface LedgerSink {
  readonly acknowledged: number
  readonly dead_lettered: number
  readonly dropped: Readonly<Record<string, number>>
  readonly filtered: number
  readonly in_buffer: number
}

export type Values = readonly (number | null)[]
export type SeriesByName = Readonly<Record<string, Readonly<Record<string, Values>>>>

export interface HistoryPart {
  readonly run: string
  readonly from: number
  readonly times: readonly number[]
  readonly sources: SeriesByName
  readonly sinks: SeriesByName
  readonly buffer: SeriesByName
}

export interface Trouble {
  readonly level: string
  readonly message: string
  readonly count: number
  readonly first: number
  readonly last: number
  readonly fields: Readonly<Record<string, string>>
}

export interface DeadLetters {
  readonly looked_at: number
  readonly is_all: boolean
  readonly groups: readonly LetterGroup[]
  readonly letters: readonly Letter[]
}

export interface LetterGroup {
  readonly sink: string
  readonly source: string
  readonly reason: string
  readonly type: string
  readonly field: string
  readonly letters: number
  readonly last: string
  readonly text: string
  readonly advice: string
}

export interface Letter {
  readonly time: string
  readonly sink: string
  readonly source: string
  readonly reason: string
  readonly status: number
  readonly type: string
  readonly text: string
  readonly attempts: number
  readonly origin: { readonly path: string; readonly from: number; readonly to: number }
  readonly event: { readonly target: string; readonly body: string; readonly hidden_chars: number }
}
