import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compressSync } from 'snappy'
import { countBulk, countPushJson, countPushProtobuf } from '../../../bench/sink/count-events.ts'

const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content])

describe('events are counted', () => {
  test('in a bulk body', () => {
    assert.equal(countBulk(Buffer.from('{"create":{}}\n{"a":1}\n{"create":{}}\n{"a":2}\n')), 2)
    assert.equal(countBulk(Buffer.alloc(0)), 0)
  })

  test('in a push as JSON', () => {
    const push = {
      streams: [
        {
          values: [
            ['1', 'a'],
            ['2', 'b'],
          ],
        },
        { values: [['3', 'c']] },
      ],
    }
    assert.equal(countPushJson(Buffer.from(JSON.stringify(push))), 3)
  })

  test('in a push as protobuf', () => {
    const entry = field(2, field(2, Buffer.from('a line')))
    const stream = (entries: number): Buffer =>
      field(
        1,
        Buffer.concat([field(1, Buffer.from('{job="a"}')), ...Array.from({ length: entries }, () => entry)]),
      )
    const push = Buffer.concat([stream(2), stream(5)])
    assert.equal(countPushProtobuf(compressSync(push)), 7)
  })
})
