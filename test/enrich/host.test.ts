import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { hostMembers, hostName, readHost } from '../../src/enrich/host.ts'

const host = {
  name: 'web-1',
  ip: ['10.0.0.1', 'fd00::1'],
  os: { type: 'linux', platform: 'debian', name: 'Debian "GNU"/Linux', kernel: '6.1' },
}

test('the name alone is told, unless all is asked for', () => {
  const name = { name: 'host.name', json: '"web-1"' }
  assert.deepEqual(hostMembers(host, true), [name])
  assert.deepEqual(hostMembers(host, false), [])
  assert.deepEqual(hostMembers(host, 'full'), [
    name,
    { name: 'host.ip', json: '["10.0.0.1","fd00::1"]' },
    { name: 'host.os.type', json: '"linux"' },
    { name: 'host.os.platform', json: '"debian"' },
    { name: 'host.os.name', json: String.raw`"Debian \"GNU\"/Linux"` },
    { name: 'host.os.kernel', json: '"6.1"' },
  ])
})

test('a name of your own goes into the field and into the ids', () => {
  assert.deepEqual(hostMembers(host, { name: 'node-7' }), [{ name: 'host.name', json: '"node-7"' }])
  assert.equal(hostName(host, { name: 'node-7' }), 'node-7')
  assert.equal(hostName(host, false), 'web-1')
})

test('os-release is read with and without quotes; what it lacks is left out', () => {
  const release = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=\'3.20\'\n# comment\nVARIANT_ID=x\n'
  const { platform, name, version } = readHost(release).os
  assert.deepEqual({ platform, name, version }, { platform: 'alpine', name: 'Alpine Linux', version: '3.20' })
  const bare = readHost('')
  assert.equal(bare.os.platform, 'linux')
  assert.ok(!('name' in bare.os) && !('version' in bare.os))
  assert.equal(bare.name, hostname())
})

test('no address of this host is a loopback or link-local one', () => {
  for (const address of readHost().ip) assert.doesNotMatch(address, /^127\.|^::1$|^fe80:/i)
})
