import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { say } from '../cli/fake-io.ts'

/** The guide's blocks of config: members of `sources`, and of `sinks` under one heading. */
export const guide = 'docs/formats.md'
/** The samples lie below it as on a host: `/srv/shop/...`. */
export const sampleFolder = 'test/fixtures/formats-of-users'

interface Block {
  readonly heading: string
  readonly text: string
}

function blocks(): Block[] {
  return readFileSync(guide, 'utf8')
    .split(/^## /m)
    .flatMap((section) =>
      [...section.matchAll(/```jsonc\n([^]*?)```/g)].map((match) => ({
        heading: section.slice(0, section.indexOf('\n')),
        text: match[1]!.trim(),
      })),
    )
}

const isSinks = ({ heading }: Block): boolean => heading === 'The sinks'
const sourceBlocks = blocks().filter((block) => !isSinks(block))
const sinks = blocks().find(isSinks)!.text

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
const document = z.record(z.string(), z.unknown())

export interface Shipped {
  readonly index: unknown
  readonly document: Record<string, unknown>
  readonly entry: {
    readonly stream: string
    readonly line: string
    readonly time: unknown
    readonly metadata: unknown
  }
}

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
