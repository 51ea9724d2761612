import assert from 'node:assert/strict'
import { copyFileSync, renameSync } from 'node:fs'
import type { ServerOptions } from 'node:https'
import { join, resolve } from 'node:path'
import { assertAddsUp } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { pem, pemPath } from '../support/tls-server.ts'
import type { CountedFile } from './harness/counted-file.ts'
import { namesMissing, OwnNames } from './harness/own-names.ts'
import { scenario } from './harness/scenario.ts'
import { isWell, openDoor } from './harness/sickness.ts'
import type { Doors, SinkName } from './harness/sickness.ts'
import type { TortureRig } from './harness/torture-rig.ts'

// What goes wrong before a connection stands: names and certificates.

interface Parts {
  readonly rig: TortureRig
  readonly doors: Doors
  readonly app: CountedFile
}

/** Lines are written and kept: the sink says this, nothing of them reaches it, and the other sink has all. */
async function cannotConnect({ rig, doors, app }: Parts, sink: SinkName, says: RegExp): Promise<void> {
  const well = sink === 'es' ? 'loki' : 'es'
  const [before, passed] = [rig.written, doors[sink].passed]
  app.write(40)
  const lastError = async (): Promise<string> => (await rig.status()).sinks[sink]!.last_error ?? ''
  await until(async () => says.test(await lastError()), `${sink} says ${says}`).catch(
    async (error: unknown) => {
      throw new Error(await lastError(), { cause: error })
    },
  )
  await until(() => rig.storedCount(well) === rig.written, `${well} has all`)
  const status = await rig.status()
  assertAddsUp(status)
  assert.equal(status.sinks[sink]!.state, 'retrying')
  const { acknowledged, dropped, dead_lettered } = status.ledger['app']!.sinks[sink]!
  assert.deepEqual(
    { acknowledged, dropped, dead_lettered },
    { acknowledged: before, dropped: {}, dead_lettered: 0 },
  )
  assert.equal(doors[sink].passed, passed, 'no request came through')
}

// Names --------------------------------------------------------------------------------------------------------------

scenario(
  'SNK-DNS',
  'names that do not resolve at first, move to another address, and have a dead address beside the living one',
  { skip: namesMissing, from: 'full' },
  async (rig) => {
    const targets = { es: () => rig.elasticsearch.url, loki: () => rig.loki.url }
    const first = { es: await openDoor(rig, targets.es), loki: await openDoor(rig, targets.loki) }
    const second = {
      es: await openDoor(rig, targets.es, { host: '127.0.0.2', port: first.es.port }),
      loki: await openDoor(rig, targets.loki, { host: '127.0.0.2', port: first.loki.port }),
    }
    rig.configure({
      elasticsearch: { nodes: [`http://es.test:${first.es.port}`] },
      loki: { url: `http://loki.test:${first.loki.port}` },
    })
    const app = rig.file('app.log')
    const names = new OwnNames(rig)
    const both = (...addresses: string[]): void => names.are({ 'es.test': addresses, 'loki.test': addresses })
    names.are({ 'loki.test': ['127.0.0.1'] })
    await rig.start(names.spawnOptions)
    await cannotConnect({ rig, doors: first, app }, 'es', /ENOTFOUND|EAI_/)
    both('127.0.0.1')
    await isWell(rig, 'es', 'the name resolves')
    // Gone from its old address: each connection asks for the name again.
    for (const sink of ['es', 'loki'] as const) await first[sink].shut()
    both('127.0.0.2')
    app.write(40)
    await rig.arrived()
    assert.ok(second.es.passed > 0 && second.loki.passed > 0)
    // Nobody is at the first address any more, nor at a third one.
    for (const sink of ['es', 'loki'] as const) {
      await second[sink].shut()
      await second[sink].open()
    }
    both('127.0.0.1', '127.0.0.3', '127.0.0.2')
    app.write(40)
    await rig.arrived()
    // The resolver fails again: what stands is kept, and nothing is lost once it has gone.
    names.are({})
    for (const sink of ['es', 'loki'] as const) {
      await second[sink].shut()
      await second[sink].open()
    }
    app.write(40)
    for (const sink of ['es', 'loki'] as const) {
      const isSaid = async (): Promise<boolean> =>
        /ENOTFOUND|EAI_/.test((await rig.status()).sinks[sink]!.last_error ?? '')
      await until(isSaid, `${sink} says so`)
    }
    both('127.0.0.2')
    await rig.arrived()
  },
)

// Certificates -------------------------------------------------------------------------------------------------------

const certificate = (name: string, more: ServerOptions = {}): ServerOptions => ({
  cert: pem(name),
  key: pem('server-key'),
  ...more,
})

const wrong: readonly (readonly [ServerOptions, RegExp])[] = [
  [certificate('expired'), /tls: .*expired: it has to be renewed there/],
  [certificate('not-yet'), /tls: .*not valid yet: compare its dates/],
  [certificate('self-signed'), /tls: .*self-signed: .*name a file with it in tls\.ca_file/],
  [certificate('elsewhere'), /tls: .*is for DNS:es\.example.*write a name that it has in "(nodes|url)"/],
  [certificate('stranger'), /tls: .*not trusted.*tls\.ca_file/],
  [
    certificate('server', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
    /tls: .*only TLS versions older than 1\.2/,
  ],
  [
    certificate('server', { ca: pem('ca'), requestCert: true, rejectUnauthorized: true }),
    /tls\.cert_file and tls\.key_file/,
  ],
]

scenario(
  'SNK-TLS',
  'certificates of every wrong kind hold the lines and say what to do; renewed, or with another authority, it goes on by itself',
  { from: 'full' },
  async (rig) => {
    const tls = certificate('server')
    const doors = {
      es: await openDoor(rig, () => rig.elasticsearch.url, { tls }),
      loki: await openDoor(rig, () => rig.loki.url, { tls }),
    }
    const authorities = join(rig.folder, 'ca.pem')
    const trusts = (name: string): void => {
      copyFileSync(resolve(pemPath(name)), `${authorities}.new`)
      renameSync(`${authorities}.new`, authorities)
    }
    trusts('ca')
    rig.configure({
      elasticsearch: { nodes: [doors.es.url], tls: { ca_file: authorities } },
      loki: { url: doors.loki.url, tls: { ca_file: authorities } },
    })
    const app = rig.file('app.log')
    const parts = { rig, doors, app }
    await rig.start()
    for (const sink of ['es', 'loki'] as const) {
      for (const [shown, says] of wrong) {
        await doors[sink].shows(shown)
        await cannotConnect(parts, sink, says)
        await doors[sink].shows(tls)
        await isWell(rig, sink, String(says))
      }
    }
    // The authority is another one, and its certificate comes into the file that the config names.
    for (const sink of ['es', 'loki'] as const) await doors[sink].shows(certificate('stranger'))
    app.write(40)
    trusts('other-ca')
    await rig.arrived()
  },
)
