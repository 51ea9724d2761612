import { readProgramFile } from '../platform/program-files.ts'

/** The version of the package that this file was built into: dist/ and out/src/ lie at different depths. */
export const version: string = readVersion(['../package.json', '../../package.json'])

function readVersion(places: readonly string[]): string {
  for (const place of places) {
    try {
      const { name, version: found } = JSON.parse(readProgramFile(place).toString())
      if (name === 'logferry') return found
    } catch {
      continue
    }
  }
  return 'unknown'
}
