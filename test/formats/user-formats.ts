import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import picomatch from 'picomatch'
import { z } from 'zod'
import { say } from '../cli/fake-io.ts'

/** The guide's blocks of config: members of `sources`, and of `sinks` under one heading. */
export const guide = 'docs/formats.md'
/** The samples lie below it as on a host: `/srv/shop/...`. */
export const sampleFolder = 'test/fixtures/formats-of-users'

const document = z.record(z.string(), z.unknown())

interface Block {
  readonly heading: string
  readonly text: string
}

const sections = readFileSync(guide, 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ heading: text.slice(0, text.indexOf('\n')), text }))

const blocks = sections.flatMap(({ heading, text }) =>
  [...text.matchAll(/```jsonc\n([^]*?)```/g)].map((match): Block => ({ heading, text: match[1]!.trim() })),
)
const isSinks = ({ heading }: Block): boolean => heading === 'The sinks'
const sourceBlocks = blocks.filter((block) => !isSinks(block))
const sinks = blocks.find(isSinks)!.text

/** The config of these blocks, as somebody writes it who copies them from the guide. */
const configOf = (sources: readonly Block[]): string =>
  `{ "enrich": { "host": { "name": "web-1" } }, "sources": { ${sources.map(({ text }) => text).join(', ')} }, "sinks": { ${sinks} } }`

/** All of the guide's formats in one config. */
export const wholeConfig = configOf(sourceBlocks)

export interface Format {
  /** Of the source. */
  readonly name: string
  readonly config: string
}

export const formats: readonly Format[] = sourceBlocks.map((block) => ({
  name: /^"([^"]+)"/.exec(block.text)![1]!,
  config: configOf([block]),
}))

/** The questions of a format: Elasticsearch's as it takes them, Loki's as text. */
export interface Questions {
  readonly heading: string
  readonly elasticsearch: readonly object[]
  readonly loki: readonly string[]
}

export const questions: readonly Questions[] = sections.flatMap(({ heading, text }) => {
  const [, elasticsearch, loki] = /^Elasticsearch: (.*) Loki: (.*)$/m.exec(text) ?? []
  if (elasticsearch === undefined || loki === undefined) return []
  const queries = codeIn(elasticsearch).map((query) => document.parse(JSON.parse(query)))
  return [{ heading, elasticsearch: queries, loki: codeIn(loki) }]
})

/** The bodies of the searches under "The sinks", in their order, and the first column of the table of Loki's. */
export const searches = [...sections[0]!.text.matchAll(/-d '(.*)'$/gm)].map(([, body]) =>
  document.parse(JSON.parse(body!)),
)
export const logqlTable = [...sections[0]!.text.matchAll(/^\| `(.*?)` \| (?!finds)/gm)].map(([, query]) =>
  query!.replaceAll('\\|', '|'),
)

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)]
    .map(([, code]) => code!)
    .filter((code) => /^(?:\{|quantile)/.test(code))
}

/** Every sample, by the path that it has on a host. */
export function samples(folder = ''): string[] {
  return readdirSync(join(sampleFolder, 'srv', folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? samples(path) : [join('/srv', path)]
  })
}

const answer = z.object({
  source: z.string(),
  sink: z.string(),
  target: z.string(),
  body: z.string(),
  details: z.record(z.string(), z.unknown()),
})
const shipped = z.object({
  index: z.unknown(),
  document,
  entry: z.object({ stream: z.string(), line: z.string(), time: z.unknown(), metadata: z.unknown() }),
})
export type Shipped = z.infer<typeof shipped>
/** A file of expectations: of each sample what becomes of its events. */
export const expectations = z.record(z.string(), z.array(shipped))

/** Tells whether a source reads a file. */
export const reads = (source: Readonly<Record<string, unknown>>): ((path: string) => boolean) =>
  picomatch(z.array(z.string()).parse(source['include']))

/** What both sinks get for a file: through the lane, a record and the sinks, as `logferry test` says. */
export async function ship(configPath: string, source: string, path: string): Promise<Shipped[]> {
  const words = ['test', '-c', configPath, '--source', source, '--path', path, '--json', '-']
  const said = await say(words, { stdin: readFileSync(join(sampleFolder, path)) })
  if (said.status !== 0 || said.stderr !== '') throw new Error(`${path}: ${said.stderr}`)
  const answers = said.stdout
    .trimEnd()
    .split('\n')
    .map((line) => answer.parse(JSON.parse(line)))
  const of = (sink: string): z.infer<typeof answer>[] => answers.filter((one) => one.sink === sink)
  const entries = of('loki')
  return of('es').map(({ body, details }, index) => {
    const entry = entries[index]!
    return {
      index: details['index'],
      document: document.parse(JSON.parse(body)),
      entry: {
        stream: entry.target,
        line: entry.body,
        time: entry.details['time'],
        metadata: entry.details['structured_metadata'],
      },
    }
  })
}
