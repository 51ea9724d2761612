import { join } from 'node:path'
import type { ChangingCall } from './strace.ts'
import { pathsIn, traced } from './strace.ts'
import type { Survives } from './synced-image.ts'
import { SyncedImage } from './synced-image.ts'
import type { TortureRig } from './torture-rig.ts'

export interface KillPoint {
  readonly call: ChangingCall
  /** Killed right before the nth such call below data_dir. */
  readonly nth: number
}

/**
 * `--once`, killed at the point. False where it ended before it came there. With `power` what was not synced is gone
 * afterwards, but for what `survives`.
 */
export async function killedRun(
  rig: TortureRig,
  { call, nth }: KillPoint,
  power?: { readonly survives?: Survives },
): Promise<boolean> {
  const image = power && new SyncedImage(rig.dataDir)
  const log = join(rig.folder, 'trace.log')
  const inject = [`${call}:signal=KILL:when=${nth}`]
  const paths = pathsIn(rig.dataDir, rig.sinks)
  const agent = rig.spawn(
    ['--once', '--timeout', '60s'],
    traced({ paths, inject, ...(power && { log, keepsBytes: true }) }),
  )
  const { code } = await agent.exited
  rig.agent = undefined
  if (code !== null && code > 1) throw new Error(`exit ${code} at ${call} ${nth}: ${agent.stderr}`)
  if (code !== null) return false
  image?.replay(log)
  image?.restore(power?.survives)
  return true
}

/** `--once` to its end, so that nothing of the kills before it piles up. */
export async function wholeRun(rig: TortureRig): Promise<void> {
  const agent = rig.spawn(['--once', '--timeout', '60s'])
  const { code } = await agent.exited
  rig.agent = undefined
  if (code === null || code > 1) throw new Error(`a run between kills ended with ${code}: ${agent.stderr}`)
}

/** The points of one call after the other: `first`, `first + step`, … until a run ends unharmed. */
export async function sweep(
  points: { readonly calls: readonly ChangingCall[]; readonly first: number; readonly step: number },
  run: (point: KillPoint) => Promise<boolean>,
): Promise<number> {
  let kills = 0
  for (const call of points.calls)
    for (let nth = points.first; await run({ call, nth }); nth += points.step) kills += 1
  return kills
}
