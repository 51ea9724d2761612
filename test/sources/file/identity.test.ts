import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'
import { completeHead, emptyHead, growHead, isLike, readMark } from '../../../src/sources/file/identity.ts'

test('a head that grows in any steps is the checksum of the first 4 KiB', () => {
  const sizes = fc.array(fc.nat({ max: 2000 }), { maxLength: 10 })
  fc.assert(
    fc.property(sizes, (steps) => {
      const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 251))
      let head = emptyHead
      let at = 0
      for (const size of steps) {
        head = growHead(head, bytes.subarray(at, at + size), at)
        at += size
      }
      const length = Math.min(at, 4096)
      assert.deepEqual(head, { length, hash: crc32(bytes.subarray(0, length)) })
    }),
  )
})

test('a file is known again by head and mark, and not once either differs or it is shorter', async (context) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'logferry-identity-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const name = path.join(folder, 'a')
  const bytes = Buffer.from('line of a log\n'.repeat(1000))
  const matches = async (changed: Buffer): Promise<boolean> => {
    writeFileSync(name, bytes)
    const file = await nodeFileSystem.open(name, 'r')
    const head = await completeHead(file, emptyHead, 10_000)
    const likeness = { head, mark: (await readMark(file, 10_000))!, offset: 10_000 }
    writeFileSync(name, changed)
    const isSame = await isLike(file, likeness)
    await file.close()
    return isSame
  }
  const withByte = (at: number): Buffer => {
    const changed = Buffer.from(bytes)
    changed[at] = 0
    return changed
  }
  assert.ok(await matches(Buffer.concat([bytes, Buffer.from('more')])))
  assert.ok(!(await matches(bytes.subarray(0, 9999))))
  assert.ok(!(await matches(withByte(9990))))
  assert.ok(!(await matches(withByte(5))))
})
