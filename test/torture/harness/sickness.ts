import assert from 'node:assert/strict'
import { assertAddsUp } from '../../support/agent-rig.ts'
import { until } from '../../support/fake-clock.ts'
import type { CountedFile } from './counted-file.ts'
import { Door } from './door.ts'
import type { DoorOptions, Mood } from './door.ts'
import type { TortureRig } from './torture-rig.ts'

export type SinkName = 'es' | 'loki'

export interface Fault {
  readonly name: string
  readonly mood: Mood
  /** What `/status` calls it. */
  readonly state?: 'retrying' | 'holding'
  /** What `last_error` has to say. */
  readonly says?: RegExp
  /** Requests that have to meet it: it was tried again. */
  readonly least?: number
}

export interface Doors {
  readonly es: Door
  readonly loki: Door
}

/** A door that is shut with the rig. */
export async function openDoor(
  rig: TortureRig,
  target: () => string,
  options: DoorOptions = {},
): Promise<Door> {
  const door = new Door(target, options)
  rig.opened.push(() => door.shut())
  await door.open()
  return door
}

/** A door before each fake, and the agent's config led through them. */
export async function openDoors(
  rig: TortureRig,
  settings: Partial<Record<SinkName, object>> = {},
): Promise<Doors> {
  const es = await openDoor(rig, () => rig.elasticsearch.url)
  const loki = await openDoor(rig, () => rig.loki.url)
  rig.configure({
    elasticsearch: { nodes: [es.url], ...settings.es },
    loki: { url: loki.url, ...settings.loki },
  })
  return { es, loki }
}

const other = (sink: SinkName): SinkName => (sink === 'es' ? 'loki' : 'es')

/**
 * One sink meets the fault while lines are written: the other one gets every line meanwhile, nothing of the sick one is
 * acknowledged, dropped or dead-lettered, and the ledger adds up. Then it is well, and gets every line.
 */
export async function fallsSick(
  { rig, doors, app }: { readonly rig: TortureRig; readonly doors: Doors; readonly app: CountedFile },
  sick: SinkName,
  { name, mood, state, says, least = 2 }: Fault,
): Promise<void> {
  const told = `${sick}, ${name}`
  const before = rig.written
  const door = doors[sick]
  door.meets(mood)
  app.write(40)
  await until(() => rig.storedCount(other(sick)) === rig.written, `the other sink has all (${told})`)
  await until(() => door.met >= least, `it was tried again (${told})`).catch((error: unknown) => {
    throw new Error(`${door.met} requests\n${rig.agent?.stderr.slice(-3000)}`, { cause: error })
  })
  if (state) {
    await until(async () => (await rig.status()).sinks[sick]!.state === state, `it is ${state} (${told})`)
  }
  const status = await rig.status()
  assertAddsUp(status)
  const row = status.ledger['app']!.sinks[sick]!
  assert.equal(row.acknowledged, before, told)
  assert.equal(row.dead_lettered, 0, told)
  assert.deepEqual(row.dropped, {}, told)
  if (says) assert.match(status.sinks[sick]!.last_error ?? '', says, told)
  door.meets(undefined)
  await isWell(rig, sick, told)
}

/** Every line that was written is acknowledged. */
export async function isWell(rig: TortureRig, sink: SinkName, told: string): Promise<void> {
  const acknowledged = async (): Promise<boolean> =>
    (await rig.status()).ledger['app']!.sinks[sink]!.acknowledged === rig.written
  await until(acknowledged, `all is acknowledged (${told})`).catch((error: unknown) => {
    throw new Error(rig.agent?.stderr.slice(-3000), { cause: error })
  })
  assert.equal(rig.storedCount(sink), rig.written, told)
}

/** Both sinks fall sick in turn, with each of the faults. */
export async function fallSickInTurn(
  rig: TortureRig,
  faults: Readonly<Record<SinkName, readonly Fault[]>>,
  settings: Partial<Record<SinkName, object>> = {},
): Promise<void> {
  const doors = await openDoors(rig, settings)
  const app = rig.file('app.log')
  await rig.start()
  for (const sink of ['es', 'loki'] as const) {
    for (const fault of faults[sink]) await fallsSick({ rig, doors, app }, sink, fault)
  }
}
