import { whileUp } from './harness/rotate.ts'
import { rotationKinds } from './harness/rotators.ts'
import { scenario } from './harness/scenario.ts'

// The agent is up the whole time, ten rotations a second. Nothing may be missing: a file was open before it left.
/** Each a way of its own through the agent; the other kinds are for `full`. */
const inShort = new Set([
  'ROT-RENAME-STALE',
  'ROT-CHAIN',
  'ROT-COPYTRUNC-NOW',
  'ROT-REFILL',
  'ROT-DELETE',
  'ROT-SYMLINK',
  'ROT-K8S',
  'ROT-GZIP-GLOB',
])

for (const kind of rotationKinds)
  scenario(
    kind.id,
    `${kind.sentence}, ten times a second`,
    { ...kind.options, from: inShort.has(kind.id) ? 'short' : 'full' },
    (rig) => whileUp(rig, kind),
  )
