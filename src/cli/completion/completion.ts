import { parseDocument } from '../../config/document.ts'
import { AgentError, ExitStatus } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { configOption, textOption } from '../command.ts'
import type { Command } from '../command.ts'
import { configPath } from '../config-path.ts'
import { smallText } from '../host/small-text.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { wordsOf } from './words.ts'
import type { CommandWords } from './words.ts'
import { zshScript } from './zsh.ts'

const shells: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}
const kinds = ['sources', 'sinks'] as const

/** `commands`: loads all of them, as only this command and the help need it. */
export function completionOf(commands: () => Promise<readonly Command[]>): Command {
  return {
    name: 'completion',
    usage: 'bash|zsh|fish',
    summary: 'Prints completion for a shell: commands, options, files, and the names in the config.',
    details: [
      'bash: /usr/share/bash-completion/completions/logferry (or ~/.local/share/bash-completion/completions/logferry). zsh: _logferry in a folder of $fpath, such as /usr/local/share/zsh/site-functions. fish: /usr/share/fish/vendor_completions.d/logferry.fish (or ~/.config/fish/completions/logferry.fish).',
      'Names of sources and sinks are read from the config that -c names, or from the usual places; its values are not looked at.',
    ],
    options: {
      ...configOption,
      names: {
        value: 'KIND',
        summary: 'For the scripts: the names of "sources" or "sinks" in the config, one a line.',
      },
    },
    takesArguments: true,
    examples: [
      [
        'logferry completion bash > /usr/share/bash-completion/completions/logferry',
        'for everybody on this host',
      ],
      ['source <(logferry completion bash)', 'for this shell'],
      ['logferry completion zsh > "${fpath[1]}/_logferry"', 'then start zsh anew'],
      ['logferry completion fish > ~/.config/fish/completions/logferry.fish', 'for you'],
    ],
    async run(call, io) {
      const kind = textOption(call, 'names')
      if (kind !== undefined) {
        const names = await namesIn(kind, textOption(call, 'config'), io.env)
        io.stdout.write(names.map((name) => `${name}\n`).join(''))
        return ExitStatus.done
      }
      const [shell, extra] = call.arguments
      if (extra !== undefined)
        throw AgentError.of('unexpected_argument', { argument: extra, command: 'completion' })
      if (shell === undefined || !Object.hasOwn(shells, shell)) throw unknownShell(shell)
      io.stdout.write(shells[shell]!(wordsOf(await commands())))
      return ExitStatus.done
    },
  }
}

function unknownShell(shell: string | undefined): AgentError {
  const known = Object.keys(shells)
  const meant = shell === undefined ? undefined : nearest(shell, known)
  const found =
    shell === undefined ? 'a shell is missing' : `"${shell}"${meant ? `, did you mean "${meant}"?` : ''}`
  return AgentError.of('unknown_member', { found, command: 'completion', known: known.join(', ') })
}

/** The keys alone, also of a config that is wrong elsewhere. Whatever goes wrong: whoever presses a key wants no error. */
async function namesIn(
  kind: string,
  config: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  if (!kinds.some((one) => one === kind))
    throw AgentError.of('bad_option_value', {
      option: '--names',
      reason: `expected ${kinds.join(' or ')}`,
      command: 'completion',
    })
  try {
    const text = await smallText(nodeFileSystem, configPath(config, env))
    const section = parseDocument(text ?? '').root?.children?.find(
      ({ children }) => children?.[0]?.value === kind,
    )
    const members = section?.children?.[1]?.children ?? []
    return members
      .map(({ children }) => String(children?.[0]?.value))
      .filter((name) => /^[a-z0-9_-]+$/.test(name))
  } catch {
    return []
  }
}
