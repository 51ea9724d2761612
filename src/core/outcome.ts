/** What became of one event of a batch. A sink decides it next to its protocol; only `delivery/settle.ts` acts on it. */
export type Outcome =
  /** `duplicate`: the server had it already (a 409 on our own id); `note` names something to count apart (`failure_store`). */
  | { readonly kind: 'accepted'; readonly duplicate?: boolean; readonly note?: string }
  /** Send this event again after a backoff. */
  | { readonly kind: 'retry'; readonly reason: RetryReason; readonly text?: string }
  /** The operator has to act (credentials, index, block): keep, try again at the longest backoff, say so in health. */
  | { readonly kind: 'hold'; readonly reason: HoldReason; readonly text: string }
  /** The server will never take it: dead letter. `text` is the server's own, cut; `type` its name for the reason. */
  | {
      readonly kind: 'rejected'
      readonly reason: RejectReason
      readonly status: number
      readonly type: string
      readonly text: string
    }
  /** Send it again, encoded another way that the sink understands (Loki: into the stream with the label `backlog`). */
  | { readonly kind: 'reroute'; readonly variant: number; readonly reason: string }

/** The fixed table behind the label `reason`: never a server's text. */
export const retryReasons = [
  'throttled',
  'server_error',
  'network',
  'timeout',
  'bad_answer',
  'item_throttled',
  'item_error',
] as const
export type RetryReason = (typeof retryReasons)[number]
export const holdReasons = [
  'unauthorized',
  'forbidden',
  'not_found',
  'redirect',
  'blocked',
  'index_closed',
  'pipeline_missing',
  'shard_limit',
  'wrong_op',
  'unexpected_status',
] as const
export type HoldReason = (typeof holdReasons)[number]
export const rejectReasons = [
  'mapping',
  'malformed',
  'too_old',
  'too_new',
  'too_far_behind',
  'too_large',
  'labels',
  'conflict',
  'refused',
  'stuck',
  'metadata',
] as const
export type RejectReason = (typeof rejectReasons)[number]

/** What a request as a whole came to. */
export type SendResult =
  /** One outcome for each event, in the order in which they were encoded. */
  | { readonly kind: 'items'; readonly code: string; readonly outcomes: readonly Outcome[] }
  /** The same outcome for all. `unanswered`: the server may have taken some (reset, timeout, cut answer). */
  | {
      readonly kind: 'all'
      readonly code: string
      readonly outcome: Outcome
      readonly retryAfterMs?: number
      readonly unanswered?: boolean
    }
  /**
   * Send the two halves. `too_large`: remember the size for a while; `poison`: one event spoils the request, bisect
   * down to it, and `single` is its outcome once it stands alone.
   */
  | {
      readonly kind: 'split'
      readonly code: string
      readonly why: 'too_large' | 'poison'
      readonly single: Outcome
      readonly unanswered?: boolean
    }
