import { readFileSync } from 'node:fs'
import { documentsOf, openLane, process } from '../test/lanes/lane-under-test.ts'

/** Lines of one common format, and what is to become of them. */
export interface FormatLines {
  readonly name: string
  /** The parser that is made for them, if there is one. */
  readonly preset: string | undefined
  readonly lines: readonly string[]
}

/** One format in the golden file: what `auto` chose, and the documents' members without where they were read. */
interface FormatGolden {
  readonly name: string
  readonly auto: string
  readonly documents: readonly string[]
  /** By the preset's name, where that says anything else than `auto`. */
  readonly preset?: { readonly parse: string; readonly documents: readonly string[] }
}

const folder = 'test/fixtures/formats'

/** The sections of `formats.txt`: `== NAME · WHERE · PRESET`, then lines. */
export function readFormats(): FormatLines[] {
  const formats: { name: string; preset: string | undefined; lines: string[] }[] = []
  for (const line of readFileSync(`${folder}/formats.txt`, 'utf8').split('\n')) {
    const [name = '', , preset] = line.slice(3).split(' · ')
    if (line.startsWith('== ')) formats.push({ name, preset, lines: [] })
    else if (line !== '') formats.at(-1)?.lines.push(line)
  }
  return formats
}

function goldenOf({ name, preset, lines }: FormatLines): FormatGolden {
  const auto = documentsWith(lines, 'auto')
  if (preset === undefined) return { name, auto: auto.parser, documents: auto.documents }
  const named = documentsWith(lines, preset)
  const isSame = named.documents.join('\n') === auto.documents.join('\n')
  const golden = { name, auto: auto.parser, documents: auto.documents }
  return isSame ? golden : { ...golden, preset: { parse: preset, documents: named.documents } }
}

function documentsWith(lines: readonly string[], parse: string): { parser: string; documents: string[] } {
  const lane = openLane({ parse })
  const { events, parser } = process(lane, `${lines.join('\n')}\n`)
  return { parser, documents: documentsOf(events, lane.shared).map(withoutPlace) }
}

/** By its text: a parse and a print would change digits. */
function withoutPlace(document: string): string {
  return document.replaceAll(
    /"(?:host\.name":"web-1"|log\.file\.path":"\/var\/log\/app\.log"|log\.offset":\d+),/g,
    '',
  )
}

/** One document a line, so that a change shows as the line that it is. */
export function formatEntry(format: FormatLines): string {
  const { name, auto, documents, preset } = goldenOf(format)
  const head = `"name": ${JSON.stringify(name)}, "auto": ${JSON.stringify(auto)}`
  const tail = preset
    ? `, "preset": { "parse": ${JSON.stringify(preset.parse)}, "documents": [${list(preset.documents)}\n  ] }`
    : ''
  return `  { ${head}, "documents": [${list(documents)}\n  ]${tail} }`
}

const list = (documents: readonly string[]): string =>
  documents.map((document) => `\n    ${document}`).join(',')

export function formatGolden(): string {
  return `[\n${readFormats().map(formatEntry).join(',\n')}\n]\n`
}
