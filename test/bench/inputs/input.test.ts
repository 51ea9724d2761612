import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { formats } from '../../../bench/formats/formats.ts'
import { prepareInput } from '../../../bench/inputs/input.ts'

const cache = mkdtempSync(join(tmpdir(), 'logferry-bench-cache-'))
const logsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.log'))

describe('an input', () => {
  before(() => {
    process.env['LOGFERRY_BENCH_CACHE'] = cache
  })
  after(() => rmSync(cache, { recursive: true, force: true }))

  test('says what lies in its files', () => {
    const input = prepareInput({ format: formats.cri, bytes: 2_000_000, files: 3 })
    const texts = logsIn(input.folder).map((name) => readFileSync(join(input.folder, name), 'utf8'))
    const lines = texts.join('').split('\n').slice(0, -1)
    assert.equal(texts.length, 3)
    assert.equal(input.bytes, Buffer.byteLength(texts.join('')))
    assert.ok(input.bytes >= 2_000_000 && input.bytes < 2_100_000)
    assert.equal(input.lines, lines.length)
    assert.equal(input.events, lines.filter((line) => line.split(' ')[2] === 'F').length)
  })

  test('is made once', () => {
    const wanted = { format: formats.python, bytes: 10_000, files: 1 }
    const [first, second] = [prepareInput(wanted), prepareInput(wanted)]
    assert.deepEqual(first, second)
  })

  test('of one byte has a line in each file', () => {
    const input = prepareInput({ format: formats.json, bytes: 1, files: 50 })
    const sizes = logsIn(input.folder).map((name) => statSync(join(input.folder, name)).size)
    assert.deepEqual([sizes.length, input.events, input.lines], [50, 50, 50])
    assert.ok(sizes.every((size) => size > 0))
  })

  test('of no bytes is an empty file', () => {
    const input = prepareInput({ format: formats.json, bytes: 0, files: 1 })
    assert.deepEqual([input.bytes, input.events, logsIn(input.folder).length], [0, 0, 1])
  })
})
