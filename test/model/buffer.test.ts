import { test } from 'node:test'
import * as fc from 'fast-check'
import { BufferModel } from '../support/buffer-model.ts'
import { setup, steps } from '../support/buffer-steps.ts'
import { scaled } from '../torture/harness/scale.ts'

const runs = scaled({ short: 60, full: 600, long: 20_000 })

test('whatever happens in whatever order: nothing synced is lost, nothing saved comes back, the ledger adds up', async () => {
  await fc.assert(
    fc.asyncProperty(setup, steps, async (chosen, all) => {
      const model = await BufferModel.open(chosen)
      for (const each of all) {
        await model.run(each)
        model.check()
      }
      await model.finish()
    }),
    { numRuns: runs, timeout: 30_000, includeErrorInReport: true },
  )
})

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
