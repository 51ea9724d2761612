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
    { numRuns: runs, timeout: 30_000 },
  )
})
