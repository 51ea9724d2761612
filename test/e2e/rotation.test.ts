import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import { request as httpRequest } from 'node:http'
import { join, resolve as absolute } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { TLSSocket } from 'node:tls'
import { AgentRig, assertAddsUp, logLines } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import type { SpawnedAgent } from '../support/spawn-agent.ts'
import { pem, pemPath } from '../support/tls-server.ts'
import { nothingWrong, tally } from '../support/tally.ts'

/** A folder as the kubelet keeps it: files are links into `..data`, a link to the folder of the day, swapped as a whole. */
class SecretVolume {
  readonly folder: string
  #version = 0

  constructor(folder: string, files: Readonly<Record<string, string | Buffer>>) {
    this.folder = folder
    mkdirSync(folder)
    this.swap(files)
    for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(folder, name))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  swap(files: Readonly<Record<string, string | Buffer>>): void {
    const old = this.#version === 0 ? undefined : join(this.folder, `..v${this.#version}`)
    const next = `..v${++this.#version}`
    mkdirSync(join(this.folder, next))
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.folder, next, name), content)
    symlinkSync(next, join(this.folder, '..data_tmp'))
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'))
    if (old) rmSync(old, { recursive: true })
  }
}

/** A TLS door to the rig's Elasticsearch that wants a client certificate, and remembers which one it was shown. */
class TlsDoor {
  readonly shown = new Set<string>()
  readonly #server: Server
  readonly #authorities: Buffer[]
  #port = 0

  constructor(rig: AgentRig, authorities: Buffer[]) {
    this.#authorities = authorities
    const options = { cert: pem('server'), key: pem('server-key'), ca: authorities, requestCert: true }
    this.#server = createServer(options, (request, response) => {
      const { socket } = request
      if (socket instanceof TLSSocket) this.shown.add(String(socket.getPeerCertificate().issuer.CN))
      const { host: _host, ...headers } = request.headers
      const onward = httpRequest(
        rig.elasticsearch.url + request.url!,
        { method: request.method!, headers, agent: false },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(response)
        },
      )
      onward.on('error', () => response.destroy())
      request.pipe(onward)
    })
    this.#server.on('tlsClientError', () => {})
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`
  }

  /** The server's own certificate is renewed; connections end, as they do where it is restarted. */
  show(certificate: string): void {
    this.#server.setSecureContext({
      cert: pem(certificate),
      key: pem('server-key'),
      ca: this.#authorities,
    })
    this.#server.closeAllConnections()
  }

  async listen(context: TestContext): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    this.#port = typeof address === 'object' && address ? address.port : 0
    context.after(() => {
      this.#server.close()
      this.#server.closeAllConnections()
    })
  }
}

const messages = (agent: SpawnedAgent): string[] => logLines(agent).map(({ msg }) => String(msg))
const count = (agent: SpawnedAgent, text: string): number =>
  messages(agent).filter((message) => message.includes(text)).length

async function saysMore(agent: SpawnedAgent, text: string, before: number): Promise<void> {
  await until(() => count(agent, text) > before, `the log says "${text}"`)
}

describe('secrets that are rotated', () => {
  it('a key from ${file:} behind ..data links is taken over under load; nothing is lost or doubled', async (context) => {
    const rig = await AgentRig.open(context)
    const volume = new SecretVolume(join(rig.folder, 'secret'), { key: 'first-key\n' })
    rig.elasticsearch.authorization = 'ApiKey first-key'
    const auth = { api_key: `\${file:${volume.path('key')}}` }
    rig.configure({ sinks: { es: rig.elasticsearchSink({ id: 'none', auth }) } })
    const agent = await rig.start()
    const writing = setInterval(() => rig.write(5), 10)
    context.after(() => clearInterval(writing))
    await rig.arrived(100)
    // Broken first: the running one stays, and the log says which file is why.
    const refused = 'the config was not reloaded, the running one stays in place'
    volume.swap({ key: '\n' })
    await saysMore(agent, refused, 0)
    assert.match(
      messages(agent).find((message) => message.includes(refused))!,
      /sinks\.es\.auth/,
    )
    const there = rig.documents().length
    await rig.arrived(there + 50)
    volume.swap({ key: 'second-key\n' })
    rig.elasticsearch.authorization = 'ApiKey second-key'
    await saysMore(agent, 'config reloaded', 0)
    clearInterval(writing)
    await rig.arrived(rig.uids().length)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
    assertAddsUp(await rig.status(agent))
    const everything = agent.stderr + JSON.stringify(await rig.status(agent))
    assert.doesNotMatch(everything, /first-key|second-key/)
  })

  it('client certificate and authority are taken over as they change; a broken one keeps the old and says so', async (context) => {
    const rig = await AgentRig.open(context)
    const door = new TlsDoor(rig, [pem('ca'), pem('other-ca')])
    await door.listen(context)
    const files = { 'ca.crt': pem('ca'), 'tls.crt': pem('client'), 'tls.key': pem('client-key') }
    const volume = new SecretVolume(join(rig.folder, 'tls'), files)
    const tls = {
      ca_file: volume.path('ca.crt'),
      cert_file: volume.path('tls.crt'),
      key_file: volume.path('tls.key'),
    }
    rig.configure({ sinks: { es: rig.elasticsearchSink({ id: 'none', nodes: [door.url], tls }) } })
    const agent = await rig.start()
    const writing = setInterval(() => rig.write(5), 10)
    context.after(() => clearInterval(writing))
    await rig.arrived(100)
    assert.deepEqual([...door.shown], ['logferry test authority'])

    const refused = 'the config was not reloaded, the running one stays in place'
    volume.swap({ ...files, 'tls.key': pem('other-key') })
    await saysMore(agent, refused, 0)
    volume.swap({ ...files, 'tls.key': pem('client-key-encrypted') })
    await saysMore(agent, refused, 1)
    volume.swap({ ...files, 'ca.crt': 'half a fi' })
    await saysMore(agent, refused, 2)
    const told = messages(agent).filter((message) => message.includes(refused))
    assert.match(told[0]!, /sinks\.es\.tls\.key_file: .*not the key of the certificate in tls\.cert_file/)
    assert.match(told[1]!, /sinks\.es\.tls\.key_file: .*is encrypted/)
    assert.match(told[2]!, /sinks\.es\.tls\.ca_file: .*no PEM certificate/)
    const there = rig.documents().length
    await rig.arrived(there + 50)

    // A new client certificate, and authorities for the server's next one beside the old.
    const both = Buffer.concat([pem('ca'), pem('other-ca')])
    volume.swap({ ...files, 'ca.crt': both, 'tls.crt': pem('client-stranger') })
    await saysMore(agent, 'config reloaded', 0)
    await until(() => door.shown.size === 2, 'the new client certificate is shown')
    clearInterval(writing)
    await rig.arrived(rig.uids().length)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
    const possible = /possible_duplicates_total\{sink="es"\} 0/
    assert.match((await rig.get(agent, '/metrics')).body, possible)
    // Now the server's certificate is of the other authority.
    door.show('stranger')
    rig.write(50)
    await rig.arrived(rig.uids().length)
    assertAddsUp(await rig.status(agent))
    assert.doesNotMatch(agent.stderr, new RegExp(pemBody(readFileSync(volume.path('tls.key')))))
  })

  it('a sink that fails for an authority that is missing goes on as soon as the file holds it', async (context) => {
    const rig = await AgentRig.open(context)
    const door = new TlsDoor(rig, [pem('ca')])
    await door.listen(context)
    door.show('stranger')
    const ca = join(rig.folder, 'ca.pem')
    writeFileSync(ca, pem('ca'))
    const tls = {
      ca_file: ca,
      cert_file: absolute(pemPath('client')),
      key_file: absolute(pemPath('client-key')),
    }
    rig.configure({ sinks: { es: rig.elasticsearchSink({ nodes: [door.url], tls }) } })
    const agent = await rig.start()
    rig.write(20)
    const lastError = async (): Promise<string> => (await rig.status(agent)).sinks['es']!.last_error ?? ''
    await until(async () => (await lastError()) !== '', 'the sink says what is wrong')
    assert.match(
      await lastError(),
      /^network: tls: .*authority that is not trusted.*tls\.ca_file \(\/.*ca\.pem\)/,
    )
    const logged = logLines(agent).find(({ sink, level }) => sink === 'es' && level === 'warn')
    assert.match(String(logged?.['text']), /tls\.ca_file/)
    // In place, as a person does it.
    writeFileSync(ca, Buffer.concat([pem('ca'), pem('other-ca')]))
    await rig.arrived(20)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })
})

/** A line from the middle of a PEM file. */
const pemBody = (bytes: Buffer): string => bytes.toString().split('\n')[1]!.replaceAll(/[+/]/g, '.')
