import type { RejectReason } from '../../core/outcome.ts'

export interface Refusal {
  readonly reason: string
  /** The server's name for it. */
  readonly type: string
  readonly text: string
  /** '' where the server names none. */
  readonly field: string
}

interface Rule {
  readonly when: RegExp
  /** `{field}` and `{kind}`, the type of the mapping, are filled in. */
  readonly advice: string
}

/** By reason, the first rule that fits type and text; then what holds for the reason at large. */
const rules: Partial<Record<RejectReason, readonly Rule[]>> = {
  mapping: [
    {
      when: /failed to parse field \[.+?\] of type \[(\w+)\]/,
      advice:
        'The index has {field} as {kind}, these events have something else in it. For the index that is there set "ignore_malformed": true for {field} (PUT INDEX/_mapping): it then takes these events, searchable but for that field, and `dlq replay` sends them. For the next index give {field} another type in the index template, or rename it by a step.',
    },
    {
      when: /strict_dynamic_mapping/,
      advice:
        'The mapping is strict and does not know {field}. Add it to the index template, or take it out by a "remove" step.',
    },
    {
      when: /total fields/,
      advice:
        'More different fields than the index may have: often a member with ids or names as keys. Map that member as "flattened", or raise index.mapping.total_fields.limit.',
    },
    {
      when: /mapping depth|nesting depth/i,
      advice:
        'Objects stand deeper in each other than the server takes. Map the outer one as "flattened" or "enabled": false, or take it out by a "remove" step.',
    },
    {
      when: /immense term/,
      advice:
        '{field} is longer than a keyword may be (32,766 bytes). Map it as text, or with "ignore_above".',
    },
    {
      when: /timestamp field/,
      advice:
        'The data stream wants one {field} in each event: look with `dlq show` at what stands in its place.',
    },
    {
      when: /object mapping|must be of type object|non object|concrete value|START_OBJECT|cannot be changed from type|ambiguous/,
      advice:
        '{field} is an object in some events and a plain value in others, and an index takes one of the two. Rename it by a step in the events of one kind, or map it as "flattened" where they are objects.',
    },
  ],
  malformed: [
    {
      when: /[Dd]uplicate field/,
      advice:
        'The key {field} stands in the event twice, as the program wrote it: lines are kept byte for byte. Let the program write it once.',
    },
    {
      when: /nesting depth/i,
      advice: 'Objects stand deeper in each other than the server reads. Let the program write less deep.',
    },
  ],
  too_large: [
    {
      when: /line_too_long|max entry size/,
      advice:
        'Longer than Loki takes. Raise limits_config.max_line_size, or lower max_line_bytes of the source: longer lines are then cut and flagged.',
    },
  ],
}

const general: Record<RejectReason, string> = {
  mapping:
    'The event does not fit the mapping of its index: the text of the server says where. Change the index template, which holds from the next index on, or the event by a step.',
  malformed:
    'The server cannot read the event. `dlq show` has it as it was sent; lines are kept byte for byte, so the program that writes them has to change, or a step.',
  too_old:
    'Older than Loki takes (reject_old_samples_max_age, a week). For an import raise that, or set reject_old_samples: false; or leave old files out by ignore_older of the source.',
  too_new:
    'More in the future than Loki takes (creation_grace_period, 10 minutes). Look at the clock of the host that wrote it, and at timestamp.timezone of the source.',
  too_far_behind:
    'Too far behind what its stream had already. With "late": "relabel" such entries go to a stream of their own.',
  too_large:
    'Larger than the server or a proxy before it takes, alone. Raise http.max_content_length (Elasticsearch) or the limit of the proxy (nginx: client_max_body_size), or lower max_line_bytes of the source.',
  labels:
    'Loki refuses the labels of its stream: the text names the label. Take it out of "labels" of the sink, or raise the limit at Loki.',
  metadata:
    'More structured metadata than Loki takes. Fewer names in structured_metadata of the sink, or raise limits_config.max_structured_metadata_size.',
  conflict:
    'Another document has this id. Ids from a field have to be unique: choose another field, or "id": "auto".',
  refused: 'Refused for a reason that is not known here: the text of the server says why, `dlq show` has it.',
  stuck:
    'Refused as "try again later" ten times over ten minutes, while other events passed: the text of the server says why.',
}

/** What to do about a refusal, in words. */
export function adviceFor({ reason, type, text, field }: Refusal): string {
  if (!isKnown(reason)) return general.refused
  const said = `${type} ${text}`
  for (const { when, advice } of rules[reason] ?? []) {
    const match = when.exec(said)
    if (match) return filled(advice, field, match[1] ?? 'another type')
  }
  return filled(general[reason], field, '')
}

const isKnown = (reason: string): reason is RejectReason => Object.hasOwn(general, reason)

const filled = (advice: string, field: string, kind: string): string =>
  advice.replaceAll('{field}', () => field || 'the field').replaceAll('{kind}', () => kind)
