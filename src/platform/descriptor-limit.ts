import { readFileSync } from 'node:fs'

/** How many descriptors this process may have open (`ulimit -n`; Node has raised the soft limit to the hard one by now). */
export function descriptorLimit(read = readOwnLimits): number {
  const soft = /^Max open files\s+(\d+)/m.exec(read())?.[1]
  return soft === undefined ? Infinity : Number(soft)
}

function readOwnLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return '' // No /proc here: then only a failed open tells.
  }
}
