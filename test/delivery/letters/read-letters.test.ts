import assert from 'node:assert/strict'
import { constants } from 'node:fs'
import { test } from 'node:test'
import { limits } from '../../../src/core/limits.ts'
import { encodeLetter } from '../../../src/delivery/letters/dead-letter.ts'
import {
  letterPaths,
  listLetterSinks,
  readLetter,
  summariesOf,
} from '../../../src/delivery/letters/read-letters.ts'
import type { LetterFound } from '../../../src/delivery/letters/read-letters.ts'
import { fakeLetter } from '../../support/letters.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'

const path = '/dead/es/001.ndjson'

async function folderWith(...lines: (Uint8Array | string)[]): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem()
  await disk.mkdir('/dead/es', { recursive: true })
  const file = await disk.open(path, constants.O_RDWR | constants.O_CREAT)
  let at = 0
  for (const line of lines) {
    const bytes = Buffer.from(line)
    await file.write(bytes, at)
    at += bytes.length
  }
  await file.close()
  return disk
}

async function all(disk: MemoryFileSystem): Promise<(LetterFound | undefined)[]> {
  const found: (LetterFound | undefined)[] = []
  for await (const lines of summariesOf(disk, path)) found.push(...lines)
  return found
}

test('letters are found again whole, also those that lie across blocks', async () => {
  const letters = Array.from({ length: 9 }, (_, index) =>
    fakeLetter({ id: `a-${index}-1`, event: { target: 't', body: 'é'.repeat(70_000) } }),
  )
  const disk = await folderWith(...letters.map(encodeLetter))
  const found = await all(disk)
  const read = await Promise.all(found.map((one) => readLetter(disk, one!)))
  assert.deepEqual(read, letters)
  const { event: _, ...summary } = letters[3]!
  assert.deepEqual(found[3]!.letter, summary)
})

test('a text that looks like the event does not end the summary', async () => {
  const letter = fakeLetter({ text: 'no ","event": here","event":{}' })
  const [found] = await all(await folderWith(encodeLetter(letter)))
  assert.equal(found!.letter.text, letter.text)
})

test('a line without end is no letter and is not held in memory', async () => {
  const long = Buffer.alloc(limits.letterLineBytes + 10, 'x')
  const disk = await folderWith(long, '\n', encodeLetter(fakeLetter()), 'torn')
  const found = await all(disk)
  assert.deepEqual(
    found.map((one) => one?.letter.id),
    [undefined, fakeLetter().id],
  )
  assert.deepEqual(await readLetter(disk, found[1]!), fakeLetter())
})

test('what the agent removes while we look is nothing, and so is a folder that is not there yet', async () => {
  const disk = await folderWith(encodeLetter(fakeLetter()))
  const [found] = await all(disk)
  assert.deepEqual(await listLetterSinks(disk, '/dead'), ['es'])
  assert.deepEqual(await letterPaths(disk, '/dead', 'es'), [path])
  await disk.unlink(path)
  assert.equal(await readLetter(disk, found!), undefined)
  assert.deepEqual(await all(disk), [])
  assert.deepEqual(await letterPaths(disk, '/dead', 'gone'), [])
  assert.deepEqual(await listLetterSinks(disk, '/nowhere'), [])
})
