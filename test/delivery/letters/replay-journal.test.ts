import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { encodeLetter } from '../../../src/delivery/letters/dead-letter.ts'
import { EndedReplays } from '../../../src/delivery/letters/ended-replays.ts'
import { ReplayJournal, journalPath } from '../../../src/delivery/letters/replay-journal.ts'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'
import { fakeLetter } from '../../support/letters.ts'

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'logferry-journal-'))
  context.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('a journal knows what was written, and a torn last line counts for nothing', async (context) => {
  const path = journalPath(join(await folder(context), '001.ndjson'))
  const journal = await ReplayJournal.read(nodeFileSystem, path)
  journal.add('a-1-1', 'app')
  journal.add('b-1-1', 'web')
  await journal.write()
  await journal.close()
  // Were it taken for whole, it would be another letter's name.
  await appendFile(path, 'c-1-12')
  const again = await ReplayJournal.read(nodeFileSystem, path)
  assert.deepEqual([...again.ids], [['a-1-1', 'app'], ['b-1-1', 'web']]) // prettier-ignore
  again.add('d-1-1', 'app')
  await again.write()
  assert.equal(await readFile(path, 'utf8'), 'a-1-1 app\nb-1-1 web\nd-1-1 app\n')
  assert.deepEqual([...again.bySource()], [['app', 2], ['web', 1]]) // prettier-ignore
  await again.remove()
  await again.remove()
})

test('a start takes out what a killed replay had come to, and counts it until that is saved', async (context) => {
  const directory = await folder(context)
  const letters = ['a-0-1', 'a-1-1', 'a-2-1'].map((id) => fakeLetter({ id }))
  await writeFile(join(directory, '001.ndjson'), Buffer.concat(letters.map(encodeLetter)))
  await writeFile(join(directory, '001.replayed'), 'a-0-1 app\na-2-1 app\na-1-')
  // Killed once its letters were out of the file, and the file gone.
  await writeFile(join(directory, '002.replayed'), 'b-0-1 web\n')
  for (const start of ['first', 'second']) {
    const ended = new EndedReplays(nodeFileSystem, directory)
    await ended.finish()
    assert.equal(
      await readFile(join(directory, '001.ndjson'), 'utf8'),
      encodeLetter(letters[1]!).toString(),
      start,
    )
    assert.deepEqual([...ended.bySource], [['app', 2], ['web', 1]]) // prettier-ignore
    if (start === 'first') continue
    await ended.forget()
    // A reload starts the sink anew: nothing is left to be counted.
    assert.equal(ended.bySource.size, 0)
  }
  assert.deepEqual(await readdir(directory), ['001.ndjson'])
})
