import { mulberry32 } from '../support/fake-faults.ts'
import { killedRun, sweep } from './harness/killed-run.ts'
import type { KillPoint } from './harness/killed-run.ts'
import { reaches, scale, scaled, seed } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import type { Ending } from './harness/scenario.ts'
import { straceMissing } from './harness/strace.ts'
import type { ChangingCall } from './harness/strace.ts'
import type { TortureRig } from './harness/torture-rig.ts'

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

/** In `npm test` a few points of every kind; all of them in the long run. */
const sample: readonly KillPoint[] = [
  { call: 'rename', nth: 2 },
  { call: 'pwrite64', nth: 9 },
  { call: 'fdatasync', nth: 6 },
  { call: 'unlink', nth: 1 },
]

async function killAtPoints(rig: TortureRig, run: (point: KillPoint) => Promise<boolean>): Promise<number> {
  if (scale !== 'short') return sweep({ calls, first: 1, step: scaled({ short: 1, full: 5, long: 1 }) }, run)
  for (const point of sample) await run(point)
  return sample.length
}

/** What the mapping of the fake refuses: a member that is a number in the first line, and an object in every 40th. */
const members = (sequence: number): string =>
  sequence % 40 === 39 ? '"n":{"x":1}' : sequence === 0 ? '"n":1' : ''

function refused(rig: TortureRig): Ending {
  const uids = rig.uids().filter((_, sequence) => sequence % 40 === 39)
  return {
    es: { lost: `${uids.length} ${uids.slice(0, 10).join(' ')}` },
    deadLettered: uids.length,
  }
}

for (const power of [false, true]) {
  const [id, what] = power ? ['STO-SYNC', 'the power is cut'] : ['K9-POINTS', 'it is killed']
  scenario(
    id,
    `${what} right before a call on its data_dir, run after run, while files rotate and some lines are refused`,
    { skip, elasticsearch: { batch: { max_events: 25, max_wait: '20ms' } } },
    async (rig) => {
      const app = rig.file('app.log', { members })
      const random = mulberry32(seed)
      // Half of the power cuts leave nothing that was not synced, the others some of it.
      const survives = (): (() => boolean) => (random() < 0.5 ? () => false : () => random() < 0.5)
      await killAtPoints(rig, (point) => {
        app.write(45)
        if (random() < 0.5) app.rotateNumbered()
        app.write(10)
        return killedRun(rig, point, power ? { survives: survives() } : undefined)
      })
      // What is refused for good makes the first whole run exit 1.
      await rig.once()
      return refused(rig)
    },
  )
}

void reaches
