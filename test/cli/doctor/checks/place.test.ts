import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { configFileCheck } from '../../../../src/cli/doctor/checks/config-file.ts'
import { dataDirCheck } from '../../../../src/cli/doctor/checks/data-dir.ts'
import { memoryCheck } from '../../../../src/cli/doctor/checks/memory.ts'
import { serviceCheck } from '../../../../src/cli/doctor/checks/service.ts'
import { descriptorsCheck } from '../../../../src/cli/doctor/checks/descriptors.ts'
import { unreadableCheck } from '../../../../src/cli/doctor/checks/unreadable.ts'
import { allWell, configPath, fakeSubject, findingsOf, onlyTrouble } from '../fake-subject.ts'

const root = { id: 0, name: 'root', groups: [0] }
const unit = readFileSync('systemd/logferry.service', 'utf8')
const withUnit = (text = unit, files: object = {}) => ({
  account: root,
  files: { '/etc/systemd/system/logferry.service': text, ...files },
})

describe('data_dir', () => {
  it('with room, or to be made by the agent, is well', async () => {
    const [found] = await allWell(dataDirCheck)
    assert.match(found!.seen, /50 GiB free for data_dir \/var\/lib\/logferry, which may grow by 1\.3 GiB/)
  })

  it('less room than the buffer and the dead letters may take', async () => {
    const options = { space: { freeBytes: 1024 ** 3 } }
    await onlyTrouble(dataDirCheck, options, {
      severity: 'warning',
      seen: /1 GiB free .* which may grow by 1\.3 GiB/,
      mend: /"max_bytes": "512MiB"/,
    })
    await onlyTrouble(
      dataDirCheck,
      { space: { freeBytes: 1024 ** 2 } },
      { severity: 'problem', seen: /1 MiB free/ },
    )
    await onlyTrouble(
      dataDirCheck,
      { space: { freeInodes: 12 } },
      { severity: 'warning', seen: /12 inodes free/ },
    )
  })

  it('what is in it counts as taken already', async () => {
    const files = {
      '/var/lib/logferry/': { owner: 1000, mode: 0o700 },
      '/var/lib/logferry/buffer/1.seg': { size: 1024 ** 3, owner: 1000 },
    }
    const [found] = await allWell(dataDirCheck, { files, space: { freeBytes: 1024 ** 3 } })
    assert.match(found!.seen, /may grow by 256 MiB/)
  })

  it('root without a service is told to look as the owner, not to take the folder from the agent that made it', async () => {
    await onlyTrouble(
      dataDirCheck,
      { account: { id: 0, name: 'root', groups: [0] }, files: { '/var/lib/logferry/': { owner: 990 } } },
      {
        severity: 'problem',
        seen: /belongs to logferry, and the agent runs as root/,
        mend: /runuser -u logferry -- logferry doctor -c \/etc\/logferry\/agent\.config\.json/,
      },
    )
  })

  it('of somebody else, open to all, or where it cannot be made', async () => {
    await onlyTrouble(
      dataDirCheck,
      { files: { '/var/lib/logferry/': {} } },
      {
        severity: 'problem',
        seen: /belongs to root, and the agent runs as alice/,
        mend: /chown -R alice: \/var\/lib\/logferry/,
      },
    )
    await onlyTrouble(
      dataDirCheck,
      { files: { '/var/lib/logferry/': { owner: 1000, mode: 0o777 } } },
      { severity: 'problem', seen: /everybody may write/ },
    )
    await onlyTrouble(
      dataDirCheck,
      { files: { '/var/lib/': {} } },
      { severity: 'problem', seen: /may not make it in \/var\/lib/, mend: /install -d -m 0700 -o alice/ },
    )
  })

  it('in memory, or on a network', async () => {
    const at = (path: string) => ({
      config: { data_dir: path },
      files: { [`${path}/`]: { owner: 1000, mode: 0o700 } },
    })
    await onlyTrouble(dataDirCheck, at('/run/logferry'), { severity: 'problem', seen: /lies on tmpfs/ })
    await onlyTrouble(dataDirCheck, at('/mnt/nas/logferry'), { severity: 'warning', seen: /lies on nfs4/ })
  })
})

describe('the service', () => {
  it('our own unit is well: looked at as its user, with its groups and limits', async () => {
    const files = { '/var/log/app/app.log': { text: 'x', mode: 0o640, group: 4 } }
    const subject = await fakeSubject(withUnit(unit, files))
    assert.equal(subject.account.name, 'logferry')
    await allWell(serviceCheck, withUnit(unit, files))
    await allWell(unreadableCheck, withUnit(unit, files))
    await allWell(dataDirCheck, withUnit(unit, { '/var/lib/': {} }))
    assert.match(
      (await allWell(descriptorsCheck, withUnit()))[0]!.seen,
      /65,536 \(LimitNOFILE of logferry\.service\)/,
    )
  })

  it('a drop-in changes it, and reads on behind what it does not know', async () => {
    const dropIn = {
      '/etc/systemd/system/logferry.service.d/a.conf': '[Service]\nSupplementaryGroups=\nMemoryMax=128M\n',
    }
    const files = { ...dropIn, '/var/log/app/app.log': { text: 'x', mode: 0o640, group: 4 } }
    await onlyTrouble(unreadableCheck, withUnit(unit, files), {
      severity: 'problem',
      seen: /user logferry may not read/,
      mend: /SupplementaryGroups=%s\\n' adm/,
    })
    await onlyTrouble(memoryCheck, withUnit(unit, dropIn), {
      severity: 'warning',
      seen: /limit 128 MiB \(MemoryMax of logferry\.service\)/,
    })
  })

  it('hides and closes what the config needs', async () => {
    const config = {
      data_dir: '/srv/logferry',
      sources: { app: { type: 'file', include: ['/tmp/app/*.log'] } },
      sinks: { out: { type: 'file', path: '/srv/out/a.ndjson' } },
    }
    const seen = (await findingsOf(serviceCheck, { ...withUnit(), config })).map((finding) => finding.seen)
    assert.deepEqual(
      seen.map((text) => text.split(' ').slice(0, 4).join(' ')),
      [
        '/srv/logferry ("data_dir") is read-only',
        '/srv/out/a.ndjson ("sinks.out.path") is read-only',
        'sources.app reads /tmp/app/*.log, which',
      ],
    )
  })

  it('kills a drain, or runs as root', async () => {
    await onlyTrouble(serviceCheck, withUnit(unit.replace('TimeoutStopSec=40s', 'TimeoutStopSec=10')), {
      severity: 'warning',
      seen: /10 s after a stop/,
    })
    await onlyTrouble(serviceCheck, withUnit(unit.replace('User=logferry', '')), {
      severity: 'warning',
      seen: /runs the agent as root/,
    })
  })

  it('of another config is not ours', async () => {
    await onlyTrouble(serviceCheck, withUnit(unit.replaceAll('/etc/logferry/agent', '/etc/logferry/other')), {
      severity: 'warning',
      seen: /no logferry\.service runs this config, and this user is root/,
    })
  })

  it('somebody who may not become its user is told so', async () => {
    await onlyTrouble(
      serviceCheck,
      { files: { '/etc/systemd/system/logferry.service': unit } },
      { severity: 'unknown', seen: /looked at as user alice, and logferry\.service runs as logferry/ },
    )
  })

  it('gives its variables to the config', async () => {
    const sink = {
      type: 'elasticsearch',
      nodes: ['http://127.0.0.1:1'],
      index: 'a',
      auth: { api_key: '${ES_API_KEY}' },
    }
    const subject = await fakeSubject({
      ...withUnit(unit, { '/etc/logferry/logferry.env': 'ES_API_KEY="abc"\n' }),
      sink,
    })
    assert.deepEqual(subject.loaded.config.sinks['far']!['auth'], { api_key: 'abc' })
  })
})

describe('memory and the config itself', () => {
  it('the limit of a container', async () => {
    const files = { '/sys/fs/cgroup/memory.max': '134217728\n' }
    await onlyTrouble(
      memoryCheck,
      { files },
      { severity: 'warning', seen: /limit 128 MiB \(\/sys\/fs\/cgroup\/memory\.max\)/ },
    )
    await allWell(memoryCheck, { files: { '/sys/fs/cgroup/memory.max': 'max\n' } })
  })

  it('a config that the agent may not read, a secret that everybody may', async () => {
    const text = JSON.stringify({
      sources: { app: { type: 'file', include: ['/var/log/app/*.log'] } },
      sinks: {
        es: {
          type: 'elasticsearch',
          nodes: ['http://127.0.0.1:1'],
          index: 'a',
          auth: { api_key: '${file:/etc/logferry/es_api_key}' },
        },
      },
    })
    const files = { [configPath]: { text, mode: 0o600 }, '/etc/logferry/es_api_key': 'hunter2' }
    const found = await findingsOf(configFileCheck, withUnit(unit, files))
    assert.match(found[0]!.seen, /user logferry cannot read \/etc\/logferry\/agent\.config\.json \(EACCES\)/)
    assert.match(found[1]!.seen, /everybody on this host may read \/etc\/logferry\/es_api_key/)
    assert.doesNotMatch(JSON.stringify(found), /hunter2/)
  })
})
