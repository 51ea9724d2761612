import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { mulberry32 } from '../support/fake-faults.ts'
import { killedRun, sweep, wholeRun } from './harness/killed-run.ts'
import type { KillPoint } from './harness/killed-run.ts'
import { scale, scaled, seed } from './harness/scale.ts'
import { scenario, settleAndJudge } from './harness/scenario.ts'
import type { Ending } from './harness/scenario.ts'
import { straceMissing } from './harness/strace.ts'
import type { ChangingCall } from './harness/strace.ts'
import type { Survives } from './harness/synced-image.ts'
import { TortureRig } from './harness/torture-rig.ts'

const skip = straceMissing
const calls: readonly ChangingCall[] = [
  'openat',
  'mkdir',
  'pwrite64',
  'ftruncate',
  'fsync',
  'fdatasync',
  'rename',
  'unlink',
]
const options = { skip, elasticsearch: { batch: { max_events: 25, max_wait: '20ms' } } }

/**
 * So many kills, then a run that comes to its end. A start opens every segment and begins one: killed each time before it had
 * deleted any, the next one had a call more, and the sweep over `openat` was at 729 after an hour, with no end.
 */
const killsInARow = 5

/** In `npm test` a few points of every kind; all of them in the long run. */
const samples: Readonly<Record<'first' | 'later', readonly KillPoint[]>> = {
  first: [{ call: 'pwrite64', nth: 12 }],
  later: [
    { call: 'rename', nth: 2 },
    { call: 'fdatasync', nth: 6 },
  ],
}

async function killAtPoints(
  runs: 'first' | 'later',
  run: (point: KillPoint) => Promise<boolean>,
): Promise<number> {
  const step = scaled({ short: 1, full: runs === 'first' ? 15 : 8, long: 1 })
  if (scale !== 'short') return sweep({ calls, first: 1, step }, run)
  for (const point of samples[runs]) assert.ok(await run(point), `${point.call} ${point.nth} is reached`)
  return samples[runs].length
}

/** What the mapping of the fake refuses: a member that is a number in the first line, and an object in every 40th. */
const members = (sequence: number): string =>
  sequence % 40 === 39 ? '"n":{"x":1}' : sequence === 0 ? '"n":1' : ''

/** Everything is shipped; returns what the refusals come to. */
async function shipRest(rig: TortureRig): Promise<Ending> {
  const uids = rig.uids().filter((_, sequence) => sequence % 40 === 39)
  const lost = `${uids.length} ${uids.slice(0, 10).join(' ')}`.trim()
  await rig.start()
  await until(() => rig.hasAll(uids.length) && rig.storedCount('loki') >= rig.written, 'all is shipped')
  return { es: { lost }, deadLettered: uids.length }
}

/** Half of the power cuts leave nothing that was not synced, the others some of it. */
function survivesBy(random: () => number): Survives {
  return random() < 0.5 ? () => false : () => random() < 0.5
}

for (const power of [false, true]) {
  const [id, what] = power ? ['STO-SYNC', 'the power is cut'] : ['K9-POINTS', 'it is killed']

  scenario(
    id,
    `${what} right before a call on its data_dir, run after run, while files rotate and some lines are refused`,
    options,
    async (rig) => {
      const app = rig.file('app.log', { members })
      const random = mulberry32(seed)
      let kills = 0
      await killAtPoints('later', async (point) => {
        app.write(45)
        if (random() < 0.5) app.rotateNumbered()
        app.write(10)
        const isKilled = await killedRun(rig, point, power ? { survives: survivesBy(random) } : undefined)
        if (isKilled && ++kills % killsInARow === 0) await wholeRun(rig)
        return isKilled
      })
      return shipRest(rig)
    },
  )

  if (!power && scale === 'short') continue
  const sentence = `${what} right before a call of the very first run, each time on a host of its own`
  test(`${id}-FIRST: ${sentence}`, { skip }, async (context) => {
    const random = mulberry32(seed)
    const kills = await killAtPoints('first', async (point) => {
      const rig = new TortureRig(options)
      try {
        await rig.sinksUp()
        const app = rig.file('app.log', { members })
        app.write(60)
        app.rotateNumbered()
        app.write(60)
        app.rotateNumbered()
        app.write(30)
        const isKilled = await killedRun(rig, point, power ? { survives: survivesBy(random) } : undefined)
        await settleAndJudge(rig, await shipRest(rig)).catch((error: unknown) => {
          throw new Error(`${point.call} ${point.nth}, seed ${seed}`, { cause: error })
        })
        return isKilled
      } finally {
        await rig.close()
      }
    })
    context.diagnostic(
      `${id}-FIRST (${scale}, seed ${seed}): ${kills} kills, each with 150 lines, 3 of them dead letters, all there`,
    )
  })
}
