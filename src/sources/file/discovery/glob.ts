import path from 'node:path'
import picomatch from 'picomatch'

/** Kernel file systems: a `**` from the root must not walk them (endless, and reading there has side effects). */
const neverWalked = ['/proc', '/sys', '/dev']

/** `s`: without it `**` stops at a newline, and a folder with one in its name would hide its files, or save them from an exclude. */
const options = { dot: true, flags: 's' }

/** Which paths a source reads, and which folders can hold them. All paths are absolute. */
export class PathFilter {
  readonly #include: readonly PathPattern[]
  readonly #isExcluded: (path: string) => boolean

  constructor(include: readonly string[], exclude: readonly string[]) {
    this.#include = include.map((pattern) => new PathPattern(pattern))
    // A pattern without a slash means the name alone: `*.gz` as people write it for the other agents.
    const excluded = exclude.map((pattern) =>
      picomatch(pattern, { ...options, basename: !pattern.includes('/') }),
    )
    this.#isExcluded = (file) => excluded.some((matches) => matches(file))
  }

  /** Where the walk starts: what stands before the first wildcard of each include. */
  get fixedParts(): readonly string[] {
    return [...new Set(this.#include.map((pattern) => pattern.fixedPart))]
  }

  matches(file: string): boolean {
    return this.#include.some((pattern) => pattern.matches(file)) && !this.#isExcluded(file)
  }

  /** Whether a file below `folder`, at any depth, can match. `isLink`: links are not followed below a `**` (loops). */
  mayContain(folder: string, isLink = false): boolean {
    return this.#include.some((pattern) => pattern.mayContain(folder, isLink))
  }
}

class PathPattern {
  readonly fixedPart: string
  readonly matches: (path: string) => boolean
  /** Matchers of the folders after the fixed part; `undefined` stands for "any depth from here on". */
  readonly #folders: readonly (((name: string) => boolean) | undefined)[]

  constructor(pattern: string) {
    const scanned = picomatch.scan(pattern)
    const base = scanned.base.replaceAll(/\\(.)/g, '$1')
    // Without a wildcard the fixed part is the folder: the file itself may be a link, and is then checked against it.
    this.fixedPart = path.resolve(scanned.isGlob ? base || '/' : path.dirname(base))
    const matcher = picomatch(pattern, options)
    this.matches = (file) => matcher(file)
    const segments = scanned.isGlob ? scanned.glob.split('/').slice(0, -1) : []
    // `{a,b/c}` spans folders: no matcher by segment is right for it, so the whole pattern decides for each file.
    this.#folders = /[({][^)}]*\//.test(scanned.glob)
      ? [undefined]
      : segments.map((segment) =>
          segment.includes('**') ? undefined : (name: string) => picomatch(segment, options)(name),
        )
  }

  mayContain(folder: string, isLink: boolean): boolean {
    if (folder === this.fixedPart) return true
    if (!isUnder(folder, this.fixedPart)) return false
    const names = folder.slice(this.fixedPart === '/' ? 1 : this.fixedPart.length + 1).split('/')
    for (const [index, name] of names.entries()) {
      if (index >= this.#folders.length) return false
      const matches = this.#folders[index]
      if (!matches) return !isLink && !neverWalked.some((root) => isUnder(folder, root) || folder === root)
      if (!matches(name)) return false
    }
    return true
  }
}

/** Whether `file` lies below `folder` (not: is it). */
export function isUnder(file: string, folder: string): boolean {
  return folder === '/' ? file.length > 1 : file.startsWith(`${folder}/`)
}
