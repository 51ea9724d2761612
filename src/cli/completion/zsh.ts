import type { CommandWords, OptionWords } from './words.ts'

/** A file for `$fpath`, or to be read by \`source\` behind compinit. */
export function zshScript(commands: readonly CommandWords[]): string {
  const families = commands.filter(({ members }) => members.length > 0)
  return `#compdef logferry
# Completion of logferry for zsh, made by \`logferry completion zsh\`.
_logferry_names() {
  local -a found config
  local at=\${words[(i)(-c|--config)]}
  (( at < \${#words} )) && config=(-c "\${\${(Q)words[at + 1]}/#\\~\\//$HOME/}")
  # Not by _call_program, which evaluates what stands in the line.
  found=(\${(f)"$("\${(Q)_logferry_program}" completion --names $1 $config 2>/dev/null)"})
  compadd -a found
}

_logferry() {
  local _logferry_program=\${words[1]} curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  _arguments -C '(- *)'{-h,--help}'[Help]' '(- *)--version[The version]' '1: :->command' '*:: :->words'
  case $state in
    command) _describe -t commands command commands ;;
    words)
      case $line[1] in
${commands.map((command) => `        ${command.name}) ${command.members.length > 0 ? `_logferry_${command.name}` : argumentsOf(command)} ;;`).join('\n')}
      esac ;;
  esac
}
${families.map(familyFunction).join('')}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _logferry "$@"; else compdef _logferry logferry; fi
`
}

function familyFunction({ name, members }: CommandWords): string {
  return `
_logferry_${name}() {
  local state line
  local -a members
  members=(
${members.map((member) => `    ${quoted(`${member.name}:${member.summary}`)}`).join('\n')}
  )
  _arguments -C '(- *)'{-h,--help}'[Help]' '1: :->member' '*:: :->words'
  case $state in
    member) _describe -t members member members ;;
    words)
      case $line[1] in
${members.map((member) => `        ${member.name}) ${argumentsOf(member)} ;;`).join('\n')}
      esac ;;
  esac
}
`
}

function argumentsOf({ options, choices }: CommandWords): string {
  const specs = options.map(optionSpec)
  const first = choices.length > 0 ? [quoted(`1: :(${choices.join(' ')})`)] : []
  return ['_arguments', ...specs, ...first].join(' ')
}

/** A space before an action: else zsh puts options of its own behind its first word. */
const actions: Readonly<Record<NonNullable<OptionWords['value']>, string>> = {
  file: '_files',
  sources: ' _logferry_names sources',
  sinks: ' _logferry_names sinks',
  kinds: '(sources sinks)',
  any: ' ',
}

function optionSpec({ long, short, summary, value }: OptionWords): string {
  const text = `[${summary.replaceAll(/[[\]]/g, String.raw`\$&`)}]`
  const behind = value === undefined ? '' : `:${value}:${actions[value]}`
  if (short === undefined) return quoted(`--${long}${text}${behind}`)
  return `'(-${short} --${long})'{-${short},--${long}}${quoted(text + behind)}`
}

/** In single quotes, within which only they themselves mean something. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
