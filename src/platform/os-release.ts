import { readFileSync } from 'node:fs'

/** The text of /etc/os-release, '' where a system has none (many containers). */
export function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}
