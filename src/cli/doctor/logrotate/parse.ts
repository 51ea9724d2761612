import type { LogrotateSettings } from './blocks.ts'

/** What stands in a config of logrotate, in its order. What matters to nobody who reads the files is left out. */
export type LogrotatePart =
  | { readonly kind: 'setting'; readonly settings: LogrotateSettings }
  | { readonly kind: 'include'; readonly path: string }
  | {
      readonly kind: 'block'
      readonly patterns: readonly string[]
      readonly settings: LogrotateSettings
      readonly line: number
    }

const scripts = /^(?:prerotate|postrotate|firstaction|lastaction|preremove)\b/

/** Never fails: what it does not understand it passes over, as it is logrotate's business. */
export function parseLogrotate(text: string): LogrotatePart[] {
  const parts: LogrotatePart[] = []
  /** Patterns before their `{`, which may stand on lines of their own. */
  let patterns: string[] = []
  let [firstLine, isInside, isScript] = [0, false, false]
  let settings: LogrotateSettings = {}
  const end = (): void => {
    if (isInside) parts.push({ kind: 'block', patterns, settings, line: firstLine })
    patterns = []
    settings = {}
    isInside = false
  }
  const take = (line: string, number: number): void => {
    if (line === '') return
    if (isInside) {
      const isEnd = line.endsWith('}')
      settings = { ...settings, ...settingsOf(isEnd ? line.slice(0, -1).trim() : line) }
      if (isEnd) end()
      return
    }
    const open = line.indexOf('{')
    const words = wordsOf(open < 0 ? line : line.slice(0, open))
    const isPattern = open >= 0 || patterns.length > 0 || /^["'/]/.test(line)
    if (isPattern) {
      if (patterns.length === 0) firstLine = number
      patterns.push(...words)
      isInside = open >= 0
      if (isInside) take(line.slice(open + 1).trim(), number)
    } else if (words[0] === 'include' && words[1] !== undefined)
      parts.push({ kind: 'include', path: words[1] })
    else parts.push({ kind: 'setting', settings: settingsOf(line) })
  }
  for (const [index, whole] of text.replaceAll(/\\\n/g, ' ').split('\n').entries()) {
    const line = whole.replace(/^\s*#.*$/, '').trim()
    if (isScript) isScript = line !== 'endscript'
    else if (scripts.test(line)) isScript = true
    else take(line, index + 1)
  }
  return parts
}

/** Names with spaces stand in quotes. */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare!,
  )

const switches = ['copytruncate', 'copy', 'compress', 'delaycompress'] as const
const periods = /^(?:hourly|daily|weekly|monthly|yearly)$/

function settingsOf(line: string): LogrotateSettings {
  // `rotate=7` is as good as `rotate 7`.
  const [key = '', value = ''] = line.split(/[\s=]+/)
  for (const name of switches) {
    if (key === name) return { [name]: true }
    if (key === `no${name}`) return { [name]: false }
  }
  if (periods.test(key)) return { every: key }
  if (key === 'rotate' && /^-?\d+$/.test(value)) return { rotate: Number(value) }
  if (key === 'maxage' && /^\d+$/.test(value)) return { maxage: Number(value) }
  if (key === 'size' || key === 'maxsize' || key === 'olddir') return { [key]: value }
  return {}
}
