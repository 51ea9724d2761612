import { readdirSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { mulberry32 } from '../support/fake-faults.ts'
import type { CountedFile } from './harness/counted-file.ts'
import type { Mood } from './harness/door.ts'
import { scaled, seed } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import { openDoors } from './harness/sickness.ts'
import { seen } from './harness/sight.ts'
import type { TortureRig } from './harness/torture-rig.ts'

const kills = scaled({ short: 10, full: 200, long: 1000 })

const elasticsearchFaults = {
  reset: 0.03,
  lostAck: 0.05,
  hangStored: 0.01,
  hang: 0.01,
  cut: 0.02,
  garbage: 0.01,
  refuse: 0.05,
  statuses: [503, 429, 500],
  items: [{ share: 0.01, status: 429 }],
}
const lokiFaults = {
  reset: 0.03,
  lost_ack: 0.05,
  cut: 0.02,
  hang: 0.01,
  partial: 0.03,
  status: { '503': 0.03, '429': 0.03 },
}

/** Beyond it a slow machine, whose kills take an hour, would write more than can be shipped in the end. */
const mostLines = kills * 1_000

/** Writes some lines every few milliseconds, and rotates every 400 where that is allowed, until told to stop. */
async function writeUntil(
  app: CountedFile,
  stop: AbortSignal,
  random: () => number,
  mayRotate: (linesBefore: number) => boolean,
): Promise<void> {
  let before = 0
  while (!stop.aborted) {
    if (app.written < mostLines) app.write(1 + Math.floor(random() * 20))
    if (app.written - before >= 400 && mayRotate(before)) {
      app.rotateNumbered()
      before = app.written
    }
    await sleep(10)
  }
}

/** One kill in four comes at some moment of the start, the others while it ships: however slow the machine is. */
async function killAtRandom(rig: TortureRig, count: number, random: () => number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const agent = rig.spawn()
    const isEarly = random() < 0.25
    if (!isEarly) await agent.started
    await sleep(random() * (isEarly ? 600 : 900))
    await rig.kill()
  }
}

for (const where of ['outside', 'inside'] as const) {
  scenario(
    where === 'inside' ? 'K9-RENAME' : 'K9-RENAME-OUT',
    `${kills} kills while it ships through rotation to failing sinks (rotated names ${where} the globs)`,
    { include: [where === 'inside' ? 'app.log*' : 'app.log'], elasticsearchFaults, lokiFaults },
    async (rig) => {
      const random = mulberry32(seed)
      const app = rig.file('app.log')
      // One rotation a start on average: a chain of a thousand names that moves twice a second is nobody's logrotate.
      const byStarts = (): boolean => app.rotations < rig.starts
      // A file that came and was renamed to a name that no glob matches while no agent ran is nobody's: what is outside
      // the globs is rotated only once something of the file was seen to arrive.
      const bySight = (before: number): boolean => seen(rig, app, before) > 0
      const stop = new AbortController()
      const writing = writeUntil(app, stop.signal, random, where === 'inside' ? byStarts : bySight)
      await killAtRandom(rig, kills, random)
      stop.abort()
      await writing
    },
  )
}

scenario(
  'Q-KILLS',
  `${kills} kills with the sinks down for the first half and the files deleted before they come back`,
  { elasticsearchFaults, lokiFaults },
  async (rig) => {
    const random = mulberry32(seed + 1)
    const app = rig.file('app.log')
    await rig.sinksDown()
    const stop = new AbortController()
    const writing = writeUntil(app, stop.signal, random, () => true)
    await killAtRandom(rig, Math.ceil(kills / 2), random)
    stop.abort()
    await writing
    // One run to the end of the files with the sinks still away: from here on only the buffer has the lines.
    // Long enough for a machine that reads 5,000 lines a second: what was not read when the files go is lost by the test, not by the agent.
    await rig.once(`${4 + Math.ceil(app.written / 5_000)}s`)
    for (const file of readdirSync(rig.logs)) rmSync(rig.path(file))
    await rig.sinksUp()
    await killAtRandom(rig, Math.floor(kills / 2), random)
    // Hundreds of rotated files, of which the pool holds 256.
    return { maxDescriptors: 400 }
  },
)

scenario(
  'K9-FILES, K9-SLOWSINK',
  'five files at once, and sinks that take 300 ms for each answer: killed ten times in the middle of it',
  { from: 'full', elasticsearch: { batch: { max_events: 50 } }, loki: { batch: { max_events: 50 } } },
  async (rig) => {
    const doors = await openDoors(rig)
    const slowly: Mood = async (exchange) => {
      const passed = await exchange.pass()
      await sleep(300)
      exchange.answer(passed)
    }
    doors.es.meets(slowly)
    doors.loki.meets(slowly)
    const files = Array.from({ length: 5 }, (_, index) => rig.file(`app.log.${index}`))
    const random = mulberry32(seed)
    for (let kill = 0; kill < 10; kill++) {
      for (const file of files) file.write(1 + Math.floor(random() * 40))
      await killAtRandom(rig, 1, random)
    }
    // For the `--once` that ships the rest: its answers are slow enough without that.
    doors.es.meets(undefined)
    doors.loki.meets(undefined)
  },
)
