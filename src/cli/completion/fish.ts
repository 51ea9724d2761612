import type { CommandWords, OptionWords } from './words.ts'

export function fishScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const top = `not __fish_seen_subcommand_from ${names}`
  return [
    '# Completion of logferry for fish, made by `logferry completion fish`.',
    'function __logferry_names',
    '  set -l words (commandline -opc)',
    '  set -l config',
    '  for at in (seq (count $words))',
    '    if contains -- $words[$at] -c --config; and test (count $words) -gt $at',
    '      set config -c $words[(math $at + 1)]',
    '    end',
    '  end',
    '  command $words[1] completion --names $argv[1] $config 2>/dev/null',
    'end',
    'complete -c logferry -f',
    `complete -c logferry -n ${quoted(top)} -l version -d 'The version'`,
    `complete -c logferry -n ${quoted(top)} -s h -l help -d 'Help'`,
    ...commands.flatMap((command) => commandLines(command, top)),
    '',
  ].join('\n')
}

function commandLines(command: CommandWords, top: string): string[] {
  const { name, summary, members, choices } = command
  const isChosen = `__fish_seen_subcommand_from ${name}`
  const words = members.map((member) => member.name).join(' ')
  const noMember = `${isChosen}; and not __fish_seen_subcommand_from ${words}`
  return [
    `complete -c logferry -n ${quoted(top)} -a ${name} -d ${quoted(summary)}`,
    ...(choices.length > 0
      ? [`complete -c logferry -n ${quoted(isChosen)} -a ${quoted(choices.join(' '))}`]
      : []),
    ...members.map(
      (member) =>
        `complete -c logferry -n ${quoted(noMember)} -a ${member.name} -d ${quoted(member.summary)}`,
    ),
    ...(members.length > 0
      ? members.flatMap((member) =>
          member.options.map((option) =>
            optionLine(option, `${isChosen}; and __fish_seen_subcommand_from ${member.name}`),
          ),
        )
      : command.options.map((option) => optionLine(option, isChosen))),
  ]
}

const values: Readonly<Record<NonNullable<OptionWords['value']>, string>> = {
  file: '-r -F',
  sources: "-x -a '(__logferry_names sources)'",
  sinks: "-x -a '(__logferry_names sinks)'",
  kinds: "-x -a 'sources sinks'",
  any: '-x',
}

function optionLine({ long, short, summary, value }: OptionWords, condition: string): string {
  const names = [...(short === undefined ? [] : [`-s ${short}`]), `-l ${long}`].join(' ')
  const behind = value === undefined ? '' : ` ${values[value]}`
  return `complete -c logferry -n ${quoted(condition)} ${names}${behind} -d ${quoted(summary)}`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
