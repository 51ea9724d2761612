import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { StoredEvent } from '../../../src/buffer/buffer.ts'
import { Body } from '../../../src/core/event.ts'
import type { DraftEvent, Severity } from '../../../src/core/event.ts'
import { ByteWriter } from '../../../src/render/byte-writer.ts'
import { writeDocument } from '../../../src/render/document.ts'
import { BulkEncoder } from '../../../src/sinks/elasticsearch/encode.ts'
import { compileIndexName } from '../../../src/sinks/elasticsearch/index-name.ts'
import type { IndexNames } from '../../../src/sinks/elasticsearch/index-name.ts'
import { indexedRuns } from '../../../src/sinks/elasticsearch/indexed-run.ts'
import { IndexValues } from '../../../src/sinks/elasticsearch/index-values.ts'
import { MemoryState } from '../../support/sink-context.ts'
import { batchItems, draftEvent, storedEvents } from '../../support/stored-event.ts'

interface Settings {
  readonly index: string
  readonly op: 'create' | 'index'
  readonly id: 'auto' | 'none' | { readonly field: string }
}

const plain: Settings = { index: 'app-%Y.%m.%d', op: 'create', id: 'auto' }

/**
 * The body that the sink sends, and the same made event by event, without the kernel; or what is thrown. Members
 * of what is no JSON cannot be looked up, for one.
 */
async function bodies(
  events: readonly StoredEvent[],
  settings: Settings,
): Promise<[Buffer | Error, Buffer | Error]> {
  const namesOf = (): IndexNames => compileIndexName(settings.index, new IndexValues(new MemoryState(), 100))
  const batch = { max_bytes: 4096, max_events: 1, max_wait: 1 }
  const encoder = new BulkEncoder({ ...settings, compression: 'none', batch }, namesOf())
  const names = namesOf()
  const expected = attempt(() => {
    const out = new ByteWriter()
    for (const event of events) {
      out.utf8(`${encoder.actionText(event, names.of(event))}\n`)
      writeDocument(event, out)
      out.byte(0x0a)
    }
    return out.view()
  })
  const encoded = attempt(() => {
    const given = names.isByTimeOnly ? undefined : events.map((event) => names.of(event))
    return encoder.encode(indexedRuns(batchItems(events), given))
  })
  if (encoded instanceof Error) return [encoded, expected]
  return encoded
    .then(({ body }): [Buffer, Buffer | Error] => [body, expected])
    .catch((error: unknown) => [asError(error), expected])
}

async function assertSame(events: readonly StoredEvent[], settings = plain): Promise<void> {
  const [body, expected] = await bodies(events, settings)
  if (body instanceof Error || expected instanceof Error) {
    assert.ok(
      body instanceof Error && expected instanceof Error,
      `${String(body)} against ${String(expected)}`,
    )
  } else if (!body.equals(expected)) {
    assert.equal(body.toString('latin1'), expected.toString('latin1'))
  }
}

function attempt<Result>(action: () => Result): Result | Error {
  try {
    return action()
  } catch (error) {
    return asError(error)
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

const space = fc.stringMatching(/^[ \t\n\r]{0,3}$/)
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  fc.integer(),
)
const jsonLine = fc
  .tuple(space, fc.dictionary(fc.string({ unit: 'binary' }), value), fc.constantFrom('', ' ', '\n '), space)
  .map(([before, members, indent, after]) => before + JSON.stringify(members, null, indent) + after)
const textLine = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\0', '\u001f', '\n', '\x7f', 'a', 'é', '😀', '0123456789abcdef'),
  }),
)
const line = fc.oneof(
  { weight: 6, arbitrary: jsonLine },
  { weight: 3, arbitrary: textLine },
  fc.constantFrom('{}', ' { } ', '{\n}\n', '', '{', 'x'.repeat(5_000), '\u0001'.repeat(1_000)),
)
/** Ordinary ones, and such that overlap, are out of order, or lie beyond the line. */
const anyEdits = fc.array(
  fc.record({
    at: fc.oneof(fc.nat(30), fc.nat(2 ** 32 - 1)),
    cut: fc.oneof(fc.nat(20), fc.nat(2 ** 32 - 1)),
    insert: fc.constantFrom('', '"a":1,', '"é😀":"\n"', ',', '}'),
  }),
  { maxLength: 4 },
)
const second = fc.oneof(fc.constantFrom(0, 86_399, 86_400, 951_782_399, 2 ** 32 - 1), fc.nat(2 ** 32 - 1))
const hex = (length: number): fc.Arbitrary<string> =>
  fc.constantFrom('', '0123456789abcdef'.repeat(2).slice(0, length))
const anyParts = fc.record({
  line,
  edits: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, anyEdits),
  time: fc.record({ seconds: second, nanos: fc.nat(999_999_999) }),
  precision: fc.nat(9),
  severity: fc.constantFrom<Severity[]>(0, 1, 2, 3, 4, 5, 6),
  flags: fc.nat(31),
  body: fc.constantFrom(Body.json, Body.message, Body.members, undefined),
  traceId: hex(32),
  spanId: hex(16),
  members: fc.constantFrom('', '"stream":"stdout"', '"é":\n"😀", "status":200'),
  suppressed: fc.oneof(fc.constant(0), fc.nat(63), fc.nat(2 ** 32 - 1)),
  from: fc.oneof(fc.nat(100), fc.nat(2 ** 32 - 1), fc.nat(2 ** 53 - 10 ** 6)),
})

type Parts = ReturnType<typeof anyParts.generate>['value']

/** The body that the line asks for, or another one; but what is to be an object has a brace at least. */
function draftOf({ body, ...others }: Parts): DraftEvent {
  const isOther = body !== undefined && (body !== Body.json || others.line.includes('{'))
  return draftEvent({ ...others, ...(isOther && { body }) })
}

const records = fc.array(
  fc
    .tuple(
      fc.array(anyParts, { minLength: 1, maxLength: 8 }),
      fc.array(
        fc.record({
          name: fc.string({ unit: 'binary', maxLength: 12 }),
          json: fc.constantFrom('1', '"a"', '{"b":\n[]}'),
        }),
        { maxLength: 30 },
      ),
      fc.nat(1),
    )
    .map(([parts, shared, host]) => storedEvents(parts.map(draftOf), { shared, host: `host-${host}` })),
  { minLength: 1, maxLength: 3 },
)

/** Some of the events of some records: whole runs, and runs with gaps. */
const batches = fc.tuple(records, fc.array(fc.boolean(), { maxLength: 24 })).map(([all, left]) => {
  const events = all.flat()
  return events.filter((_, at) => left[at] !== true)
})

const ids: readonly Settings['id'][] = ['auto', 'none', { field: 'stream' }]
const settings: fc.Arbitrary<Settings> = fc.record({
  index: fc.constantFrom('app', 'app-%Y.%m.%d', 'app-%H', 'app-%S', 'app-{stream}-%Y'),
  op: fc.constantFrom<Settings['op'][]>('create', 'index'),
  id: fc.constantFrom(...ids),
})

test('any events make the same body in the kernel as in TypeScript, wherever runs and batches are cut', async () => {
  await fc.assert(fc.asyncProperty(batches, settings, assertSame), {
    numRuns: 400,
    interruptAfterTimeLimit: 20_000,
  })
})

test('text is escaped the same, whatever stands at whatever place of the 16 bytes of a step', async () => {
  const lines: string[] = []
  for (const special of ['"', '\\', '\n', '\u001f', '\u0080']) {
    for (let at = 0; at < 33; at++) lines.push(`${'a'.repeat(at)}${special}${'b'.repeat(33 - at)}`)
  }
  for (let code = 0; code < 256; code++) lines.push(String.fromCharCode(code))
  const events = storedEvents(lines.map((text) => draftEvent({ line: text, body: Body.message })))
  await assertSame(events)
})

test('every day from 1970 to 2106 has the same date', async () => {
  const days = Array.from({ length: 49_710 }, (_, day) => day * 86_400 + (day % 86_400))
  const events = days.map((seconds) => draftEvent({ line: '{}', time: { seconds, nanos: 0 }, precision: 0 }))
  await assertSame(storedEvents(events), { ...plain, index: 'app' })
})

test('bodies larger than a piece of the kernel, and events larger than one, come whole and in their order', async () => {
  const lines = Array.from({ length: 300 }, (_, at) => `{"at":${at},"text":"${'x'.repeat(at * 40)}"}`)
  lines[100] = `{"huge":"${'y'.repeat(1_500_000)}"}`
  await assertSame(storedEvents(lines.map((text) => draftEvent({ line: text }))))
})

test('records larger than the memory of the kernel are written all the same', async () => {
  const huge = storedEvents([draftEvent({ line: `{"a":"${'z'.repeat(3_000_000)}"}` }), draftEvent()])
  await assertSame([...huge, ...storedEvents([draftEvent()])])
})

test('a record whose table says anything at all reads and writes nothing that is not its own', async () => {
  const sound = storedEvents([draftEvent({ members: '"a":1' }), draftEvent({ line: 'text' })])
  const damage = fc.array(fc.tuple(fc.nat(71), fc.nat(255)), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(40), async (bytes, room) => {
      const [body, expected] = await bodies(damagedEvents(bytes, room), plain)
      // What TypeScript refuses is refused, what it takes is taken; broken UTF-8 may be written in two ways.
      assert.equal(body instanceof Error, expected instanceof Error, String(body))
      await assertSame(sound)
    }),
    { numRuns: 500, interruptAfterTimeLimit: 20_000 },
  )
})

/** Two events, the table of the first overwritten at some places. */
function damagedEvents(damage: readonly (readonly [number, number])[], room: number): StoredEvent[] {
  const edits = [{ at: 1, cut: 2, insert: '"b":2,' }]
  const drafts = [draftEvent({ edits, members: '"a":1' }), draftEvent({ line: 'x'.repeat(room) })]
  const events = storedEvents(drafts)
  const raw = events[0]!.bytes
  const table = raw.readUInt32LE(116)
  for (const [at, byte] of damage) raw[table + at] = byte
  return events
}
