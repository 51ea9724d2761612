import { chooseParsers, choiceText } from '../../parsers/auto.ts'
import { lenientJson } from '../../parsers/json.ts'
import { unrelated } from '../../parsers/multiline/join-rule.ts'
import { multilinePresetNames, multilinePresets } from '../../parsers/multiline/presets.ts'
import type { MultilinePreset } from '../../parsers/multiline/presets.ts'
import { limits } from '../../core/limits.ts'

/** What the first lines of a file look like, by the same code that `"parse": "auto"` decides with. */
export interface Format {
  /** `nginx`, `cri+json`, `json`, `plain text`; `empty` where there is no whole line yet. */
  readonly name: string
  /** The language of stack traces in it. */
  readonly multiline?: MultilinePreset
}

/** Of a file's beginning. Undefined for what is no log: bytes that are no text. */
export function formatOf(head: Buffer): Format | undefined {
  if (head.includes(0)) return undefined
  const lines = wholeLines(head)
  const first = lines.slice(0, limits.autoLines)
  if (first.length === 0) return { name: 'empty' }
  const choice = chooseParsers(first)
  const contents = first.map((line) => choice.wrapper?.unwrap(line, 0, line.length)?.content ?? line)
  const isJson = contents.filter(isJsonObject).length * 2 > contents.length
  const names = [choice.wrapper?.name, choice.preset?.name ?? (isJson ? 'json' : undefined)].filter(Boolean)
  const name =
    names.length > 0 ? names.join('+') : choiceText(choice) === 'none' ? 'plain text' : choiceText(choice)
  const multiline = isJson ? undefined : tracesIn(lines)
  return { name, ...(multiline !== undefined && { multiline }) }
}

function wholeLines(head: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = head.indexOf(10); end >= 0; end = head.indexOf(10, start)) {
    if (end > start) lines.push(head.subarray(start, head[end - 1] === 13 ? end - 1 : end))
    start = end + 1
  }
  return lines
}

const isJsonObject = (line: Buffer): boolean =>
  line[0] === 0x7b && lenientJson.parse(line.toString('utf8')).kind === 'object'

/** A trace has several lines behind the one that begins it; a single one may just look like it. */
const fewestJoined = 3

/** The preset that joins most lines, if any sees a trace at all. */
function tracesIn(lines: readonly Buffer[]): MultilinePreset | undefined {
  const texts = lines.map((line) => line.toString('utf8'))
  let best: MultilinePreset | undefined
  let most = fewestJoined - 1
  for (const name of multilinePresetNames) {
    const joined = joinedBy(name, texts)
    if (joined > most) [best, most] = [name, joined]
  }
  return best
}

function joinedBy(name: MultilinePreset, texts: readonly string[]): number {
  const rule = multilinePresets[name]
  let state = unrelated
  let joined = 0
  for (const text of texts) {
    const next = state === unrelated ? unrelated : rule.continues(text, state)
    if (next >= 0) joined += 1
    state = next >= 0 ? next : rule.begins(text)
  }
  return joined
}
