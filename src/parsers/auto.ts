import { z } from 'zod'
import { criWrapper } from './cri.ts'
import { dockerWrapper } from './docker.ts'
import { defineParser } from './parser.ts'
import type { Wrapper } from './parser.ts'

/** What `auto` chose for a file; kept in its checkpoint. */
export type AutoChoice = 'cri' | 'docker' | 'none'

const autoChoices: readonly AutoChoice[] = ['cri', 'docker', 'none']

/** The choice that a checkpoint tells of; undefined where none was made. */
export function autoChoice(text: string): AutoChoice | undefined {
  return autoChoices.find((choice) => choice === text)
}

export function wrapperOf(choice: AutoChoice): Wrapper | undefined {
  if (choice === 'none') return undefined
  return choice === 'cri' ? criWrapper : dockerWrapper
}

/** The wrapper that most of the lines have: the first of a file may be torn, and a runtime's own errors stand between. */
export function chooseWrapper(lines: readonly Buffer[]): AutoChoice {
  for (const wrapper of [criWrapper, dockerWrapper]) {
    const fitting = lines.filter((line) => wrapper.unwrap(line, 0, line.length) !== undefined).length
    if (fitting * 2 > lines.length) return wrapper.name
  }
  return 'none'
}

export const autoParser = defineParser({
  type: 'auto',
  summary:
    "Looks at a file's first lines for a wrapper (cri, docker); then JSON objects are JSON, all else is plain text.",
  schema: z.strictObject({}),
  takesField: false,
  create: () => ({ stage: 'auto' }),
})
