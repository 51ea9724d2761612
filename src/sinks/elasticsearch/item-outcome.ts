import type { HoldReason, Outcome, RejectReason } from '../../core/outcome.ts'
import { serverText } from '../http/body.ts'

/** What a 409 says: `own`: ids that only this agent makes; `field`: ids that somebody else may have used. */
export type IdKind = 'own' | 'field' | 'none'

export interface ItemRules {
  readonly op: 'create' | 'index'
  readonly id: IdKind
}

/** One entry of a bulk answer, as far as it is looked at. */
export interface AnsweredItem {
  readonly status: number
  readonly type: string
  readonly reason: string
  /** `used`: the document went to the failure store instead of its index. */
  readonly failureStore: string
}

export const accepted: Outcome = { kind: 'accepted' }
const duplicate: Outcome = { kind: 'accepted', duplicate: true }
const diverted: Outcome = { kind: 'accepted', note: 'failure_store' }

/**
 * The table of DESIGN "Sinks" for one item, measured on Elasticsearch 9.5.3 (reliability.md 4.1). `unanswered`: an
 * earlier request with this event got no answer, so the server may have it from us.
 */
export function itemOutcome(item: AnsweredItem, rules: ItemRules, unanswered: boolean): Outcome {
  const { status } = item
  if (status >= 200 && status < 300) return item.failureStore === 'used' ? diverted : accepted
  if (status === 409) return conflict(item, rules, unanswered)
  if (status === 429) return { kind: 'retry', reason: 'item_throttled', text: textOf(item) }
  if (status >= 500) return { kind: 'retry', reason: 'item_error', text: textOf(item) }
  const hold = holdReason(item)
  if (hold) return { kind: 'hold', reason: hold, text: textOf(item) }
  return { kind: 'rejected', reason: rejectReason(item), status, type: typeOf(item), text: textOf(item) }
}

function conflict(item: AnsweredItem, rules: ItemRules, unanswered: boolean): Outcome {
  const isThere = item.type === '' || /version_conflict|already_exists/.test(item.type)
  const isOurs = rules.id === 'own' || (rules.id === 'field' && unanswered)
  if (rules.op === 'create' && isThere && isOurs) return duplicate
  // A 409 about something else says nothing about the document: to accept it could lose it.
  if (!isThere) return { kind: 'retry', reason: 'item_error', text: textOf(item) }
  return { kind: 'rejected', reason: 'conflict', status: 409, type: typeOf(item), text: textOf(item) }
}

/** What an operator has to put right, after which the same event passes. */
function holdReason({ status, type, reason }: AnsweredItem): HoldReason | undefined {
  if (status < 200 || (status >= 300 && status < 400)) return 'unexpected_status'
  if (status === 401) return 'unauthorized'
  if (status === 403) return type === 'cluster_block_exception' ? 'blocked' : 'forbidden'
  if (status === 404) return 'not_found'
  if (type === 'index_closed_exception') return 'index_closed'
  if (type === 'cluster_block_exception') return 'blocked'
  // "this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open"
  if (type === 'validation_exception') return 'shard_limit'
  if (type !== 'illegal_argument_exception') return undefined
  if (/pipeline.*(does not exist|not found|missing)/i.test(reason)) return 'pipeline_missing'
  if (/op_type/.test(reason)) return 'wrong_op'
  // "no write index is defined for alias [x]": rollover was set up halfway.
  if (/no write index/i.test(reason)) return 'not_found'
  return undefined
}

function rejectReason({ status, type, reason }: AnsweredItem): RejectReason {
  if (status === 413) return 'too_large'
  // Elasticsearch 7 gives the JSON parser's complaint as the cause, for an object where a number should be.
  if (/failed to parse field \[.*\] of type/.test(reason)) return 'mapping'
  // Said of a document that is no JSON, and of one whose JSON does not fit the mapping: the text tells them apart.
  if (
    /x_content_parse|json_parse|not_x_content|parse_exception$/.test(type) &&
    !/^(document|mapper)_/.test(type)
  ) {
    return 'malformed'
  }
  if (
    /x_content_parse|json_parse|JsonEOF|Unexpected (character|end)|Duplicate field|malformed/i.test(reason)
  ) {
    return 'malformed'
  }
  if (/^(document_parsing|mapper_parsing|strict_dynamic_mapping|illegal_argument)/.test(type))
    return 'mapping'
  return 'refused'
}

const textOf = ({ type, reason }: AnsweredItem): string =>
  serverText(type === '' ? reason : `${type}: ${reason}`)
const typeOf = ({ type }: AnsweredItem): string => serverText(type, 100)
