import { z } from 'zod'
import { autoPresets, choosePreset } from './auto-presets.ts'
import { criWrapper } from './cri.ts'
import { dockerWrapper } from './docker.ts'
import { lenientJson } from './json.ts'
import { defineParser } from './parser.ts'
import { unrelated } from './multiline/join-rule.ts'
import type { JoinRule } from './multiline/join-rule.ts'
import { pythonRule } from './multiline/python.ts'
import type { Preset, TextParser, Wrapper } from './parser.ts'

/** What `auto` chose for a file. */
export interface AutoChoice {
  readonly wrapper: Wrapper | undefined
  readonly preset: Preset | undefined
}

export const wrappers: readonly Wrapper[] = [criWrapper, dockerWrapper]

/** For the checkpoint: `none`, `cri`, `nginx`, `docker+logfmt`. */
export function choiceText({ wrapper, preset }: AutoChoice): string {
  const names = [wrapper?.name, preset?.name].filter((name) => name !== undefined)
  return names.length === 0 ? 'none' : names.join('+')
}

/** The choice that a checkpoint tells of; undefined where none was made, or one that this version doesn't know. */
export function choiceOfText(text: string): AutoChoice | undefined {
  if (text === 'none') return { wrapper: undefined, preset: undefined }
  const names = text.split('+')
  const wrapper = wrappers.find(({ name }) => name === names[0])
  if (wrapper) names.shift()
  const preset = autoPresets.find(({ name }) => name === names[0])
  if (preset) names.shift()
  return names.length === 0 ? { wrapper, preset } : undefined
}

/**
 * By the first lines of a file: wrapper and preset that most of them have. The first may be torn, so never all. Where lines
 * are joined by a rule, only those that begin an event show its format; else Python's tracebacks, of which a log of errors
 * is full, are left out: two of their lines stand at the margin.
 */
export function chooseParsers(lines: readonly Buffer[], rule?: JoinRule): AutoChoice {
  const wrapper = chooseWrapper(lines)
  const contents = wrapper ? contentsOf(lines, wrapper) : lines
  const texts = contents.map((line) => line.toString('utf8'))
  return { wrapper, preset: choosePreset(firstLines(texts, rule ?? pythonRule).filter(isVote)) }
}

function firstLines(texts: readonly string[], rule: JoinRule): string[] {
  let state = unrelated
  return texts.filter((text) => {
    const next = state === unrelated ? unrelated : rule.continues(text, state)
    state = next >= 0 ? next : rule.begins(text)
    return next < 0
  })
}

function chooseWrapper(lines: readonly Buffer[]): Wrapper | undefined {
  return wrappers.find((wrapper) => {
    const fitting = lines.filter((line) => wrapper.unwrap(line, 0, line.length) !== undefined).length
    return fitting * 2 > lines.length
  })
}

/** Without parts of lines: only their first one shows the format, and long lines are the rarest. */
function contentsOf(lines: readonly Buffer[], wrapper: Wrapper): Buffer[] {
  return lines.flatMap((line) => {
    const unwrapped = wrapper.unwrap(line, 0, line.length)
    return unwrapped && !unwrapped.isPartial ? [unwrapped.content] : []
  })
}

/** JSON is read as JSON under any preset, and what is indented or empty goes on a line before it: neither has a say. */
const isVote = (text: string): boolean =>
  text.trim() !== '' && !/^\s/.test(text) && lenientJson.parse(text).kind !== 'object'

/** JSON where a line is JSON, else what the preset says; what doesn't fit is a plain message without an error. */
export function autoTextParser(preset: Preset | undefined): TextParser {
  if (!preset) return lenientJson
  return {
    stage: 'text',
    wholeLine: 'lenient',
    parse(text) {
      const json = lenientJson.parse(text)
      if (json.kind === 'object') return json
      const parsed = preset.parse(text)
      return parsed.kind === 'failed' ? json : parsed
    },
  }
}

export const autoParser = defineParser({
  type: 'auto',
  summary:
    "Looks at a file's first lines for a wrapper (cri, docker) and a preset (klog, nginx, apache, syslog, python, logfmt, level_message); JSON objects are JSON anyway, what does not fit is plain text.",
  schema: z.strictObject({}),
  takesField: false,
  create: () => ({ stage: 'auto' }),
})
