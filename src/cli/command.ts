import { AgentError } from '../core/errors.ts'
import type { Io } from './io.ts'

/** One command of the table in commands.ts: everything that parsing and help need to know. */
export interface Command {
  readonly name: string
  /** What stands behind the name in a usage line. */
  readonly usage: string
  readonly summary: string
  /** Further paragraphs of the help. */
  readonly details: readonly string[]
  readonly options: Readonly<Record<string, Option>>
  /** Whether words beside the options are taken. */
  readonly takesArguments: boolean
  readonly examples: readonly (readonly [command: string, effect: string])[]
  /** Of a command such as `dlq`: what its first argument chooses from, each with a help of its own. */
  readonly members?: readonly Command[]
  run(call: Call, io: Io): Promise<number>
}

export interface Option {
  readonly short?: string
  /** What the value is called in the help; without it the option is a switch. */
  readonly value?: string
  /** May stand there several times: see `listOption`. */
  readonly isList?: boolean
  readonly summary: string
}

/** A command line taken apart. */
export interface Call {
  readonly options: Readonly<Record<string, string | true | undefined>>
  /** All values of options that may stand there several times. */
  readonly lists?: Readonly<Record<string, readonly string[]>>
  readonly arguments: readonly string[]
}

/** The value of an option that takes one. */
export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name]
  return value === true ? undefined : value
}

/** All values of an option that may stand there several times. */
export const listOption = (call: Call, name: string): readonly string[] => call.lists?.[name] ?? []

/** The same as a whole number, 0 or more. `command` is the one to look up help for. */
export function countOption(call: Call, name: string, command: string): number | undefined {
  const text = textOption(call, name)
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const reason = `expected a whole number, found ${JSON.stringify(text)}`
  throw AgentError.of('bad_option_value', { option: `--${name}`, reason, command })
}

export const configOption = {
  config: {
    short: 'c',
    value: 'FILE',
    summary: 'The config; default $LOGFERRY_CONFIG, ./agent.config.json, /etc/logferry/agent.config.json.',
  },
} as const
