import { execFileSync } from 'node:child_process'

/** The program of a Node major: this one, or the one that npm's package `node` carries (fetched once, kept by npm). */
export function nodeProgram(major: string): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const args = ['-y', '-p', `node@${major}`, 'node', '-p', 'process.execPath']
  return execFileSync('npx', args, { encoding: 'utf8' }).trim()
}
