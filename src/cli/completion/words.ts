import type { Command, Option } from '../command.ts'

/** One command as a shell completes it; members of a family (`dlq ls`) are within it. */
export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionWords[]
  readonly members: readonly CommandWords[]
  /** What its first argument may be, where that is a list. */
  readonly choices: readonly string[]
}

export interface OptionWords {
  readonly long: string
  readonly short: string | undefined
  readonly summary: string
  /** What its value is completed to; undefined for a switch. */
  readonly value: 'file' | 'sources' | 'sinks' | 'kinds' | 'any' | undefined
}

export function wordsOf(commands: readonly Command[]): CommandWords[] {
  const known = commands.map((command) => command.name)
  return [
    ...commands.map(commandWords),
    { name: 'help', summary: 'Help, also for one command.', options: [], members: [], choices: known },
  ]
}

function commandWords({ name, summary, options, members = [] }: Command): CommandWords {
  return {
    name: name.split(' ').at(-1)!,
    summary: firstSentence(summary),
    options: [
      ...Object.entries(options).map(([long, option]) => optionWords(long, option)),
      { long: 'help', short: 'h', summary: 'Help.', value: undefined },
    ],
    members: members.map(commandWords),
    choices: name === 'completion' ? ['bash', 'zsh', 'fish'] : [],
  }
}

function optionWords(long: string, { short, summary, value }: Option): OptionWords {
  return {
    long,
    short,
    summary: firstSentence(summary),
    value: value === undefined ? undefined : kindOf(long, value),
  }
}

function kindOf(long: string, value: string): OptionWords['value'] {
  if (value === 'FILE') return 'file'
  if (value === 'KIND') return 'kinds'
  if (long === 'source' || long === 'sink') return `${long}s`
  return 'any'
}

/** Menus of shells have one line for each. */
const firstSentence = (text: string): string => text.split(/(?<=[.:;])\s/)[0]!.replace(/[.:;]$/, '')
