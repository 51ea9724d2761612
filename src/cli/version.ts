import { readFileSync } from 'node:fs'

/** The version of the package that this file was built into: dist/cli/ and out/src/cli/ lie at different depths. */
export const version: string = readVersion(['../../package.json', '../../../package.json'])

function readVersion(places: readonly string[]): string {
  for (const place of places) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (name === 'logferry') return found
    } catch {
      continue
    }
  }
  return 'unknown'
}
