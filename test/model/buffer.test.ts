import { test } from 'node:test'
import * as fc from 'fast-check'
import { BufferModel } from '../support/buffer-model.ts'
import { setup, steps } from '../support/buffer-steps.ts'
import type { BufferSetup, Step } from '../support/buffer-steps.ts'
import { assertRuns } from '../support/model-runs.ts'
import { scaled } from '../torture/harness/scale.ts'

const runs = scaled({ short: 60, full: 600, long: 20_000 })

test('whatever happens in whatever order: nothing synced is lost, nothing saved comes back, the ledger adds up', async (context) => {
  await assertRuns(context, fc.tuple(setup, steps), runAll, { numRuns: runs })
})

/** Checked after each step, and at the end, when everything must have arrived. */
async function runAll([chosen, all]: readonly [BufferSetup, readonly Step[]]): Promise<void> {
  const model = await BufferModel.open(chosen)
  for (const each of all) {
    await model.run(each)
    model.check()
  }
  await model.finish()
}

test('a sink that comes back while its segments are being deleted misses them as sink_removed, not as damage', async () => {
  const model = await BufferModel.open({
    fsync: 'always',
    maxBytes: 2 ** 22,
    retainMs: 0,
    whenFull: 'block',
  })
  const settleHalf = { kind: 'settle', sink: 0, records: 1, share: 2 } as const
  await model.run({ kind: 'append', file: 0, lines: 3 })
  await model.run({ kind: 'diskFull', spareBytes: 0 })
  for (let crashes = 0; crashes < 2; crashes += 1)
    await model.run({ kind: 'crash', unsynced: 'lost', seed: 0 })
  await model.run({ kind: 'settle', sink: 1, records: 1, share: 1 })
  await model.run(settleHalf)
  await model.run({ kind: 'append', file: 0, lines: 0 })
  await model.run({ kind: 'park', sink: 0 })
  await model.finish()
})

test('a record that a power cut left only behind newer ones is read again, not passed over in silence', async () => {
  const model = await BufferModel.open({ fsync: 5000, maxBytes: 2 ** 22, retainMs: 0, whenFull: 'block' })
  // A failed write makes the agent write the end of the segment again in another one; the power cut undoes the cutting
  // off of the first, and of its records leaves the newest alone.
  for (const file of [0, 2, 0]) await model.run({ kind: 'append', file, lines: 0 })
  await model.run({ kind: 'append', file: 2, lines: 2 })
  await model.run({ kind: 'append', file: 0, lines: 0 })
  await model.run({ kind: 'fault', on: 'write', times: 1, where: '.seg' })
  await model.run({ kind: 'appendFiltered', file: 0 })
  await model.run({ kind: 'crash', unsynced: 'torn', seed: 1_885_681_189 })
  model.check()
  await model.finish()
})

test('a record that stood open at a power cut and is gone is read again, though later ones had been passed', async () => {
  const model = await BufferModel.open({ fsync: 5000, maxBytes: 2 ** 22, retainMs: 0, whenFull: 'block' })
  const settle = (sink: number, share: number) => model.run({ kind: 'settle', sink, records: 1, share })
  const append = (lines: number) => model.run({ kind: 'append', file: 0, lines })
  for (const lines of [0, 0, 3, 0, 0, 0]) await append(lines)
  await settle(0, 3)
  await model.run({ kind: 'fault', on: 'write', times: 1, where: '.seg' })
  await settle(0, 1)
  await settle(1, 1)
  await append(0)
  await model.run({ kind: 'restart' })
  await model.run({ kind: 'crash', unsynced: 'torn', seed: 175_285_461 })
  await append(0)
  await model.run({ kind: 'save', sink: 0 })
  await model.run({ kind: 'wait', ms: 100 })
  await settle(0, 1)
  await model.finish()
})

test('what a broken sector hid at the end of the log is not taken for what was written since, once the disk reads it again', async () => {
  // A second broken sector: the first one is well again.
  const chosen: BufferSetup = {
    fsync: 1000,
    maxBytes: 4194304,
    retainMs: 5000,
    whenFull: 'drop_oldest',
  }
  await runAll([
    chosen,
    [
      { kind: 'append', file: 0, lines: 0 },
      { kind: 'appendTogether', lines: 2 },
      { kind: 'append', file: 0, lines: 0 },
      { kind: 'append', file: 0, lines: 1 },
      { kind: 'append', file: 0, lines: 0 },
      { kind: 'appendTogether', lines: 3 },
      { kind: 'badSector', where: '.seg', seed: 1, heals: true },
      { kind: 'save', sink: 0 },
      { kind: 'crash', unsynced: 'lost', seed: 0 },
      { kind: 'appendTogether', lines: 0 },
      { kind: 'crash', unsynced: 'torn', seed: 0 },
      { kind: 'append', file: 0, lines: 1 },
      { kind: 'badSector', where: '.seg', seed: 2, heals: true },
    ],
  ])
})

test('what a broken sector hid stays out of the log when the empty segments of idle starts are gone', async () => {
  const chosen: BufferSetup = {
    fsync: 'always',
    maxBytes: 4194304,
    retainMs: 0,
    whenFull: 'drop_oldest',
  }
  await runAll([
    chosen,
    [
      { kind: 'append', file: 0, lines: 0 },
      { kind: 'appendTogether', lines: 3 },
      { kind: 'append', file: 1, lines: 1 },
      { kind: 'append', file: 2, lines: 4 },
      { kind: 'append', file: 1, lines: 2 },
      { kind: 'append', file: 0, lines: 0 },
      { kind: 'append', file: 2, lines: 5 },
      { kind: 'badSector', where: '.seg', seed: 1, heals: true },
      { kind: 'crash', unsynced: 'torn', seed: 0 },
      { kind: 'crash', unsynced: 'lost', seed: 0 },
      { kind: 'diskReads' },
      { kind: 'restart' },
      { kind: 'appendTogether', lines: 1 },
      { kind: 'crash', unsynced: 'kept', seed: 0 },
    ],
  ])
})

test('a broken sector in a segment that a failed sync made us write again: what it hid is read again', async () => {
  // The segment has no table, and the large record is the only one of its file there.
  const chosen: BufferSetup = {
    fsync: 5000,
    maxBytes: 67_108_864,
    retainMs: 0,
    whenFull: 'drop_oldest',
  }
  await runAll([
    chosen,
    [
      { kind: 'append', file: 2, lines: 2 },
      { kind: 'appendLarge', file: 2, kilobytes: 824 },
      { kind: 'fault', on: 'datasync', times: 1, where: '.seg' },
      { kind: 'append', file: 1, lines: 5 },
      { kind: 'crash', unsynced: 'lost', seed: 2_147_483_617 },
      { kind: 'badSector', where: '.seg', seed: 711_075_211, heals: true },
    ],
  ])
})
