import { createScanner } from 'jsonc-parser'
import type { Node } from 'jsonc-parser'
import type { Path } from './finding.ts'
import { mayHideUserInfo, redacted, withoutUserInfo } from './secrets.ts'

/** A line of the config as it may be shown, with the place that is meant. */
export interface Quote {
  readonly line: string
  /** Where in `line` the marks go. */
  readonly from: number
  readonly length: number
}

/** A document that is what it seems to be. */
export interface Readable {
  readonly root: Node
  /** What to show in the place of a value; undefined for one that may be shown. */
  readonly standIn: (path: Path) => string | undefined
}

export interface Span {
  readonly offset: number
  readonly length: number
}

/** How much of a line is shown; a whole config in one line must not fill the screen. */
const widest = 100

/**
 * Quotes the line that `span` begins in. Secrets are blanked by their place, comments are left out (people comment
 * passwords out), and where the text could not be read (`readable` undefined) no value is shown at all: what looks like
 * a host there may be a password after a forgotten quote.
 */
export function quoteLine(text: string, span: Span, readable: Readable | undefined): Quote {
  const lineStart = text.lastIndexOf('\n', span.offset - 1) + 1
  const newline = text.indexOf('\n', span.offset)
  const lineEnd = newline < 0 ? text.length : newline
  const spanEnd = Math.min(
    Math.max(span.offset + span.length, span.offset + 1),
    Math.max(lineEnd, span.offset + 1),
  )
  let line = ''
  let from: number | undefined
  let to = 0
  for (const piece of shownPieces(text, { start: lineStart, end: lineEnd }, readable)) {
    const before = line.length
    line += piece.shown
    if (from === undefined && piece.end > span.offset) {
      from = before + (piece.isOriginal ? Math.max(span.offset - piece.start, 0) : 0)
    }
    if (piece.start < spanEnd) {
      to = piece.isOriginal ? before + Math.min(spanEnd, piece.end) - piece.start : line.length
    }
  }
  from ??= line.length
  const marked = {
    line: line.replaceAll(/[\0-\x1f\x7f-\x9f]/g, ' ').trimEnd(),
    from,
    length: Math.max(to - from, 1),
  }
  return cutAround(marked)
}

interface Piece {
  /** In the document. */
  readonly start: number
  readonly end: number
  readonly shown: string
  readonly isOriginal: boolean
}

interface Token {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly kind: 'string' | 'comment' | 'colon' | 'opener' | 'trivia' | 'word' | 'other'
}

function shownPieces(
  text: string,
  line: { start: number; end: number },
  readable: Readable | undefined,
): Piece[] {
  const standIns = readable && standInsOf(readable)
  const tokens = tokenize(text, line.end)
  const meaningful = tokens.filter(({ kind }) => kind !== 'trivia' && kind !== 'comment')
  const pieces: Piece[] = []
  for (const token of tokens) {
    if (token.end <= line.start) continue
    const start = Math.max(token.start, line.start)
    const end = Math.min(token.end, line.end)
    const original = text.slice(start, end)
    const shown = standIns
      ? shownOfReadable(token, original, standIns)
      : shownOfBroken(token, original, neighboursOf(token, meaningful))
    // Words in a row that are no JSON are one unknown thing.
    if (shown === '…' && pieces.at(-1)?.shown === '…') continue
    pieces.push({ start, end, shown, isOriginal: shown === original })
  }
  return pieces
}

interface Neighbours {
  readonly before: Token | undefined
  readonly after: Token | undefined
}

function neighboursOf(token: Token, tokens: readonly Token[]): Neighbours {
  const index = tokens.indexOf(token)
  return { before: tokens[index - 1], after: tokens[index + 1] }
}

function shownOfReadable(token: Token, original: string, standIns: ReadonlyMap<number, string>): string {
  return token.kind === 'comment' ? '' : (standIns.get(token.start) ?? withoutUserInfo(original))
}

function shownOfBroken(token: Token, original: string, { before, after }: Neighbours): string {
  if (token.kind === 'comment') return ''
  if (token.kind === 'word') return '…'
  if (token.kind !== 'string') return original
  // A key follows a brace or a comma, or, where the comma is forgotten, a value on a line before: with a colon or a quote
  // forgotten a password would seem to be one.
  const isFirst = !before || before.kind === 'opener' || (before.line < token.line && before.kind !== 'colon')
  return after?.kind === 'colon' && isFirst && /^"[\w$.-]{1,40}"$/.test(original) ? original : '"…"'
}

/** By offset, what stands in for values that must not be shown. A bare reference may be: it names where the secret is. */
function standInsOf({ root, standIn }: Readable): Map<number, string> {
  const standIns = new Map<number, string>()
  const visit = (node: Node, path: Path): void => {
    if (node.type === 'object') {
      for (const { children } of node.children ?? []) {
        const [key, value] = children ?? []
        if (key && value) visit(value, [...path, String(key.value)])
      }
    } else if (node.type === 'array') {
      node.children?.forEach((child, index) => visit(child, [...path, index]))
    } else if (/^\$\{(?:file:[^{}]*|\w+)\}$/.test(String(node.value))) {
      return
    } else {
      const shown = standIn(path) ?? (mayHideUserInfo(path, node.value) ? redacted : undefined)
      if (shown !== undefined) standIns.set(node.offset, node.type === 'string' ? `"${shown}"` : shown)
    }
  }
  visit(root, [])
  return standIns
}

function tokenize(text: string, end: number): Token[] {
  const scanner = createScanner(text, false)
  const tokens: Token[] = []
  // The comments and strings before the line decide what the line is, so the scan begins at the top.
  while (scanner.getPosition() < end) {
    const kind: number = scanner.scan()
    const start = scanner.getTokenOffset()
    const length = scanner.getTokenLength()
    if (length === 0) break
    const line = scanner.getTokenStartLine()
    tokens.push({ start, end: start + length, line, kind: kindOf(kind, text[start]!) })
  }
  return tokens
}

/** jsonc-parser's token numbers: its `const enum` is not there at run time. */
function kindOf(kind: number, first: string): Token['kind'] {
  if (kind === 10) return 'string'
  if (kind === 11 || kind === 16) return 'word'
  if (kind === 12 || kind === 13) return 'comment'
  if (kind === 14 || kind === 15) return 'trivia'
  if (first === ':') return 'colon'
  return first === '{' || first === ',' ? 'opener' : 'other'
}

function cutAround({ line, from, length }: Quote): Quote {
  if (line.length <= widest) return { line, from, length: Math.max(Math.min(length, line.length - from), 1) }
  const start = Math.max(0, Math.min(from - 30, line.length - widest))
  const end = Math.min(line.length, start + widest)
  const before = start > 0 ? '…' : ''
  const after = end < line.length ? '…' : ''
  const shiftedFrom = from - start + before.length
  return {
    line: before + line.slice(start, end) + after,
    from: shiftedFrom,
    length: Math.max(Math.min(length, end - from), 1),
  }
}
