import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { compressSync } from 'snappy'
import { ByteWriter } from '../../../../src/render/byte-writer.ts'
import { labelSet } from '../../../../src/sinks/loki/labels/label-set.ts'
import { encodeJson, nanosecondText } from '../../../../src/sinks/loki/push/push-json.ts'
import { encodeMetadata, PushProtobuf } from '../../../../src/sinks/loki/push/push-protobuf.ts'
import type { Label, Metadata, Push } from '../../../../src/sinks/loki/push/push.ts'
import { decodeJson, decodeProtobuf, unsnap } from '../../../support/loki-decode.ts'

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 }),
)
const pairs = fc.array(fc.tuple(fc.stringMatching(/^[a-z_]{1,40}$/), texts), { maxLength: 4 })
const entries = fc.array(
  fc.record({
    seconds: fc.oneof(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.constantFrom(0, 127, 128, 2 ** 31, 2 ** 32 - 1),
    ),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
    line: fc.oneof(texts, fc.constantFrom('', 'x'.repeat(127), 'x'.repeat(128), 'x'.repeat(20_000))),
    shared: pairs,
    own: pairs,
  }),
  { minLength: 1, maxLength: 12 },
)

interface Drawn {
  readonly seconds: number
  readonly nanos: number
  readonly line: string
  readonly shared: readonly Label[]
  readonly own: readonly Label[]
}

function metadata({ shared, own }: Drawn): Metadata {
  return { shared: { pairs: shared, protobuf: encodeMetadata(shared), size: 0 }, own }
}

function pushOf(drawn: readonly Drawn[], labels: readonly Label[] = [['job', 'app']]): Push {
  return {
    labels: labelSet(labels),
    entries: drawn.map((one) => ({ ...one, line: Buffer.from(one.line), metadata: metadata(one) })),
  }
}

function wanted(drawn: readonly Drawn[]): unknown {
  return drawn.map((one) => ({
    time: BigInt(one.seconds) * 1_000_000_000n + BigInt(one.nanos),
    line: one.line,
    metadata: [...one.shared, ...one.own],
  }))
}

describe('a push in protobuf', () => {
  test('is read back the same by another decoder, through snappy, with one encoder for all', () => {
    const encoder = new PushProtobuf()
    fc.assert(
      fc.property(entries, (drawn) => {
        const push = pushOf(drawn)
        const body = compressSync(encoder.encode(push), { copyOutputData: true })
        const streams = decodeProtobuf(unsnap(body))
        assert.equal(streams.length, 1)
        assert.equal(streams[0]!.labels, push.labels.text)
        assert.deepEqual(streams[0]!.entries, wanted(drawn))
      }),
      { numRuns: 300 },
    )
  })

  test('is the same bytes for the same entries', () => {
    const encoder = new PushProtobuf()
    const push = pushOf([{ seconds: 1, nanos: 2, line: 'x', shared: [['a', 'b']], own: [] }])
    assert.deepEqual(Buffer.from(encoder.encode(push)), Buffer.from(encoder.encode(push)))
  })
})

describe('a push in JSON', () => {
  test('is read back the same', () => {
    const out = new ByteWriter()
    fc.assert(
      fc.property(entries, (drawn) => {
        const distinct = drawn.map((one) => ({ ...one, shared: [], own: [...new Map(one.own)] }))
        const body = Buffer.from(encodeJson(pushOf(distinct), out)).toString('utf8')
        const [stream] = decodeJson(body)
        assert.deepEqual(stream!.entries, wanted(distinct))
      }),
      { numRuns: 200 },
    )
  })

  test('writes all digits of a time', () => {
    assert.equal(nanosecondText(1_795_197_600, 7), '1795197600000000007')
    assert.equal(nanosecondText(0, 7), '7')
  })
})
