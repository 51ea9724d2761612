import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openNotifyChannel } from '../../src/platform/notify-channel.ts'
import { until } from '../support/fake-clock.ts'
import { hasPython, hasSystemdNotify, NotifyReceiver } from '../support/notify-receiver.ts'

const pid = process.pid

test('without NOTIFY_SOCKET there is nobody to tell', () => {
  assert.equal(openNotifyChannel({}, pid), undefined)
  assert.equal(openNotifyChannel({ NOTIFY_SOCKET: '' }, pid), undefined)
})

test(
  'systemd-notify carries all lines in one datagram',
  { skip: !(hasPython && hasSystemdNotify) && 'needs python3 and systemd-notify' },
  async (context) => {
    const receiver = await NotifyReceiver.open(context)
    const channel = openNotifyChannel({ NOTIFY_SOCKET: receiver.socket, PATH: process.env['PATH'] }, pid)
    await channel!.send(['WATCHDOG=1', 'STATUS=12 events/s; es ok'])
    await until(() => receiver.heard.length > 0, 'it is heard')
    assert.deepEqual(receiver.heard[0]!.lines, ['WATCHDOG=1', 'STATUS=12 events/s; es ok'])
  },
)

test('a helper that is not there is an error of the send, not of the process', async () => {
  const channel = openNotifyChannel({ NOTIFY_SOCKET: '/nowhere', PATH: '/nonexistent' }, pid)
  await assert.rejects(channel!.send(['READY=1']), /ENOENT/)
})

test('what was handed over to another process, or is no socket, is not written to', async () => {
  for (const handed of [
    { LISTEN_PID: '1', LISTEN_FDNAMES: 'notify' },
    { LISTEN_PID: String(pid), LISTEN_FDNAMES: 'other' },
    // No process has a thousand descriptors handed over.
    { LISTEN_PID: String(pid), LISTEN_FDNAMES: `${'x:'.repeat(1000)}notify` },
  ]) {
    const channel = openNotifyChannel({ NOTIFY_SOCKET: '/nowhere', PATH: '/nonexistent', ...handed }, pid)
    await assert.rejects(channel!.send(['READY=1']), /systemd-notify ENOENT/)
  }
})
