import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { FakeElasticsearch } from '../support/fake-elasticsearch.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { DebianRoot, noDebian } from './debian-root.ts'

const architecture = process.arch === 'x64' ? 'amd64' : process.arch
const version: string = JSON.parse(readFileSync('package.json', 'utf8')).version
const packaged = `packages/logferry_${version}_${architecture}.deb`
const skip = noDebian || (!existsSync(packaged) && `needs ${packaged}: npm run package -- ${process.arch}`)

const config = '/etc/logferry/agent.config.json'
/** Where systemd looks for what it starts at a boot. */
const enabled = '/etc/systemd/system/multi-user.target.wants/logferry.service'

/** The same package with another version, into `folder`. */
function nextVersion(folder: string): string {
  const tree = join(folder, 'tree')
  execFileSync('dpkg-deb', ['-R', packaged, tree])
  const control = join(tree, 'DEBIAN/control')
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}+next`))
  const path = join(folder, 'next.deb')
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, path], { stdio: 'ignore' })
  return path
}

describe('the .deb in a Debian without systemd', { skip }, () => {
  const work = mkdtempSync(join(tmpdir(), 'logferry-deb-'))
  const elasticsearch = new FakeElasticsearch()
  let debian: DebianRoot

  before(async () => {
    debian = new DebianRoot()
    execFileSync('cp', [packaged, debian.path('first.deb')])
    execFileSync('cp', [nextVersion(work), debian.path('next.deb')])
    await elasticsearch.listen()
  })

  after(async () => {
    await debian.close()
    await elasticsearch.close()
    rmSync(work, { recursive: true, force: true })
  })

  it('installs an account, closed folders and a config that is valid, and starts nothing', async () => {
    assert.match(await debian.sh('dpkg -i /first.deb'), /systemctl enable --now logferry/)
    assert.equal(await debian.sh('logferry --version'), `logferry ${version}`)
    assert.match(await debian.sh('id logferry'), /groups=.*\(logferry\).*\(adm\)/)
    assert.equal(await debian.owner('/etc/logferry'), 'root:logferry 750')
    assert.equal(await debian.owner(config), 'root:logferry 640')
    assert.equal(await debian.owner('/var/lib/logferry'), 'logferry:logferry 700')
    assert.match(await debian.sh(`logferry validate -c ${config}`), /is valid/)
    assert.ok(!existsSync(debian.path(enabled)))
    assert.equal(await debian.sh('dpkg --verify logferry'), '')
  })

  it('goes on after an upgrade under load with every line, once, and with the config as it was edited', async () => {
    const edited = JSON.stringify({
      data_dir: '/var/lib/logferry',
      admin: { listen: '127.0.0.1:0' },
      sources: { app: { type: 'file', include: ['/var/log/app/*.log'] } },
      sinks: { es: { type: 'elasticsearch', nodes: [elasticsearch.url], index: 'app' } },
    })
    debian.write(config, edited)
    const log = debian.path('var/log/app/app.log')
    mkdirSync(debian.path('var/log/app'))
    appendFileSync(log, '')
    await debian.sh('chgrp adm /var/log/app/app.log && chmod 0640 /var/log/app/app.log')

    const first = await debian.startUnit()
    const uids: string[] = []
    const writer = setInterval(() => {
      const more = Array.from({ length: 20 }, (_, index) => `line-${uids.length + index}`)
      appendFileSync(log, more.map((uid) => `{"uid":"${uid}"}\n`).join(''))
      uids.push(...more)
    }, 10)
    try {
      const arrived = (): number => elasticsearch.documents().length
      await until(() => arrived() > 0, 'the first lines arrive', 20_000)
      await debian.sh('dpkg -i /next.deb')
      // What `deb-systemd-invoke try-restart` does, which there is no systemd for.
      assert.deepEqual(await first.kill('SIGTERM'), { code: 0, signal: null }, first.stderr)
      const soFar = arrived()
      await debian.startUnit()
      await until(() => arrived() > soFar, 'more lines arrive', 20_000)
    } finally {
      clearInterval(writer)
    }
    await until(() => elasticsearch.documents().length >= uids.length, 'all lines arrive', 20_000)
    const documents = elasticsearch.documents()
    assert.deepEqual(
      tally(
        uids,
        documents.map(({ source }) => source),
      ),
      nothingWrong,
    )
    assert.ok(
      documents.every((document) => document.version === 1),
      'a line was sent twice',
    )
    assert.equal(debian.read(config), edited)
    assert.equal(await debian.owner(config), 'root:logferry 640')
    assert.equal(await debian.sh("dpkg-query -W -f '${Version}' logferry"), `${version}+next`)
  })

  it('asks systemd to restart what runs at an upgrade and to stop it at a removal, unless policy-rc.d forbids it', async () => {
    mkdirSync(debian.path('run/systemd/system'), { recursive: true })
    debian.write('usr/bin/systemctl', '#!/bin/sh\necho "$*" >> /asked\n', 0o755)
    const asked = async (command: string): Promise<string[]> => {
      debian.write('asked', '')
      await debian.sh(command)
      return debian.read('asked').split('\n').filter(Boolean)
    }
    const reload = '--system daemon-reload'
    assert.deepEqual(await asked('dpkg -i /next.deb'), [reload, 'try-restart logferry.service'])
    debian.write('usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755)
    assert.deepEqual(await asked('dpkg -i /next.deb'), [reload])
    rmSync(debian.path('usr/sbin/policy-rc.d'))
    assert.deepEqual(await asked('dpkg -r logferry'), ['stop logferry.service', reload])
    rmSync(debian.path('run/systemd'), { recursive: true })
  })

  it('leaves config, buffer and account at a removal, and is enabled again if it was', async () => {
    assert.ok(existsSync(debian.path(config)))
    assert.ok(readdirSync(debian.path('var/lib/logferry')).length > 0)
    await debian.sh('dpkg -i /first.deb')
    // What `systemctl enable` does.
    await debian.sh(
      `mkdir -p ${dirname(enabled)} && ln -s /usr/lib/systemd/system/logferry.service ${enabled}`,
    )
    await debian.sh('dpkg -r logferry && dpkg -i /next.deb')
    assert.ok(await debian.sh(`readlink ${enabled}`))
  })

  it('leaves nothing but the account at a purge, and installs again', async () => {
    debian.write('/etc/logferry/es_api_key', 'secret', 0o640)
    await debian.sh('dpkg -P logferry')
    for (const path of [
      '/etc/logferry',
      '/var/lib/logferry',
      '/usr/bin/logferry',
      '/usr/share/logferry',
      enabled,
    ])
      assert.ok(!existsSync(debian.path(path)), path)
    assert.equal(await debian.sh("find / -xdev -name '*logferry*' -not -path '/proc/*'"), '')
    assert.match(await debian.sh('id logferry'), /logferry/)
    await debian.sh('dpkg -i /first.deb')
    assert.match(await debian.sh(`logferry validate -c ${config}`), /is valid/)
  })
})
