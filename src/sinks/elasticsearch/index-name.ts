import type { StoredEvent } from '../../buffer/buffer.ts'
import { parseTemplate } from '../../core/template-parts.ts'
import { renderPart } from '../../render/template.ts'
import { compileStrftime, strftimePeriod } from '../../render/time-text.ts'
import type { IndexValues } from './index-values.ts'

/** Where an event goes. One for each sink. */
export interface IndexNames {
  /** True if no `{field}` is in the name: then nothing needs to be saved before it is used. */
  readonly isByTimeOnly: boolean
  /** With `isByTimeOnly`: names only change at multiples of so many seconds since 1970; Infinity: never. */
  readonly period: number
  of(event: StoredEvent): string
  /** The same for a preview: admits no value. */
  preview(event: StoredEvent): string
}

const maxNameBytes = 255
const secondsPerDay = 86_400
/** Stands for a member that the event doesn't have, and for one that nothing usable is left of. */
const missing = 'unknown'

type Part =
  | { readonly text: (seconds: number) => string }
  | { readonly value: (event: StoredEvent) => string }

/** Compiles `app-{service}-%Y.%m.%d`. The pattern was checked by the schema. */
export function compileIndexName(pattern: string, values: IndexValues): IndexNames {
  const template = parseTemplate(pattern)
  const periods = template.flatMap((part) => (part.kind === 'text' ? [strftimePeriod(part.text)] : []))
  const period = Math.min(...periods, Infinity)
  const parts = template.map((part): Part => {
    if (part.kind === 'field') return { value: (event) => sanitize(renderPart(event, part)) }
    const text = compileStrftime(part.text)
    // %b and %A bring capitals, which no index may have.
    let last = ''
    let lowered = ''
    return {
      text: (seconds) => {
        const name = text(seconds)
        // The same text for a whole day: to lower it for each event is 0.1 CPU s/GB.
        if (name !== last) lowered = name.toLowerCase()
        last = name
        return lowered
      },
    }
  })
  const name = (event: StoredEvent, admits: (day: number, value: string) => boolean): string => {
    const { seconds } = event
    const own = parts.map((part) => ('value' in part ? part.value(event) : ''))
    const day = Math.floor(seconds / secondsPerDay)
    if (!admits(day, own.join('\0'))) return overflow(parts, seconds)
    const texts = parts.map((part) => ('text' in part ? part.text(seconds) : ''))
    const room = maxNameBytes - texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    const roomEach = Math.floor(room / own.filter((value) => value !== '').length)
    return texts.map((text, index) => text || cut(own[index]!, roomEach)).join('')
  }
  if (parts.every((part) => 'text' in part)) {
    const of = (event: StoredEvent): string => parts.map((part) => part.text(event.seconds)).join('')
    const only = parts.length === 1 ? parts[0] : undefined
    return { isByTimeOnly: true, period, of: only ? (event) => only.text(event.seconds) : of, preview: of }
  }
  return {
    isByTimeOnly: false,
    period,
    of: (event) => name(event, (day, value) => values.admit(day, value)),
    preview: (event) => name(event, (day, value) => values.wouldAdmit(day, value)),
  }
}

/** The name without its values, then `-overflow`: `app-{service}-%Y` becomes `app-2026-overflow`. */
function overflow(parts: readonly Part[], seconds: number): string {
  const fixed = parts.map((part) => ('text' in part ? part.text(seconds) : '')).join('')
  const bare = fixed
    .replace(/[-_.]{2,}/g, (run) => run[0]!)
    .replace(/^[-_+.]+/, '')
    .replace(/[-_.]+$/, '')
  return bare === '' ? 'overflow' : `${bare}-overflow`
}

/** Lower case, without what an index name cannot hold, and without what would make it hidden or invalid in front. */
export function sanitize(value: string): string {
  const clean = value
    .toLowerCase()
    .replace(/[\0-\x20\x7f-\x9f\u2028\u2029"*,/<>?\\|#:]|\p{Surrogate}/gu, '-')
    .replace(/^[-_+.]+/, '')
  return clean === '' ? missing : cut(clean, maxNameBytes)
}

/** At most `maxBytes` bytes of UTF-8, whole characters only. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
