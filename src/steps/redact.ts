import { z } from 'zod'
import { compileGuardedSearch, RegexError } from '../parsers/regex-guard.ts'
import { fieldName } from './field-names.ts'
import { RedactEvent } from './redaction/redact-event.ts'
import { escapesThatHide } from './redaction/hints.ts'
import type { HintText } from './redaction/hints.ts'
import { presetNames, presets, usualPresets } from './redaction/presets.ts'
import type { PresetName } from './redaction/presets.ts'
import { hashWith, Redactor } from './redaction/redactor.ts'
import { defineStep } from './step.ts'

const pattern = z
  .string()
  .min(1)
  .max(10_000)
  .superRefine((text, context) => {
    try {
      compileGuardedSearch(text)
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      context.addIssue({ code: 'custom', message: `is no regular expression: ${error.message}` })
    }
  })

const presetTexts = presetNames.map((name) => `\`${name}\`: ${presets[name].summary}`).join('; ')

export const redactStep = defineStep({
  type: 'redact',
  summary:
    'Takes secrets out of the event, for good: they are in no document, no Loki line, no dead letter and not in the buffer. Without `patterns` and `presets` the fields go as a whole; without `fields` too, all presets but `ipv4` are used.',
  schema: z.strictObject({
    fields: z.array(fieldName).min(1).optional().meta({
      description:
        'Members to look into, by name or path. `message` is the line as well where it is text. Default: the whole event.',
    }),
    patterns: z
      .array(pattern)
      .max(100)
      .default([])
      .meta({ description: 'Regular expressions; what they match is taken out.' }),
    presets: z
      .array(z.enum(presetNames))
      .default([])
      .meta({ description: `Kinds of secrets. ${presetTexts}.` }),
    with: z.enum(['mask', 'hash']).default('mask').meta({
      description:
        '`mask` puts the text of `mask` there; `hash` a keyed hash (HMAC-SHA256, 16 hex digits), the same for the same secret.',
    }),
    mask: z
      .string()
      .max(100)
      .default('[redacted]')
      .meta({ description: 'What stands there instead of a secret.' }),
    secret: z.string().min(16, 'must be at least 16 characters long').optional().meta({
      description:
        'The key of the hashes. A secret, so best a `${file:…}`; the same on all hosts, equal secrets have equal hashes on all of them. Default: a key that this installation makes for itself.',
    }),
  }),
  create({ fields, patterns, presets: names, with: how, mask, secret }, { trouble, hashKey }) {
    const usual = patterns.length > 0 ? names : presetsOf(fields, names)
    const redactor = new Redactor({
      presets: usual.map((name) => presets[name]),
      patterns: patterns.map((one) => compileGuardedSearch(one)),
      replace: how === 'hash' ? hashWith(secret ?? hashKey) : () => mask,
      mask,
      onTimeout: () => trouble.add('a pattern took too long: the whole value was masked'),
    })
    const redaction = new RedactEvent(redactor, fields)
    return {
      apply(event) {
        redaction.apply(event)
        return true
      },
    }
  },
  simple({ fields, patterns, presets: names }) {
    if (patterns.length > 0) return { because: 'patterns' }
    const used = presetsOf(fields, names)
    if (used.length === 0) return { kind: 'guard', hints: undefined, fields }
    const hints: HintText[] = [...escapesThatHide]
    for (const name of used) {
      const { hintTexts } = presets[name]
      if (!hintTexts) return { because: `the preset "${name}"` }
      hints.push(...hintTexts)
    }
    return { kind: 'guard', hints, fields }
  },
})

/** Without patterns. */
function presetsOf(
  fields: readonly string[] | undefined,
  names: readonly PresetName[],
): readonly PresetName[] {
  return fields === undefined && names.length === 0 ? usualPresets : names
}
