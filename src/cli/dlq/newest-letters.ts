import type { FileSystem } from '../../core/file-system.ts'
import { letterPaths, listLetterSinks, summariesOf } from '../../delivery/letters/read-letters.ts'
import type { LetterFound } from '../../delivery/letters/read-letters.ts'

export interface WantedLetters {
  readonly sink?: string | undefined
  readonly source?: string | undefined
  readonly reason?: string | undefined
  readonly most: number
}

/** Letters of all sinks, the newest first. Of each sink one file's places are held at a time, and no event. */
export async function* newestLetters(
  fileSystem: FileSystem,
  directory: string,
  wanted: WantedLetters,
): AsyncGenerator<LetterFound> {
  const heads: Head[] = []
  for (const sink of await listLetterSinks(fileSystem, directory)) {
    if (wanted.sink !== undefined && wanted.sink !== sink) continue
    await advance(heads, ofSink(fileSystem, await letterPaths(fileSystem, directory, sink), wanted))
  }
  for (let left = wanted.most; left > 0 && heads.length > 0; left -= 1) {
    heads.sort((a, b) => (a.found.letter.time < b.found.letter.time ? 1 : -1))
    const { found, rest } = heads.shift()!
    yield found
    await advance(heads, rest)
  }
}

interface Head {
  readonly found: LetterFound
  readonly rest: AsyncGenerator<LetterFound>
}

async function advance(heads: Head[], rest: AsyncGenerator<LetterFound>): Promise<void> {
  const next = await rest.next()
  if (next.done !== true) heads.push({ found: next.value, rest })
}

async function* ofSink(
  fileSystem: FileSystem,
  paths: readonly string[],
  wanted: WantedLetters,
): AsyncGenerator<LetterFound> {
  for (const path of paths.toReversed()) {
    const places: LetterFound[] = []
    for await (const lines of summariesOf(fileSystem, path)) {
      places.push(...lines.filter((found): found is LetterFound => isWanted(found, wanted)))
      // Only the last ones of a file can be wanted: their texts are a kilobyte each.
      if (places.length > 2 * wanted.most) places.splice(0, places.length - wanted.most)
    }
    yield* places.reverse()
  }
}

const isWanted = (found: LetterFound | undefined, { source, reason }: WantedLetters): boolean =>
  found !== undefined &&
  (source === undefined || found.letter.source === source) &&
  (reason === undefined || found.letter.reason === reason)
