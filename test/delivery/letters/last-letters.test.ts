import assert from 'node:assert/strict'
import { appendFile, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { encodeLetter } from '../../../src/delivery/letters/dead-letter.ts'
import { lastLetters } from '../../../src/delivery/letters/last-letters.ts'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'

async function folderOf(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'logferry-letters-'))
  context.after(() => rm(path, { recursive: true, force: true }))
  await mkdir(join(path, 'es'))
  return path
}

const letter = (id: number, body = '{}'): Uint8Array =>
  encodeLetter({
    id: `id-${id}`,
    time: new Date(id * 1000).toISOString(),
    sink: 'es',
    source: 'app',
    reason: 'mapping',
    status: 400,
    type: 'document_parsing_exception',
    text: 'failed to parse field [a] of type [long]',
    attempts: 1,
    origin: { generation: 'g', path: '/var/log/a.log', from: 0, to: 9 },
    event: { target: 'create app', body },
  })

const read = async (folder: string, mostBytes = 1024 ** 2): Promise<{ ids: string[]; isAll: boolean }> => {
  const { letters, isAll } = await lastLetters(nodeFileSystem, folder, { sink: 'es', mostBytes })
  return { ids: letters.map(({ id }) => id), isAll }
}

const joined = (from: number, to: number): Buffer =>
  Buffer.concat(Array.from({ length: to - from }, (_, index) => letter(from + index)))

test('letters come in their order, over all files while there is room', async (context) => {
  const folder = await folderOf(context)
  await writeFile(join(folder, 'es/001.ndjson'), joined(0, 2))
  await writeFile(join(folder, 'es/002.ndjson'), joined(2, 4))
  assert.deepEqual(await read(folder), { ids: ['id-0', 'id-1', 'id-2', 'id-3'], isAll: true })
})

test('only the end is read of much, and half a letter at its beginning is left out', async (context) => {
  const folder = await folderOf(context)
  await writeFile(join(folder, 'es/001.ndjson'), joined(0, 2))
  await writeFile(join(folder, 'es/002.ndjson'), joined(2, 200))
  const { ids, isAll } = await read(folder, 1500)
  assert.equal(isAll, false)
  assert.ok(ids.length >= 2 && ids.length < 6, ids.join())
  assert.equal(ids.at(-1), 'id-199')
})

test('a letter longer than all that is read is none, and what is being written waits', async (context) => {
  const folder = await folderOf(context)
  const path = join(folder, 'es/001.ndjson')
  await writeFile(path, letter(1, 'x'.repeat(5000)))
  assert.deepEqual(await read(folder, 1000), { ids: [], isAll: false })
  await writeFile(path, Buffer.concat([letter(1), letter(2)]))
  await truncate(path, letter(1).length + letter(2).length - 5)
  assert.deepEqual(await read(folder), { ids: ['id-1'], isAll: true })
})

test('lines that are no letters, links and a sink without letters are no trouble', async (context) => {
  const folder = await folderOf(context)
  await writeFile(join(folder, 'es/001.ndjson'), 'rubbish\n{"id":1,"event":{}}\n')
  await appendFile(join(folder, 'es/001.ndjson'), letter(1))
  await symlink('/etc/passwd', join(folder, 'es/002.ndjson'))
  assert.deepEqual(await read(folder), { ids: ['id-1'], isAll: true })
  const none = await lastLetters(nodeFileSystem, folder, { sink: 'loki', mostBytes: 1000 })
  assert.deepEqual(none, { letters: [], isAll: true })
})
