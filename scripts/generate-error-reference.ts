import { errorTable } from '../src/core/errors.ts'

const statusTexts: Readonly<Record<number, string>> = {
  1: 'Exit status 1: failed at run time',
  2: 'Exit status 2: wrong usage',
  78: 'Exit status 78: invalid config',
}

/** `docs/errors.md`. */
export function errorReference(): string {
  const lines = [
    '<!-- Made by `npm run generate` from src/core/errors.ts. Do not edit. -->',
    '# Errors',
    '',
    'What ends a command, and what to do about it. Results go to stdout, these texts to stderr; words in braces are filled in.',
    'Exit status 0 means done. Events that a sink refuses are no errors in this sense: they are dead letters, and counted.',
  ]
  for (const [status, title] of Object.entries(statusTexts)) {
    lines.push('', `## ${title}`, '', '| code | text | what to do |', '|---|---|---|')
    for (const [code, { exitStatus, message, hint }] of Object.entries(errorTable)) {
      if (String(exitStatus) === status) lines.push(`| \`${code}\` | ${cell(message)} | ${cell(hint)} |`)
    }
  }
  return `${lines.join('\n')}\n`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
