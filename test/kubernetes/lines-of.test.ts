import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { linesOf } from '../../src/kubernetes/lines-of.ts'

async function lines(...pieces: (string | Buffer)[]): Promise<string[]> {
  const found: string[] = []
  for await (const line of linesOf(Readable.from(pieces.map((piece) => Buffer.from(piece))))) found.push(line)
  return found
}

test('lines come whole, however they are cut, and half a one at the end is none', async () => {
  const bytes = Buffer.from('{"a":"ü"}\n\n{"b":1}\r\n{"c"')
  for (let cut = 1; cut < bytes.length; cut++)
    assert.deepEqual(
      await lines(bytes.subarray(0, cut), bytes.subarray(cut)),
      ['{"a":"ü"}', '{"b":1}\r'],
      `${cut}`,
    )
})

test('a line that never ends is not held', async () => {
  const mebibyte = Buffer.alloc(1024 ** 2, 'x')
  await assert.rejects(lines(mebibyte, mebibyte, mebibyte, mebibyte, mebibyte), /longer than 4194304 bytes/)
})
