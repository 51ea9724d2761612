import assert from 'node:assert/strict'
import { answers, hangs, resets, storesAndResets } from './harness/moods.ts'
import { scenario } from './harness/scenario.ts'
import { isWell, openDoor } from './harness/sickness.ts'

for (const [what, mood] of [
  ['resets every connection', resets],
  ['stores and loses every answer', storesAndResets],
  ['hangs', hangs],
  ['answers 503', answers(503)],
] as const) {
  scenario(
    'BAL',
    `of two nodes one ${what}: the other one takes all of it`,
    { from: 'full' },
    async (rig) => {
      const well = await openDoor(rig, () => rig.elasticsearch.url)
      const sick = await openDoor(rig, () => rig.elasticsearch.url)
      sick.meets(mood)
      rig.configure({ elasticsearch: { nodes: [sick.url, well.url], timeout: '300ms' } })
      const app = rig.file('app.log')
      await rig.start()
      for (let block = 0; block < 5; block += 1) {
        app.write(300)
        await rig.arrived()
      }
      assert.ok(well.passed >= 5)
      const { met } = sick
      assert.ok(
        met > 0 && met <= well.passed,
        `the sick node got ${met} requests, the other one ${well.passed}`,
      )
      await isWell(rig, 'es', what)
    },
  )
}
