import { fieldChecks } from './check-fields.ts'
import { patternChecks } from './check-patterns.ts'
import { stepChecks } from './check-steps.ts'
import { failure, warning } from './finding.ts'
import type { Finding } from './finding.ts'
import { globsOverlap } from './glob-overlap.ts'
import { nearest } from '../core/nearest.ts'
import type { SinkConfig } from './schema.ts'
import type { SourceConfig } from './source-schema.ts'
import type { Pieces } from './validate.ts'
import { isObject, textsOf } from './values.ts'

/** What no schema of one piece can see: names that refer to others, settings that are risky together. */
export function checkConfig(pieces: Pieces, raw: unknown): Finding[] {
  const sinkNames = namesIn(raw, 'sinks')
  return [
    ...referenceChecks(raw, sinkNames),
    ...stdinChecks(pieces),
    ...overlapChecks(pieces),
    ...fieldChecks(pieces),
    ...patternChecks(pieces),
    ...stepChecks(pieces, raw, sinkNames),
    ...Object.entries(pieces.sinks).flatMap(([name, sink]) => sinkChecks(name, sink)),
  ]
}

function namesIn(raw: unknown, section: 'sources' | 'sinks'): string[] {
  const found = isObject(raw) ? raw[section] : undefined
  return isObject(found) ? Object.keys(found) : []
}

/** Looks at the values as written, so that a broken source or sink does not make its references wrong. */
function referenceChecks(raw: unknown, sinkNames: readonly string[]): Finding[] {
  const findings: Finding[] = []
  const used = new Set<unknown>()
  const sources = isObject(raw) && isObject(raw['sources']) ? raw['sources'] : {}
  for (const [name, source] of Object.entries(sources)) {
    const list = isObject(source) ? source['sinks'] : undefined
    const named = Array.isArray(list) ? list : sinkNames
    for (const [index, sink] of named.entries()) {
      used.add(sink)
      findings.push(...unknownSink(sink, ['sources', name, 'sinks', index], sinkNames))
    }
  }
  // Beside a misspelt name this one is probably what was meant.
  if (used.size === 0 || findings.length > 0) return findings
  const unused = sinkNames.filter((sink) => !used.has(sink))
  return unused.map((sink) => warning(['sinks', sink], 'no source sends to this sink', 'key'))
}

function unknownSink(sink: unknown, path: (string | number)[], known: readonly string[]): Finding[] {
  if (typeof sink !== 'string' || known.includes(sink)) return []
  const meant = nearest(sink, known)
  const hint = meant
    ? `, did you mean "${meant}"?`
    : known.length > 0
      ? `, there are: ${known.join(', ')}`
      : ''
  return [failure(path, `no sink has the name ${JSON.stringify(sink)}${hint}`)]
}

/** Standard input can be read once: the second source would wait for ever. */
function stdinChecks({ sources }: Pieces): Finding[] {
  const [first, ...others] = Object.keys(sources).filter((name) => sources[name]!.type === 'stdin')
  return others.map((name) =>
    failure(['sources', name, 'type'], `stdin is read by source "${first}" already`),
  )
}

/** A file belongs to the first source that matches it, so overlap is legal and often a mistake. */
function overlapChecks({ sources, sinks }: Pieces): Finding[] {
  const findings: Finding[] = []
  const readers = Object.entries(sources).map(([name, source]) => ({ name, ...patternsOf(source) }))
  for (const [index, later] of readers.entries()) {
    for (const [at, pattern] of later.include.entries()) {
      const earlier = readers
        .slice(0, index)
        .find(
          (reader) => reads(reader, pattern) && !later.exclude.some((one) => reader.include.includes(one)),
        )
      if (!earlier) continue
      const message = `overlaps with source "${earlier.name}": a file that both match is read by "${earlier.name}" alone`
      findings.push(warning(['sources', later.name, 'include', at], message))
    }
  }
  for (const [name, { path }] of Object.entries(sinks)) {
    if (typeof path !== 'string') continue
    const reader = readers.find((one) => reads(one, path.replaceAll(/%.|\{[^}]*\}/g, '*')))
    if (reader)
      findings.push(
        warning(
          ['sinks', name, 'path'],
          `source "${reader.name}" reads what this sink writes: the same events would go round for ever`,
        ),
      )
  }
  return findings
}

interface Patterns {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

const reads = ({ include, exclude }: Patterns, pattern: string): boolean =>
  include.some((one) => globsOverlap(one, pattern)) && !exclude.includes(pattern)

function patternsOf({ include, exclude }: SourceConfig): Patterns {
  return { include: textsOf(include), exclude: textsOf(exclude) }
}

function sinkChecks(name: string, sink: SinkConfig): Finding[] {
  const findings: Finding[] = []
  const { tls, retry } = sink
  if (isObject(tls) && tls['verify'] === false) {
    const message =
      'the certificate of the server is not verified: whoever sits in between can read and change everything'
    findings.push(warning(['sinks', name, 'tls', 'verify'], message))
  }
  if (retry.min > retry.max) {
    findings.push(failure(['sinks', name, 'retry', 'min'], 'must not be above retry.max'))
  }
  for (const { path, url } of urlsOf(name, sink)) {
    const isPlain = url.protocol === 'http:' && !/^(?:localhost|127\.|\[::1\])/.test(url.hostname)
    if (isPlain && (isObject(sink['auth']) || url.username !== '')) {
      findings.push(warning(path, 'credentials go over the network unencrypted: use https'))
    }
  }
  return findings
}

function urlsOf(name: string, { url, nodes }: SinkConfig): { path: (string | number)[]; url: URL }[] {
  const texts = [
    ...textsOf(nodes).map((text, index) => ({ path: ['sinks', name, 'nodes', index], text })),
    { path: ['sinks', name, 'url'], text: typeof url === 'string' ? url : '' },
  ]
  return texts.flatMap(({ path, text }) => (URL.canParse(text) ? [{ path, url: new URL(text) }] : []))
}
