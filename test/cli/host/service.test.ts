import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readAccounts } from '../../../src/cli/host/accounts.ts'
import { isMemory, isNetwork, mountOf, parseMounts } from '../../../src/cli/host/mounts.ts'
import { bytesOf, limitOf, parseService, readService } from '../../../src/cli/host/service.ts'
import { FakeHost } from './fake-host.ts'

const config = '/etc/logferry/agent.config.json'
const unit = (more = ''): string =>
  `[Unit]\nUser=nobody\n[Service]\nExecStart=/usr/bin/node main.js run -c ${config}\nUser=a\n${more}`

describe('units', () => {
  it('settings of the section Service alone; lists grow, and an empty one begins anew', () => {
    const service = parseService('/x', [
      unit('# Group=c\nSupplementaryGroups=adm \\\n  syslog\n'),
      '[Service]\nUser=b\nSupplementaryGroups=\nSupplementaryGroups=systemd-journal\nPrivateTmp=yes\n',
    ])
    assert.equal(service.value('User'), 'b')
    assert.equal(service.value('Group'), undefined)
    assert.deepEqual(service.words('SupplementaryGroups'), ['systemd-journal'])
    assert.equal(service.isOn('PrivateTmp'), true)
  })

  it('a drop-in of /etc hides that of /usr/lib, whatever the unit lies in', async () => {
    const { fileSystem } = new FakeHost({
      '/usr/lib/systemd/system/logferry.service': unit(),
      '/usr/lib/systemd/system/logferry.service.d/10.conf': '[Service]\nUser=lib\n',
      '/etc/systemd/system/logferry.service.d/10.conf': '[Service]\nUser=etc\n',
      '/etc/systemd/system/logferry.service.d/05.conf': '[Service]\nUser=early\nGroup=g\n',
    })
    const service = await readService(fileSystem, config)
    assert.deepEqual([service?.value('User'), service?.value('Group')], ['etc', 'g'])
    assert.equal(await readService(fileSystem, '/home/me/agent.config.json'), undefined)
  })

  it('sizes and limits as systemd writes them', () => {
    assert.deepEqual(['1G', '512M', '1024', 'infinity', '50%', undefined].map(bytesOf), [
      1024 ** 3,
      512 * 1024 ** 2,
      1024,
      undefined,
      undefined,
      undefined,
    ])
    assert.deepEqual(['65536', '1024:4096', 'infinity', 'x', undefined].map(limitOf), [
      65_536,
      4096,
      Infinity,
      undefined,
      undefined,
    ])
  })
})

describe('users and groups', () => {
  it('with those that a user is a member of', async () => {
    const { fileSystem } = new FakeHost({
      '/etc/passwd': 'app:x:5:6::/:\n',
      '/etc/group': 'app:x:6:\nadm:x:4:syslog,app\nno:x:7:apple\n',
    })
    const accounts = await readAccounts(fileSystem)
    assert.deepEqual(accounts.account('app'), { id: 5, name: 'app', groups: [6, 4] })
    assert.deepEqual(accounts.account(5)?.name, 'app')
    assert.deepEqual(
      [accounts.account('nobody'), accounts.groupName(4), accounts.groupName(99), accounts.groupId('adm')],
      [undefined, 'adm', '99', 4],
    )
  })
})

describe('mounts', () => {
  const mounts = parseMounts(
    '1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:1 / /run rw - tmpfs t rw,size=1k\n3 1 0:2 / /mnt/a\\040b rw - nfs4 h:/ rw\n4 1 0:3 / /run/x rw,usrquota - xfs /dev/b rw\nbroken\n',
  )
  it('the nearest one above a path', () => {
    assert.deepEqual(
      ['/', '/runner', '/run', '/run/y', '/run/x/z', '/mnt/a b/c'].map((path) => mountOf(mounts, path)?.type),
      ['ext4', 'ext4', 'tmpfs', 'tmpfs', 'xfs', 'nfs4'],
    )
    assert.ok(mountOf(mounts, '/run/x')!.options.includes('usrquota'))
  })
  it('of networks and of memory', () => {
    assert.deepEqual(mounts.map(isNetwork), [false, false, true, false])
    assert.deepEqual(mounts.map(isMemory), [false, true, false, false])
  })
})
