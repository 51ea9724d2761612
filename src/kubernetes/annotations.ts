import { nearest } from '../core/nearest.ts'
import type { JsonObject } from './json-reading.ts'

/** What annotations of a pod ask for, of all its containers or of one. */
export interface Wishes {
  readonly isLeftOut: boolean
  readonly parse: string | undefined
}

export interface PodWishes {
  of(container: string): Wishes
  /** Sentences about annotations that ask for nothing. */
  readonly warnings: readonly string[]
}

const prefix = 'logferry.io/'
const names = ['exclude', 'parse']

/** The parts of `logferry.io/parse-CONTAINER`. */
const form = /^(exclude|parse)(?:-([a-z0-9-]+))?$/

/** `parsers`: names that `parse` may have. */
export function podWishes(annotations: JsonObject, parsers: readonly string[]): PodWishes {
  const exclude = new Map<string, boolean>()
  const parse = new Map<string, string>()
  const warnings: string[] = []
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(prefix)) continue
    const [, name, container = ''] = form.exec(key.slice(prefix.length)) ?? []
    const text = typeof value === 'string' ? value.trim() : ''
    if (name === undefined)
      warnings.push(`there is no annotation ${key}${meant(key.slice(prefix.length), names)}`)
    else if (name === 'exclude' && (text === 'true' || text === 'false'))
      exclude.set(container, text === 'true')
    else if (name === 'parse' && parsers.includes(text)) parse.set(container, text)
    else warnings.push(`${key} cannot be ${shown(text)}${expected(name, text, parsers)}`)
  }
  const of = (container: string): Wishes => ({
    isLeftOut: exclude.get(container) ?? exclude.get('') ?? false,
    parse: parse.get(container) ?? parse.get(''),
  })
  return { of, warnings }
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 50))

function expected(name: string, text: string, parsers: readonly string[]): string {
  if (name === 'exclude') return ': it is "true" or "false"'
  return `: it is one of ${parsers.join(', ')}${meant(text, parsers)}`
}

function meant(text: string, candidates: readonly string[]): string {
  const near = nearest(text.slice(0, 50), candidates)
  return near === undefined ? '' : ` (did you mean "${near}"?)`
}
