import { whileKilled, whileStopped } from './harness/rotate.ts'
import { rotationKinds } from './harness/rotators.ts'
import { scenario } from './harness/scenario.ts'
import type { Scale } from './harness/scale.ts'

/** Those with a way of their own through a start. kill.test.ts has renames under kills; the other kinds are for `full`. */
const inShort = new Set(['ROT-RENAME-STOPPED', 'ROT-COPYTRUNC-NOW-KILLED'])
const scaleOf = (id: string): Scale => (inShort.has(id) ? 'short' : 'full')

for (const kind of rotationKinds) {
  const { options, sentence } = kind
  const stopped = `${kind.id}-STOPPED`
  const stoppedOptions = { ...options, from: scaleOf(stopped) }
  scenario(stopped, `${sentence}, while the agent is stopped and started`, stoppedOptions, (rig) =>
    whileStopped(rig, kind),
  )
  const killed = `${kind.id}-KILLED`
  const killedOptions = { ...options, from: scaleOf(killed) }
  scenario(killed, `${sentence}, while the agent is killed at random moments`, killedOptions, (rig) =>
    whileKilled(rig, kind),
  )
}
