import type { StoredEvent } from '../buffer/buffer.ts'
import { parseTemplate } from '../core/template-parts.ts'
import type { TemplatePart } from '../core/template-parts.ts'
import { lookUp } from './members.ts'

/** `{name}` and `{name:-default}` in plain text. */
export interface Template {
  readonly parts: readonly TemplatePart[]
  /** True without any `{…}`. */
  readonly isConstant: boolean
  /** Names that were asked for, each once. */
  readonly names: readonly string[]
  /** The text for one event; what is missing and has no default is ''. */
  render(event: StoredEvent): string
}

/** Throws `TemplateError` for a brace without its partner or an empty name. */
export function compileTemplate(text: string): Template {
  const parts = parseTemplate(text)
  const names = [...new Set(parts.flatMap((part) => (part.kind === 'field' ? [part.name] : [])))]
  const only = parts.length === 1 ? parts[0] : undefined
  return {
    parts,
    names,
    isConstant: names.length === 0,
    render(event) {
      if (only) return renderPart(event, only)
      let rendered = ''
      for (const part of parts) rendered += renderPart(event, part)
      return rendered
    },
  }
}

export function renderPart(event: StoredEvent, part: TemplatePart): string {
  if (part.kind === 'text') return part.text
  const found = lookUp(event, part.name)
  return found === undefined || found === '' ? part.fallback : found
}
