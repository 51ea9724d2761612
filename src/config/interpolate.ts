import { resolve } from 'node:path'
import type { Node } from 'jsonc-parser'
import type { FileSystem } from '../core/file-system.ts'
import { failure, pathText, unknownKeyAt } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import { ReadFailure, readText } from './read-text.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface InterpolateOptions {
  readonly env: Environment
  readonly fileSystem: FileSystem
  /** Where relative paths of `${file:}` start. */
  readonly folder: string
}

export interface Interpolated {
  readonly value: unknown
  readonly findings: readonly Finding[]
  /** By `pathText`: strings that are exactly one `${…}`, so that they may stand for a number or a boolean. */
  readonly substituted: ReadonlyMap<string, string>
  /** By `pathText`: strings with a `${file:}` in them. */
  readonly fromFiles: ReadonlySet<string>
  /** What `${file:}` brought. */
  readonly secrets: readonly string[]
  readonly files: readonly string[]
  /** By `pathText`: strings that could not be expanded; what a schema says of them is beside the point. */
  readonly broken: ReadonlySet<string>
}

/** The document as plain values, with `${NAME}`, `${NAME:-default}`, `${file:/path}` and `$$` in strings expanded. */
export async function interpolate(root: Node, options: InterpolateOptions): Promise<Interpolated> {
  const walk = new Walk(options)
  const value = await walk.value(root, [])
  const { findings, substituted, fromFiles, secrets, files, broken } = walk
  return { value, findings, substituted, fromFiles, secrets, files, broken }
}

class Walk {
  readonly findings: Finding[] = []
  readonly substituted = new Map<string, string>()
  readonly fromFiles = new Set<string>()
  readonly secrets: string[] = []
  readonly files: string[] = []
  readonly broken = new Set<string>()
  readonly #options: InterpolateOptions

  constructor(options: InterpolateOptions) {
    this.#options = options
  }

  async value(node: Node, path: Path): Promise<unknown> {
    if (node.type === 'object') return this.#object(node, path)
    if (node.type === 'string') return this.#string(String(node.value), path)
    if (node.type !== 'array') return node.value
    const items: unknown[] = []
    for (const [index, child] of (node.children ?? []).entries()) {
      items.push(await this.value(child, [...path, index]))
    }
    return items
  }

  async #object(node: Node, path: Path): Promise<unknown> {
    const members: Record<string, unknown> = {}
    for (const property of node.children ?? []) {
      const [key, child] = property.children ?? []
      if (!key || !child) continue
      const name = String(key.value)
      // zod's records pass over it in silence, and an assignment would change the object's prototype.
      if (name === '__proto__') this.findings.push(unknownKeyAt([...path, name], 'unknown key'))
      else members[name] = await this.value(child, [...path, name])
    }
    return members
  }

  async #string(text: string, path: Path): Promise<string> {
    if (!text.includes('$')) return text
    const filesBefore = this.secrets.length
    try {
      const expanded = await this.#expand(text)
      if (isOneReference(text)) this.substituted.set(pathText(path), expanded)
      if (this.secrets.length > filesBefore) this.fromFiles.add(pathText(path))
      return expanded
    } catch (error) {
      if (!(error instanceof Unexpandable)) throw error
      this.findings.push(failure(path, error.message))
      this.broken.add(pathText(path))
      return text
    }
  }

  async #expand(text: string): Promise<string> {
    let out = ''
    let at = 0
    while (at < text.length) {
      const dollar = text.indexOf('$', at)
      if (dollar < 0) break
      out += text.slice(at, dollar)
      at = dollar + 2
      if (text[dollar + 1] === '$') {
        out += '$'
      } else if (text[dollar + 1] === '{') {
        const end = closingBrace(text, at)
        if (end === undefined) throw new Unexpandable('"${" without "}" (a literal $ is written $$)')
        out += await this.#reference(text.slice(at, end))
        at = end + 1
      } else {
        out += '$'
        at = dollar + 1
      }
    }
    return out + text.slice(at)
  }

  async #reference(inside: string): Promise<string> {
    if (inside.startsWith('file:')) return this.#file(inside.slice('file:'.length))
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([^]*))?$/.exec(inside)
    if (!match)
      throw new Unexpandable(
        'expected ${NAME}, ${NAME:-default} or ${file:/path} (a literal $ is written $$)',
      )
    const [, name, fallback] = match
    const value = this.#options.env[name!]
    // As in the shell, `:-` also stands in for an empty value.
    if (fallback !== undefined) return value || this.#expand(fallback)
    if (value === undefined) {
      throw new Unexpandable(`environment variable ${name} is not set (\${${name}:-default} gives a default)`)
    }
    return value
  }

  async #file(text: string): Promise<string> {
    if (text === '') throw new Unexpandable('${file:} names no file')
    const path = resolve(this.#options.folder, await this.#expand(text))
    this.files.push(path)
    try {
      const content = (await readText(path, this.#options.fileSystem)).replace(/\r?\n$/, '')
      this.secrets.push(content)
      return content
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error
      throw new Unexpandable(`cannot read ${path}: ${error.message}`, { cause: error })
    }
  }
}

class Unexpandable extends Error {}

/** Where the reference that begins before `from` ends. Braces nest, so that a default may hold `${…}` and `{field}`. */
function closingBrace(text: string, from: number): number | undefined {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return undefined
}

function isOneReference(text: string): boolean {
  return text.startsWith('${') && closingBrace(text, 2) === text.length - 1
}
