import { autoTextParser } from './auto.ts'
import { isJsonObject, memberOf, valueAt } from './json-object.ts'
import type { JsonObject } from './json-object.ts'
import { memberSpans, skipSpace } from './json-spans.ts'
import type { AddedMember, ParsedText, Preset, TextParser, Wrapper } from './parser.ts'
import { parserDefinition } from './registry.ts'
import type { ParseConfig, ParserConfig } from './schema.ts'

/** What the parsers made of one line. */
export interface ParsedLine {
  /** The line is this JSON object. */
  readonly own: JsonObject | undefined
  /** The line was taken apart: only what was added goes into the document. */
  readonly isTakenApart: boolean
  readonly added: readonly AddedMember[]
  /** What the line didn't fit, '' for nothing. */
  readonly parseError: string
}

interface Stage {
  readonly field: string | undefined
  readonly parser: TextParser
}

/** The parsers of one source, in order. */
export interface Chain {
  /** `auto`: chosen for each file. */
  readonly wrapper: Wrapper | 'auto' | undefined
  /** For lines out of their wrapper; `preset` is what `auto` chose for their file. */
  lineParser(preset: Preset | undefined): LineParser
}

export type LineParser = (text: string) => ParsedLine

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
    const { type, field, ...settings } = typeof entry === 'string' ? { type: entry, field: undefined } : entry
    const definition = parserDefinition(type)
    if (!definition) throw new Error(`there is no parser ${type}`)
    const parser = definition.create(definition.schema.parse(settings))
    if (parser.stage === 'text') stages.push({ field, parser })
    else wrapper = parser.stage === 'auto' ? 'auto' : parser
  }
  return {
    wrapper,
    lineParser(preset) {
      const first = { field: undefined, parser: autoTextParser(preset) }
      const all = wrapper === 'auto' ? [first, ...stages] : stages
      return all.length === 0 ? () => plainLine : (text) => parseStages(all, text)
    },
  }
}

const isList = (config: ParseConfig): config is readonly ParserConfig[] => Array.isArray(config)

function parseStages(stages: readonly Stage[], text: string): ParsedLine {
  const first = stages[0]!.field === undefined ? stages[0]!.parser.parse(text) : undefined
  if (stages.length === 1 && first?.kind === 'object') {
    return { own: first.object, isTakenApart: false, added: noMembers, parseError: '' }
  }
  const line = new LineInParts()
  stages.forEach((stage, index) => line.apply(stage, index === 0 ? first : undefined, text))
  return line
}

/** A line on its way through a chain. */
class LineInParts implements ParsedLine {
  own: JsonObject | undefined
  isTakenApart = false
  added: readonly AddedMember[] = noMembers
  parseError = ''
  /** A parser without a field that failed: those behind it would only fail too. */
  #isStuck = false

  /** `first` is what the first parser said of the whole line. */
  apply(stage: Stage, first: ParsedText | undefined, text: string): void {
    const isWholeLine = stage.field === undefined && !this.own && !this.isTakenApart
    if (stage.field === undefined && this.#isStuck) return
    const source = isWholeLine ? { name: undefined, value: text } : this.#source(stage.field, text)
    // A line without the member has nothing to be parsed, and one that holds an object is done already.
    if (typeof source.value !== 'string') return
    const parsed = first ?? stage.parser.parse(source.value)
    if (parsed.kind === 'plain') return
    if (parsed.kind === 'failed') {
      if (this.parseError === '') this.parseError = parsed.error
      this.#isStuck ||= stage.field === undefined
    } else if (isWholeLine) this.#takeLine(parsed)
    else this.#takeMembers(parsed, source.value, source.name)
  }

  #takeLine(parsed: Parsed): void {
    if (parsed.kind === 'object') this.own = parsed.object
    else this.#takeApart(parsed.members)
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

  #source(
    field: string | undefined,
    text: string,
  ): { readonly name: string | undefined; readonly value: unknown } {
    if (field !== undefined) return { name: undefined, value: this.#valueOf(field, text) }
    for (const name of messageNames) {
      const value = this.#valueOf(name, text)
      if (typeof value === 'string') return { name, value }
    }
    return { name: undefined, value: undefined }
  }

  /** What a parser made stands for the line's own member of that name. */
  #valueOf(path: string, text: string): unknown {
    if (!this.own && !this.isTakenApart) return path === 'message' ? text : undefined
    for (const { key, value } of this.added) {
      if (key === path) return value
      if (path.startsWith(`${key}.`) && isJsonObject(value)) return valueAt(value, path.slice(key.length + 1))
    }
    return this.own ? (memberOf(this.own, path) ?? valueAt(this.own, path)) : undefined
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
