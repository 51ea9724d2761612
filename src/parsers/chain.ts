import { autoTextParser } from './auto.ts'
import { lenientJson } from './json.ts'
import { JsonLine } from './json-line.ts'
import { isJsonObject, memberOf, valueAt } from './json-object.ts'
import type { JsonObject } from './json-object.ts'
import { memberSpans, skipSpace } from './json-spans.ts'
import type {
  AddedMember,
  Chooser,
  KernelText,
  ParsedText,
  Preset,
  TextParser,
  WholeLine,
  Wrapper,
} from './parser.ts'
import { parserDefinition } from './registry.ts'
import type { ParseConfig, ParserConfig } from './schema.ts'

/** A line as the chain takes it: `bytes[start, end)`, valid UTF-8. JSON is looked at as it lies there, the text is only for others. */
export interface ChainLine {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What the parsers made of one line. Valid until the next one. */
export interface ParsedLine {
  /** The line is this JSON object. */
  readonly own: JsonLine | undefined
  /** The line was taken apart: only what was added goes into the document. */
  readonly isTakenApart: boolean
  readonly added: readonly AddedMember[]
  /** What the line didn't fit, '' for nothing. */
  readonly parseError: string
}

export interface Stage {
  readonly field: string | undefined
  readonly parser: TextParser
}

/** The parsers of one source, in order. */
export interface Chain {
  /** `auto`: chosen for each file. */
  readonly wrapper: Wrapper | 'auto' | undefined
  /** For lines out of their wrapper; `preset` is what `auto` chose for their file. */
  lineParser(preset: Preset | undefined): LineParser
  /** What the kernel has to do for the same, or why it cannot. */
  content(preset: Preset | undefined): LineContent | { readonly because: string }
}

/** What a line's content is looked at as: JSON first, then a text. */
export interface LineContent {
  /** `lenient`: only what begins with a brace, and what is no JSON is a text. */
  readonly json: 'strict' | 'lenient' | 'none'
  readonly text: 'plain' | 'error' | KernelText
}

export type LineParser = (line: ChainLine) => ParsedLine

type Parsed = Extract<ParsedText, { kind: 'object' | 'members' }>

const noMembers: readonly AddedMember[] = []
const plainLine: ParsedLine = { own: undefined, isTakenApart: false, added: noMembers, parseError: '' }

/** Names under which lines and parsers keep their text, in the order of the contract. */
const messageNames = ['message', 'msg', 'log']

/** `config` has passed the schema. */
export function createChain(config: ParseConfig): Chain {
  const list: readonly ParserConfig[] = isList(config) ? config : [config]
  const stages: Stage[] = []
  let wrapper: Chain['wrapper']
  for (const entry of list) {
    const { field, parser } = createParser(entry)
    if (parser.stage === 'text') stages.push({ field, parser })
    else wrapper = parser.stage === 'auto' ? 'auto' : parser
  }
  const all = (preset: Preset | undefined): readonly Stage[] =>
    wrapper === 'auto' ? [{ field: undefined, parser: autoTextParser(preset) }, ...stages] : stages
  return {
    wrapper,
    lineParser(preset) {
      return all(preset).length === 0 ? () => plainLine : parseWith(all(preset))
    },
    content: (preset) => contentOf(all(preset), preset),
  }
}

/** The wrapper of a source's chain and, in it, this parser by its name in place of the chain's own (`innerParserNames`). */
export function chainInside(config: ParseConfig, name: string): Chain {
  if (name === 'auto') return createChain('auto')
  const stages = [createStage(name)]
  return {
    wrapper: createChain(config).wrapper,
    lineParser: () => parseWith(stages),
    content: () => contentOf(stages, undefined),
  }
}

function contentOf(
  stages: readonly Stage[],
  preset: Preset | undefined,
): LineContent | { readonly because: string } {
  if (stages.length === 0) return { json: 'none', text: 'plain' }
  const only = onlyParser(stages)
  if (!only) return { because: 'several parsers' }
  if (only === lenientJson) return { json: 'lenient', text: 'plain' }
  if (only.wholeLine === 'strict') return { json: 'strict', text: 'error' }
  if (only.wholeLine === 'plain') return { json: 'none', text: 'plain' }
  const text = (preset ?? only).inKernel ?? { kind: 'none', because: 'this parser' }
  return text.kind === 'none' ? text : { json: preset ? 'lenient' : 'none', text }
}

function createParser(entry: ParserConfig): {
  field: string | undefined
  parser: TextParser | Wrapper | Chooser
} {
  const { type, field, ...settings } = typeof entry === 'string' ? { type: entry, field: undefined } : entry
  const definition = parserDefinition(type)
  if (!definition) throw new Error(`there is no parser ${type}`)
  return { field, parser: definition.create(definition.schema.parse(settings)) }
}

/** One parser behind a chain, for the step `parse`. `config` has passed the schema. */
export function createStage(config: ParserConfig): Stage {
  const { field, parser } = createParser(config)
  if (parser.stage !== 'text') throw new Error('wrappers and auto can only stand first')
  return { field, parser }
}

const isList = (config: ParseConfig): config is readonly ParserConfig[] => Array.isArray(config)

/** The stages behind one another. A whole line that is JSON, and that nobody else looks at, costs no object. */
function parseWith(stages: readonly Stage[]): LineParser {
  const json = new JsonLine()
  const ownLine: ParsedLine = { own: json, isTakenApart: false, added: noMembers, parseError: '' }
  const only = onlyParser(stages)
  return (line) => {
    if (only?.wholeLine && isJson(json, line, only.wholeLine)) return ownLine
    if (only === lenientJson) return plainLine
    const parts = new LineInParts(line, json)
    for (const stage of stages) parts.apply(stage)
    return parts
  }
}

/** The parser of whole lines that stands alone. */
const onlyParser = (stages: readonly Stage[]): TextParser | undefined =>
  stages.length === 1 && stages[0]!.field === undefined ? stages[0]!.parser : undefined

function isJson(json: JsonLine, { bytes, start, end }: ChainLine, how: WholeLine): boolean {
  if (how === 'plain') return false
  if (how === 'lenient' && bytes[start] !== 0x7b) return false
  return json.scan(bytes, start, end)
}

/** A line on its way through a chain, or through one more parser behind it: then `before` is what became of it so far. */
export class LineInParts implements ParsedLine {
  own: JsonLine | undefined
  isTakenApart: boolean
  added: readonly AddedMember[]
  parseError: string
  readonly #line: ChainLine
  readonly #json: JsonLine
  /** A parser without a field that failed: those behind it would only fail too. */
  #isStuck = false

  constructor(line: ChainLine, json: JsonLine, before: ParsedLine = plainLine) {
    this.#line = line
    this.#json = json
    this.own = before.own
    this.isTakenApart = before.isTakenApart
    this.added = before.added
    this.parseError = before.parseError
  }

  apply({ field, parser }: Stage): void {
    const isWholeLine = field === undefined && !this.own && !this.isTakenApart
    if (field === undefined && this.#isStuck) return
    if (isWholeLine && parser.wholeLine && isJson(this.#json, this.#line, parser.wholeLine)) {
      this.own = this.#json
      return
    }
    const source = isWholeLine ? { name: undefined, value: this.#line.text } : this.#source(field)
    // A line without the member has nothing to be parsed, and one that holds an object is done already.
    if (typeof source.value !== 'string') return
    const parsed = parser.parse(source.value)
    if (parsed.kind === 'plain') return
    if (parsed.kind === 'failed') {
      if (this.parseError === '') this.parseError = parsed.error
      this.#isStuck ||= field === undefined
    } else if (isWholeLine && parsed.kind === 'members') this.#takeApart(parsed.members)
    else this.#takeMembers(parsed, source.value, source.name)
  }

  #takeApart(members: readonly AddedMember[]): void {
    this.isTakenApart = true
    this.added = members
  }

  /** `consumed`: the member that a chain fed on; a parser's own is gone then, a line's own stays (its bytes are kept). */
  #takeMembers(parsed: Parsed, text: string, consumed: string | undefined): void {
    if (!this.own && !this.isTakenApart)
      this.#takeApart([{ key: 'message', json: JSON.stringify(text), value: text }])
    const members = parsed.kind === 'object' ? membersOf(text, parsed.object) : parsed.members
    const names = new Set(members.map((member) => member.key))
    this.added = [...this.added.filter(({ key }) => key !== consumed && !names.has(key)), ...members]
  }

  #source(field: string | undefined): { readonly name: string | undefined; readonly value: unknown } {
    if (field !== undefined) return { name: undefined, value: this.#valueOf(field) }
    for (const name of messageNames) {
      const value = this.#valueOf(name)
      if (typeof value === 'string') return { name, value }
    }
    return { name: undefined, value: undefined }
  }

  /** What a parser made stands for the line's own member of that name. */
  #valueOf(path: string): unknown {
    if (!this.own && !this.isTakenApart) return path === 'message' ? this.#line.text : undefined
    for (const { key, value } of this.added) {
      if (key === path) return value
      if (path.startsWith(`${key}.`) && isJsonObject(value)) return valueAt(value, path.slice(key.length + 1))
    }
    return this.own ? (memberOf(this.own.object, path) ?? valueAt(this.own.object, path)) : undefined
  }
}

/** The members of an object's text, byte for byte. */
function membersOf(text: string, object: JsonObject): AddedMember[] {
  const json = Buffer.from(text)
  return memberSpans(json, skipSpace(json, 0)).map(({ key, valueStart, valueEnd }) => ({
    key,
    json: json.toString('utf8', valueStart, valueEnd),
    value: object[key],
  }))
}
