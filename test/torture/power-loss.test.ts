import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/fake-clock.ts'
import { scenario } from './harness/scenario.ts'
import { pathsIn, straceMissing, traced } from './harness/strace.ts'
import { SyncedImage } from './harness/synced-image.ts'
import type { TortureRig } from './harness/torture-rig.ts'

const skip = straceMissing

/** All lines of a few rotated files are in the buffer, with the sinks away. Returns what the disk has of it by then. */
async function readAll(rig: TortureRig): Promise<() => SyncedImage> {
  const app = rig.file('app.log')
  const log = join(rig.folder, 'trace.log')
  const image = (): SyncedImage => {
    const now = new SyncedImage(join(rig.folder, 'data'), 'empty')
    now.replay(log)
    return now
  }
  await rig.sinksDown()
  await rig.start(traced({ paths: pathsIn(rig.dataDir), log, keepsBytes: true }))
  for (let round = 0; round < 6; round++) {
    app.write(50)
    const isRead = async (): Promise<boolean> =>
      (await rig.status()).ledger['app']?.read_events === app.written
    await until(isRead, 'the lines are read')
    if (round % 2 === 1) app.rotateNumbered()
  }
  return image
}

/** The files go, then the power does: from here on only what was synced is anywhere. */
async function cutPower(rig: TortureRig, image: () => SyncedImage): Promise<SyncedImage> {
  for (const name of readdirSync(rig.logs)) rmSync(rig.path(name))
  await rig.kill()
  const left = image()
  left.restore()
  await rig.sinksUp()
  return left
}

for (const fsync of ['always', '1s']) {
  scenario(
    `STO-SYNC-${fsync === 'always' ? 'ALWAYS' : 'INTERVAL'}`,
    `fsync ${fsync}: the files are removed once the buffer is synced, then the power is cut: the buffer has all of it`,
    { skip, from: 'full', config: { buffer: { fsync } } },
    async (rig) => {
      const image = await readAll(rig)
      await until(() => !image().hasUnsynced('.seg'), 'all that was read is synced')
      await cutPower(rig, image)
    },
  )
}

scenario(
  'STO-SYNC-WINDOW',
  'the files are removed and the power is cut before the sync: exactly what came after the last one is gone',
  { skip, config: { buffer: { fsync: '30s' } } },
  async (rig) => {
    const image = await readAll(rig)
    const left = await cutPower(rig, image)
    const synced = new Set(
      left
        .synced('.seg')
        .toString('latin1')
        .match(/app\.log-\d+(?=")/g),
    )
    const gone = rig.uids().filter((uid) => !synced.has(uid))
    assert.ok(gone.length > 0 && synced.size > 0, `${synced.size} synced, ${gone.length} not`)
    const lost = `${gone.length} ${gone.slice(0, 10).join(' ')}`
    return { es: { lost }, loki: { lost }, unread: gone.length }
  },
)
