import { setTimeout as sleep } from 'node:timers/promises'
import { mulberry32 } from '../../support/fake-faults.ts'
import { until } from '../../support/fake-clock.ts'
import type { Ending } from './scenario.ts'
import type { Moment, RotationKind, Rotator } from './rotators.ts'
import { scaled, seed } from './scale.ts'
import { isOpen, seen } from './sight.ts'
import type { TortureRig } from './torture-rig.ts'

/** Most kinds leave a file for each rotation: the pool of 256, and what the process has beside it. */
const ending: Ending = { maxDescriptors: 320 }

/** Ten rotations a second. */
const paceMs = 100
const linesEach = 20

/** Rotates as long as it is told to, at the pace and at the moments in which nothing may be lost. */
async function rotateWhile(
  rig: TortureRig,
  rotator: Rotator,
  when: { readonly moment: Moment; readonly isWanted: (round: number) => boolean },
): Promise<void> {
  const { app } = rotator
  for (let round = 0; when.isWanted(round); round++) {
    const began = app.written
    rotator.write(linesEach)
    await sleep(paceMs)
    rotator.tick?.()
    const isReady = (): boolean =>
      !when.isWanted(round) || isMoment(rig, rotator, { moment: when.moment, began })
    await until(isReady, `the moment for rotation ${round} has come`, 60_000)
    if (!when.isWanted(round)) return
    // Lines that nobody has read, as far as the moment allows.
    if (when.moment !== 'all') rotator.write(linesEach)
    rotator.rotate(round)
  }
}

function isMoment(
  rig: TortureRig,
  { app, path }: Rotator,
  { moment, began }: { moment: Moment; began: number },
): boolean {
  if (moment === 'open') return isOpen(rig, path)
  if (moment === 'seen') return seen(rig, app, began) > 0
  return moment === 'any' || rig.hasAll()
}

/** The agent is up the whole time. */
export async function whileUp(rig: TortureRig, kind: RotationKind): Promise<Ending> {
  const rounds = scaled({ short: 5, full: 30, long: 300 })
  const rotator = kind.make(rig)
  rotator.write(1)
  await rig.start()
  const { up: moment } = kind
  await rotateWhile(rig, rotator, { moment, isWanted: (round) => round < rounds })
  rotator.write(linesEach)
  await rig.arrived()
  await until(() => {
    rotator.tick?.()
    return rotator.isWaiting !== true
  }, 'the rotation has done its work')
  return ending
}

/** It is stopped by SIGTERM while files are rotated, stays away for some rotations, and is started again. */
export function whileStopped(rig: TortureRig, kind: RotationKind): Promise<Ending> {
  const stops = scaled({ short: 1, full: 2, long: 30 })
  return comingAndGoing(rig, kind, async () => {
    for (let i = 0; i < stops; i++) {
      await rig.start()
      await sleep(4 * paceMs)
      await rig.stop()
      await sleep(3 * paceMs)
    }
  })
}

/** It is killed at random moments while files are rotated. */
export function whileKilled(rig: TortureRig, kind: RotationKind): Promise<Ending> {
  const kills = scaled({ short: 2, full: 5, long: 100 })
  const random = mulberry32(seed)
  return comingAndGoing(rig, kind, async () => {
    for (let i = 0; i < kills; i++) {
      const agent = rig.spawn()
      const isEarly = random() < 0.25
      if (!isEarly) await agent.started
      await sleep(random() * 600)
      await rig.kill()
      await sleep(random() * 2 * paceMs)
    }
  })
}

async function comingAndGoing(
  rig: TortureRig,
  kind: RotationKind,
  come: () => Promise<void>,
): Promise<Ending> {
  const rotator = kind.make(rig)
  let isOver = false
  const rotating = rotateWhile(rig, rotator, { moment: kind.down, isWanted: () => !isOver })
  await come().finally(() => (isOver = true))
  await rotating
  await rig.start()
  await rig.arrived()
  return ending
}
