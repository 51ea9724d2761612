import { parseArgs } from 'node:util'
import { nearest } from '../core/nearest.ts'
import { AgentError } from '../core/errors.ts'
import type { Call, Command } from './command.ts'

/** Takes the words after the command's name apart. Throws an `AgentError` (exit status 2) for what the command does not know. */
export function parseCall(command: Command, words: readonly string[]): Call {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { short, value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  // Not strict: node's own errors name no nearest option and differ between its versions.
  const { tokens } = parseArgs({
    args: [...words],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const found: Record<string, string | true> = {}
  const lists: Record<string, string[]> = {}
  const rest: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') rest.push(token.value)
    if (token.kind !== 'option') continue
    const value = optionValue(command, token)
    found[token.name] = value
    if (command.options[token.name]?.isList === true && value !== true) (lists[token.name] ??= []).push(value)
  }
  if (rest.length > 0 && !command.takesArguments) {
    throw AgentError.of('unexpected_argument', { argument: rest[0]!, command: command.name })
  }
  return { options: found, lists, arguments: rest }
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
}

function optionValue(command: Command, { name, rawName, value }: OptionToken): string | true {
  const option = command.options[name]
  if (!option || !Object.hasOwn(command.options, name)) {
    const meant = nearest(name, Object.keys(command.options))
    const hint = meant && name.length > 1 ? `, did you mean "--${meant}"?` : ''
    throw AgentError.of('unknown_option', { option: rawName, nearest: hint, command: command.name })
  }
  const bad = (reason: string): AgentError =>
    AgentError.of('bad_option_value', { option: rawName, reason, command: command.name })
  if (option.value === undefined) {
    if (value !== undefined) throw bad('takes no value')
    return true
  }
  if (value === undefined || value === '') throw bad(`needs a value (${option.value})`)
  return value
}
