import type { CommandWords, OptionWords } from './words.ts'

/** Needs nothing of the package bash-completion, so that it works in a container too. */
export function bashScript(commands: readonly CommandWords[]): string {
  const cases = commands.flatMap((command) => [
    caseOf(command.name, command),
    ...command.members.map((member) => caseOf(`${command.name} ${member.name}`, member)),
  ])
  return `# Completion of logferry for bash, made by \`logferry completion bash\`.
_logferry_names() {
  local at config=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in -c | --config) config=(-c "\${COMP_WORDS[at + 1]/#~\\//$HOME/}") ;; esac
  done
  "\${COMP_WORDS[0]}" completion --names "$1" "\${config[@]}" 2>/dev/null
}

_logferry() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=\${COMP_WORDS[1]} word=\${COMP_WORDS[2]} options= words= files= sources= sinks= values=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
${familyLines(commands)}
  case $command in
${cases.join('\n')}
  esac
  case " $files " in *" $previous "*) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;; esac
  case " $sources " in *" $previous "*) COMPREPLY=($(compgen -W "$(_logferry_names sources)" -- "$current")); return ;; esac
  case " $sinks " in *" $previous "*) COMPREPLY=($(compgen -W "$(_logferry_names sinks)" -- "$current")); return ;; esac
  case " $values " in *" $previous "*) return ;; esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif ((COMP_CWORD == 2)); then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o default -F _logferry logferry
`
}

/** `dlq ls` is completed as what it is, once its second word is there. */
function familyLines(commands: readonly CommandWords[]): string {
  const families = commands.filter(({ members }) => members.length > 0)
  const lines = families.flatMap(({ name, members }) =>
    members.map((member) => `    '${name} ${member.name}') command='${name} ${member.name}' ;;`),
  )
  return ['  if ((COMP_CWORD > 2)); then case "$command $word" in', ...lines, '  esac; fi'].join('\n')
}

function caseOf(name: string, { options, members, choices }: CommandWords): string {
  const words = [...members.map((member) => member.name), ...choices]
  const lists = [
    ['options', options.flatMap(spellings)],
    ['words', words],
    ['files', withValue(options, 'file')],
    ['sources', withValue(options, 'sources')],
    ['sinks', withValue(options, 'sinks')],
    ['values', [...withValue(options, 'any'), ...withValue(options, 'kinds')]],
  ] as const
  const set = lists.filter(([, list]) => list.length > 0).map(([key, list]) => `${key}='${list.join(' ')}'`)
  return `    '${name}') ${set.join(' ')} ;;`
}

const withValue = (options: readonly OptionWords[], value: OptionWords['value']): string[] =>
  options.filter((option) => option.value === value).flatMap(spellings)

const spellings = ({ long, short }: OptionWords): string[] => [
  `--${long}`,
  ...(short === undefined ? [] : [`-${short}`]),
]
