import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formats } from '../../../bench/formats/formats.ts'
import { json } from '../../../bench/formats/json.ts'
import type { LogFormat } from '../../../bench/formats/log-format.ts'
import { Random } from '../../../bench/inputs/random.ts'

const all: readonly LogFormat[] = Object.values(formats)

function entriesOf(format: LogFormat, count: number): string[] {
  const next = format.writer(new Random(7))
  return Array.from({ length: count }, next)
}

describe('formats', () => {
  test('write the same entries from the same random numbers', () => {
    for (const format of all) assert.deepEqual(entriesOf(format, 500), entriesOf(format, 500))
  })

  test('write entries that the naive parser takes apart, with a time and, but for access logs, a level', () => {
    for (const format of all) {
      const parse = format.naiveParser()
      const lines = entriesOf(format, 5_000).join('\n').split('\n')
      const events = lines.map((line) => parse(line)).filter((event) => event !== undefined)
      assert.equal(events.length, 5_000, format.name)
      for (const event of events) {
        assert.ok(
          Number.isFinite(Date.parse(String(event['time']))),
          `${format.name}: ${String(event['time'])}`,
        )
        if (format.name !== 'nginx') assert.match(String(event['level']), /^[a-z]+$/i)
      }
    }
  })

  test('of JSON have lines of 350 bytes on average, and several shapes', () => {
    const entries = entriesOf(json, 5_000)
    const mean = entries.reduce((sum, entry) => sum + Buffer.byteLength(entry) + 1, 0) / entries.length
    assert.ok(mean > 330 && mean < 370, `${mean} bytes`)
    const shapes = new Set(entries.map((entry) => Object.keys(JSON.parse(entry)).join(' ')))
    assert.equal(shapes.size, 5)
  })

  test('of CRI split some entries, and the parts make the entry again', () => {
    const lines = entriesOf(formats.cri, 10_000).join('\n').split('\n')
    const flags = lines.map((line) => line.split(' ')[2])
    assert.ok(flags.includes('P'))
    assert.equal(flags.filter((flag) => flag === 'F').length, 10_000)
    for (const line of lines) assert.ok(Buffer.byteLength(line) < 17 * 1024)
  })
})
