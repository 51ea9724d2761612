import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { File, FileSystem } from '../../src/core/file-system.ts'
import { nodeFileSystem } from '../../src/platform/node-file-system.ts'
import { FileSink, fileSink } from '../../src/sinks/file.ts'
import type { SendResult } from '../../src/core/outcome.ts'
import type { StoredEvent } from '../../src/buffer/buffer.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { batchItems, draftEvent, eventsOfLines, storedEvents } from '../support/stored-event.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'logferry-file-sink-'))
after(() => fs.rmSync(folder, { recursive: true }))
let made = 0
const freshPath = (name: string): string => join(folder, String(++made), name)

function sinkTo(path: string, fileSystem: FileSystem = nodeFileSystem, clock = new FakeClock()): FileSink {
  return new FileSink(fileSink.schema.parse({ path }), { fileSystem, clock })
}

async function write(sink: FileSink, events: readonly StoredEvent[]): Promise<SendResult> {
  const items = batchItems(events)
  return sink.send(await sink.encode(items, sink.partition(items[0]!)))
}

const lineAt = (line: string, seconds: number): StoredEvent[] =>
  storedEvents([draftEvent({ line, time: { seconds, nanos: 0 } })])

function messages(path: string): unknown[] {
  const text = fs.readFileSync(path, 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => parse(line)['message'])
}

function parse(json: string): Record<string, unknown> {
  return JSON.parse(json)
}

test('documents are appended, one on each line, in a file and folders of our own', async () => {
  const path = freshPath('a/b/app.ndjson')
  const sink = sinkTo(path)
  const result = await write(sink, eventsOfLines(['one', '{"message":"two"}', '{"message":\n"three"}']))
  assert.ok(result.kind === 'items')
  assert.deepEqual(
    result.outcomes.map((outcome) => outcome.kind),
    ['accepted', 'accepted', 'accepted'],
  )
  await write(sink, eventsOfLines(['four']))
  await sink.close()
  assert.deepEqual(messages(path), ['one', 'two', 'three', 'four'])
  assert.equal(fs.statSync(path).mode & 0o777, 0o600)
  assert.equal(fs.statSync(join(path, '..')).mode & 0o777, 0o700)
})

test('the name follows the time of each event in UTC', async () => {
  const pattern = freshPath('app-%Y-%m-%d.ndjson')
  const sink = sinkTo(pattern)
  const day = 1_795_197_600
  const keys = [...lineAt('a', day), ...lineAt('b', day + 86_400)].map((event) =>
    sink.partition(batchItems([event])[0]!),
  )
  assert.deepEqual(keys, [
    pattern.replace('%Y-%m-%d', '2026-11-20'),
    pattern.replace('%Y-%m-%d', '2026-11-21'),
  ])
  await write(sink, lineAt('a', day))
  await write(sink, lineAt('b', day + 86_400))
  await write(sink, lineAt('c', day))
  await sink.close()
  assert.deepEqual(messages(keys[0]!), ['a', 'c'])
  assert.deepEqual(messages(keys[1]!), ['b'])
})

test('a file that was moved away or removed is made anew', async () => {
  const path = freshPath('app.ndjson')
  const sink = sinkTo(path)
  await write(sink, eventsOfLines(['one']))
  fs.renameSync(path, `${path}.1`)
  await write(sink, eventsOfLines(['two']))
  fs.unlinkSync(path)
  await write(sink, eventsOfLines(['three']))
  fs.renameSync(path, `${path}.2`)
  fs.writeFileSync(path, '')
  await write(sink, eventsOfLines(['four']))
  await sink.close()
  assert.deepEqual(messages(`${path}.1`), ['one'])
  assert.deepEqual(messages(`${path}.2`), ['three'])
  assert.deepEqual(messages(path), ['four'])
})

test('a line that a crash tore is ended before the next one', async () => {
  const path = freshPath('app.ndjson')
  fs.mkdirSync(join(path, '..'))
  fs.writeFileSync(path, '{"message":"whole"}\n{"mess')
  const sink = sinkTo(path)
  await write(sink, eventsOfLines(['next']))
  await sink.close()
  const lines = fs.readFileSync(path, 'utf8').split('\n')
  assert.equal(lines[1], '{"mess')
  assert.equal(parse(lines[2]!)['message'], 'next')
})

test('few files stay open, and idle ones are closed', async () => {
  const { fileSystem, open } = countingFileSystem()
  const clock = new FakeClock()
  const sink = sinkTo(freshPath('%Y%m%d%H.ndjson'), fileSystem, clock)
  for (let hour = 0; hour < 20; hour++) await write(sink, lineAt('x', hour * 3600))
  assert.ok(open() <= 8, String(open()))
  await clock.advance(61_000)
  await write(sink, lineAt('x', 0))
  assert.equal(open(), 1)
  await sink.close()
  assert.equal(open(), 0)
})

test('an event counts as accepted only once it is synced', async () => {
  const steps: string[] = []
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, flags, mode) {
      const file = await nodeFileSystem.open(path, flags, mode)
      return wrap(file, {
        write: (bytes, position) => file.write(bytes, position).then(() => void steps.push('write')),
        datasync: () => file.datasync().then(() => void steps.push('sync')),
      })
    },
  }
  const sink = sinkTo(freshPath('app.ndjson'), fileSystem)
  await write(sink, eventsOfLines(['one']))
  assert.deepEqual(steps, ['write', 'sync'])
  await sink.close()
})

test('trouble of the disk is a retry, trouble of rights a hold, and the next try begins on a new line', async () => {
  const path = freshPath('app.ndjson')
  let failing = ''
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(name, flags, mode) {
      if (failing === 'EACCES') throw systemError('EACCES')
      const file = await nodeFileSystem.open(name, flags, mode)
      return wrap(file, {
        async write(bytes, position) {
          // As a full disk does it: half of it first, then the error.
          if (failing === 'ENOSPC') await file.write(bytes.subarray(0, bytes.length >> 1), position)
          if (failing !== '') throw systemError(failing)
          return file.write(bytes, position)
        },
      })
    },
  }
  const sink = sinkTo(path, fileSystem)
  await write(sink, eventsOfLines(['one']))
  failing = 'ENOSPC'
  const full = await write(sink, eventsOfLines(['two']))
  assert.ok(full.kind === 'all' && full.outcome.kind === 'retry')
  assert.equal(full.code, 'enospc')
  failing = 'EACCES'
  const denied = await write(sink, eventsOfLines(['two']))
  assert.ok(denied.kind === 'all' && denied.outcome.kind === 'hold')
  assert.match(denied.outcome.text, /cannot write .*app\.ndjson: EACCES/)
  failing = ''
  await write(sink, eventsOfLines(['two']))
  await sink.close()
  const lines = fs.readFileSync(path, 'utf8').trimEnd().split('\n')
  assert.equal(lines.length, 3)
  assert.equal(parse(lines[2]!)['message'], 'two')
})

test('a mistake of our own is not taken for trouble of the disk', async () => {
  const fileSystem = { ...nodeFileSystem, open: () => Promise.reject(new TypeError('a bug')) }
  await assert.rejects(write(sinkTo(freshPath('x'), fileSystem), eventsOfLines(['one'])), /a bug/)
})

test('a path that cannot be meant is an error of the config', () => {
  for (const [path, expected] of [
    ['out/{service}.ndjson', /must not choose a file/],
    ['out/%Q.ndjson', /"%Q" is no time/],
    ['out/', /names a folder/],
    ['', /./],
  ] as const) {
    const result = fileSink.schema.safeParse({ path })
    assert.match(result.error?.issues[0]?.message ?? '', expected, path)
  }
})

test('a probe says where it will write without making anything', async () => {
  const path = freshPath('deep/er/app-%Y.ndjson')
  const said = await sinkTo(path).probe()
  assert.match(said, /writes to .*app-2026\.ndjson \(\d+ MiB free\)/)
  assert.equal(fs.existsSync(join(path, '..')), false)
})

test('a probe fails where the path is a folder or lies where nothing can be made', async () => {
  const target = join(freshPath('folder'), '..')
  fs.mkdirSync(target, { recursive: true })
  await assert.rejects(sinkTo(target).probe(), /is a folder, expected a file/)
  assert.deepEqual(fs.readdirSync(target), [], 'nothing stays behind')
  await assert.rejects(sinkTo('/proc/nope/app.ndjson').probe(), /ENOENT|EACCES/)
})

test('a sink below a folder that cannot be made says so and can be stopped', async () => {
  const sink = sinkTo('/proc/nope/app.ndjson')
  const [event] = eventsOfLines(['x'])
  const request = await sink.encode(batchItems([event!]), '/proc/nope/app.ndjson')
  assert.equal((await sink.send(request)).kind, 'all')
  await sink.close()
})

test('a preview is the document', () => {
  const [event] = eventsOfLines(['x'])
  const preview = sinkTo('/out/%Y.ndjson').describe(batchItems([event!])[0]!)
  assert.equal(preview.target, 'append to /out/2026.ndjson')
  assert.equal(parse(preview.body)['message'], 'x')
})

/** The file with some of its methods replaced. */
function wrap(file: File, changes: Partial<File>): File {
  return {
    read: (target, start, length, position) => file.read(target, start, length, position),
    write: (bytes, position) => file.write(bytes, position),
    stat: () => file.stat(),
    truncate: (size) => file.truncate(size),
    datasync: () => file.datasync(),
    close: () => file.close(),
    ...changes,
  }
}

function countingFileSystem(): { fileSystem: FileSystem; open: () => number } {
  let count = 0
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, flags, mode) {
      const file = await nodeFileSystem.open(path, flags, mode)
      count++
      return wrap(file, {
        close: () => {
          count--
          return file.close()
        },
      })
    },
  }
  return { fileSystem, open: () => count }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
