import type { Outcome, SendResult } from '../core/outcome.ts'
import type { DeliveryItem } from './item.ts'
import type { Trouble } from './report/trouble.ts'

export type Accepted = Extract<Outcome, { kind: 'accepted' }>
export type Rejected = Extract<Outcome, { kind: 'rejected' }>

export interface Rejection {
  readonly item: DeliveryItem
  readonly outcome: Rejected
}

/** What has to be done about a batch after its answer. Accepted events are settled already. */
export interface Verdict {
  accepted: number
  /** To be sent again after a backoff, in their order. */
  readonly again: DeliveryItem[]
  readonly rejected: Rejection[]
  /** To be sent at once in the partition of their new variant. */
  readonly rerouted: DeliveryItem[]
  /** The whole batch is to be sent in two halves. */
  split: 'too_large' | 'poison' | undefined
  isHeld: boolean
  /** The server said that it is too much: less at a time from now on. */
  isTooMuch: boolean
  trouble: Trouble | undefined
}

/** What settling needs to know and to do, one event at a time. */
export interface SettleRules {
  accept(item: DeliveryItem, outcome: Accepted): void
  /** Some events of the answer were accepted; called before `isStuck` is asked about the others. */
  passed(): void
  /** Counts a refusal of this one event as retryable. */
  isStuck(item: DeliveryItem): boolean
  held(item: DeliveryItem): void
}

/** The one place where an answer is acted upon. `items` are in the order in which they were encoded. */
export function settle(answer: SendResult, items: readonly DeliveryItem[], rules: SettleRules): Verdict {
  const verdict = newVerdict()
  switch (answer.kind) {
    case 'items':
      settleItems(answer.outcomes, items, { rules, verdict })
      break
    case 'all':
      // Whole requests are retried for ever: they do not count as refusals of their events.
      for (const item of items) applyOutcome(answer.outcome, item, { rules: wholeRequest(rules), verdict })
      break
    case 'split':
      if (items.length > 1) verdict.split = answer.why
      else for (const item of items) applyOutcome(answer.single, item, { rules, verdict })
      break
    default:
      answer satisfies never
  }
  if (verdict.accepted > 0) rules.passed()
  return verdict
}

interface Settling {
  readonly rules: SettleRules
  readonly verdict: Verdict
}

/** First what was accepted, as that decides whether the others are stuck. */
function settleItems(
  outcomes: readonly Outcome[],
  items: readonly DeliveryItem[],
  { rules, verdict }: Settling,
): void {
  const refused: number[] = []
  for (let index = 0; index < items.length; index++) {
    const outcome = outcomes[index]!
    if (outcome.kind === 'accepted') {
      verdict.accepted += 1
      rules.accept(items[index]!, outcome)
    } else {
      refused.push(index)
    }
  }
  if (verdict.accepted > 0) rules.passed()
  for (const index of refused) applyOutcome(outcomes[index]!, items[index]!, { rules, verdict })
}

function applyOutcome(outcome: Outcome, item: DeliveryItem, { rules, verdict }: Settling): void {
  switch (outcome.kind) {
    case 'accepted':
      verdict.accepted += 1
      rules.accept(item, outcome)
      break
    case 'retry':
      verdict.isTooMuch ||= tooMuch.has(outcome.reason)
      if (rules.isStuck(item)) {
        verdict.rejected.push({ item, outcome: stuck(outcome) })
        break
      }
      verdict.trouble ??= { kind: 'retry', reason: outcome.reason, text: outcome.text ?? '' }
      verdict.again.push(item)
      break
    case 'hold':
      rules.held(item)
      // A hold is what people must hear of, whatever else is in the answer.
      if (!verdict.isHeld) verdict.trouble = { kind: 'hold', reason: outcome.reason, text: outcome.text }
      verdict.isHeld = true
      verdict.again.push(item)
      break
    case 'rejected':
      verdict.rejected.push({ item, outcome })
      break
    case 'reroute':
      // The same variant again would go round for ever; it is the sink's mistake, and a plain retry then.
      if (outcome.variant === item.variant) verdict.again.push(item)
      else verdict.rerouted.push(item)
      item.variant = outcome.variant
      break
    default:
      outcome satisfies never
  }
}

/** Reasons that mean load rather than a broken line. */
const tooMuch: ReadonlySet<string> = new Set(['throttled', 'item_throttled', 'server_error', 'timeout'])

const wholeRequest = (rules: SettleRules): SettleRules => ({ ...rules, isStuck: () => false })

const stuck = (outcome: Extract<Outcome, { kind: 'retry' }>): Rejected => ({
  kind: 'rejected',
  reason: 'stuck',
  status: 0,
  type: outcome.reason,
  text: outcome.text ?? '',
})

const newVerdict = (): Verdict => ({
  accepted: 0,
  again: [],
  rejected: [],
  rerouted: [],
  split: undefined,
  isHeld: false,
  isTooMuch: false,
  trouble: undefined,
})
