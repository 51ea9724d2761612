import { AgentError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Call, Command } from './command.ts'
import type { Io } from './io.ts'

interface Family {
  readonly name: string
  readonly summary: string
  /** Each is named `FAMILY WORD`. */
  readonly members: readonly Command[]
}

/** A command whose first argument chooses what it does, such as `dlq ls`. Its help tells the members apart. */
export function commandFamily({ name, summary, members }: Family): Command {
  const words = members.map(wordOf)
  return {
    name,
    usage: `${words.join('|')} [OPTIONS]`,
    summary,
    details: [
      ...members.map((member) => `${member.name}: ${member.summary}`),
      `More of each: logferry ${name} ${words[0]} --help.`,
    ],
    options: Object.assign({}, ...members.map(({ options }) => options)),
    takesArguments: true,
    examples: members.map(({ examples }) => examples[0]!),
    members,
    async run(call, io) {
      const [word, ...rest] = call.arguments
      const member = members.find((one) => wordOf(one) === word)
      if (!member) throw unknownMember(word, name, words)
      return runMember(member, { ...call, arguments: rest }, io)
    },
  }
}

const wordOf = ({ name }: Command): string => name.split(' ')[1]!

function unknownMember(word: string | undefined, command: string, words: readonly string[]): AgentError {
  const meant = word === undefined ? undefined : nearest(word, words)
  const found =
    word === undefined ? 'a word is missing' : `"${word}"${meant ? `, did you mean "${meant}"?` : ''}`
  return AgentError.of('unknown_member', { found, command, known: words.join(', ') })
}

/** The words were taken apart with the options of all members: what another one takes is refused here. */
function runMember(member: Command, call: Call, io: Io): Promise<number> {
  for (const option of Object.keys(call.options)) {
    if (!Object.hasOwn(member.options, option))
      throw AgentError.of('unknown_option', { option: `--${option}`, nearest: '', command: member.name })
  }
  if (call.arguments.length > 0 && !member.takesArguments)
    throw AgentError.of('unexpected_argument', { argument: call.arguments[0]!, command: member.name })
  return member.run(call, io)
}
