/** `{name}` and `{name:-default}` in plain text, taken apart. What the names stand for, their users know. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string; readonly fallback: string }

export class TemplateError extends Error {}

/** Throws `TemplateError` for a brace without its partner or an empty name. */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('{', at)
    const end = open < 0 ? text.length : open
    if (end > at) parts.push({ kind: 'text', text: plain(text.slice(at, end)) })
    if (open < 0) break
    const close = text.indexOf('}', open)
    if (close < 0) throw new TemplateError(`"{" without "}" in ${JSON.stringify(text)}`)
    parts.push(field(text.slice(open + 1, close), text))
    at = close + 1
  }
  return parts
}

function plain(text: string): string {
  if (text.includes('}')) throw new TemplateError(`"}" without "{" in ${JSON.stringify(text)}`)
  return text
}

function field(inside: string, text: string): TemplatePart {
  const split = inside.indexOf(':-')
  const name = (split < 0 ? inside : inside.slice(0, split)).trim()
  if (name === '') throw new TemplateError(`"{}" names no field in ${JSON.stringify(text)}`)
  if (name.includes('{')) throw new TemplateError(`"{" inside "{…}" in ${JSON.stringify(text)}`)
  return { kind: 'field', name, fallback: split < 0 ? '' : inside.slice(split + 2) }
}
