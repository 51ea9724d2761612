import { join } from 'node:path'
import { limits } from '../core/limits.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { DeadLetter } from '../delivery/letters/dead-letter.ts'
import { lastLetters } from '../delivery/letters/last-letters.ts'
import { listLetterSinks } from '../delivery/letters/read-letters.ts'
import { fieldNamed } from './dlq/field-named.ts'
import { adviceFor } from './dlq/advice.ts'
import { LetterGroups } from './dlq/letter-groups.ts'

/** What `dlq ls` and `dlq show` say of the newest dead letters, for who asks for it at the page. */
export async function pageLetters(fileSystem: FileSystem, dataDir: string): Promise<object> {
  const directory = join(dataDir, 'dead_letters')
  const groups = new LetterGroups()
  const newest: DeadLetter[] = []
  let [looked, isAll] = [0, true]
  for (const sink of await listLetterSinks(fileSystem, directory)) {
    const found = await lastLetters(fileSystem, directory, { sink, mostBytes: limits.pageLetterBytes })
    found.letters.forEach((letter) => groups.add(letter))
    newest.push(...found.letters)
    looked += found.letters.length
    isAll &&= found.isAll
  }
  newest.sort((a, b) => (a.time < b.time ? 1 : -1))
  const few = fewOfEach(newest)
  return {
    looked_at: looked,
    is_all: isAll,
    groups: groups.list(),
    letters: few.slice(0, limits.pageLetters).map(shown),
  }
}

/** A thousand events that one field has spoilt are all alike: the newest of each kind. */
function fewOfEach(letters: readonly DeadLetter[]): DeadLetter[] {
  const counts = new Map<string, number>()
  return letters.filter(({ sink, source, reason, text }) => {
    const kind = [sink, source, reason, fieldNamed(text)].join('\0')
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return count <= limits.pageLettersOfKind
  })
}

function shown({ event, ...letter }: DeadLetter): object {
  const body = event.body.trimEnd()
  return {
    ...letter,
    advice: adviceFor({ ...letter, field: fieldNamed(letter.text) }),
    event: {
      target: event.target,
      body: body.slice(0, limits.pageLetterChars),
      hidden_chars: Math.max(0, body.length - limits.pageLetterChars),
    },
  }
}
