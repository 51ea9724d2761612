import assert from 'node:assert/strict'
import { appendFileSync, renameSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync, deflateSync } from 'node:zlib'
import { packedAs } from '../../../../src/sources/file/reading/packed.ts'
import { TailBench } from '../../../support/tail-bench.ts'

test('compressed files are known by how they begin, and no text is one', () => {
  const hex = (digits: string): Buffer => Buffer.from(digits, 'hex')
  assert.equal(packedAs(gzipSync('a line\n')), 'gzip')
  assert.equal(packedAs(hex('28b52ffd0458')), 'zstd')
  assert.equal(packedAs(hex('fd377a585a000004')), 'xz')
  assert.equal(packedAs(hex('04224d186440')), 'lz4')
  assert.equal(packedAs(hex('504b03041400')), 'zip')
  assert.equal(packedAs(hex('425a683931415926535923')), 'bzip2')
  for (const text of ['', 'PK', 'BZh9 is a name', '(\n', '{"a":1}\n', '\x1f\n', deflateSync('')])
    assert.equal(packedAs(Buffer.from(text)), undefined)
})

test('a packed file that a glob matches is not sent as lines of garbage, and waits for nobody', async (context) => {
  const bench = new TailBench(context, { include: ['app.log*'] })
  appendFileSync(bench.path('app.log.1.gz'), gzipSync('old\n'.repeat(1000)))
  bench.append('app.log', 'one\n')
  await bench.start()
  await bench.lines(1)
  // Moved on by the next rotation, and another one takes its name.
  renameSync(bench.path('app.log.1.gz'), bench.path('app.log.2.gz'))
  appendFileSync(bench.path('app.log.1.gz'), gzipSync('new\n'))
  bench.append('app.log', 'two\n')
  await bench.lines(2)
  await bench.runner.drain()
  assert.deepEqual(bench.buffer.lines, ['one', 'two'])
  const packed = bench.runner.status().filter(({ path }) => path.includes('.gz'))
  assert.deepEqual(
    packed.map(({ lagBytes }) => lagBytes),
    [0, 0],
  )
  assert.equal(bench.warnings.filter((text) => text.includes('compressed')).length, 2)
})
