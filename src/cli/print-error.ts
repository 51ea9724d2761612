import { AgentError, ExitStatus } from '../core/errors.ts'
import { escapeControls } from '../core/terminal-text.ts'
import { styleOf } from './io.ts'
import type { Io, Style } from './io.ts'

/** Says on stderr what ended the command. Resolves to the exit status. */
export function printError(error: unknown, io: Io): number {
  const style = styleOf(io.stderr, io.env)
  if (error instanceof AgentError && error.code === 'config_invalid') {
    io.stderr.write(`${paintProblems(error.message, style)}\n${style.dim(error.hint)}\n`)
    return error.exitStatus
  }
  if (error instanceof AgentError) {
    io.stderr.write(`${style.red('logferry:')} ${error.message}\n${style.dim(error.hint)}\n`)
    return error.exitStatus
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const { message, hint, exitStatus } = AgentError.of('internal', { reason: stack })
  io.stderr.write(`${style.red('logferry:')} ${message}\n${hint}\n`)
  return exitStatus ?? ExitStatus.failed
}

function paintProblems(text: string, style: Style): string {
  return text
    .split('\n')
    .map(escapeControls)
    .map((line) => {
      if (/^ +\| /.test(line)) return style.red(line)
      if (/^ +\d+ \| /.test(line)) return line
      return style.bold(line)
    })
    .join('\n')
}
