import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AgentRig } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { handedOver, hasPython, hasSystemdNotify, NotifyReceiver } from '../support/notify-receiver.ts'

const ways = [
  { way: 'by systemd-notify', skip: !(hasPython && hasSystemdNotify) && 'needs python3 and systemd-notify' },
  {
    way: 'by a socket that was handed over',
    through: handedOver,
    skip: !hasPython && 'needs python3',
  },
]

for (const { way, through, skip } of ways) {
  describe(`the service manager, told ${way}`, { skip }, () => {
    it('hears ready, pings with the status, a reload with its end, and the stop', async (context) => {
      const receiver = await NotifyReceiver.open(context)
      const rig = await AgentRig.open(context)
      rig.write(7)
      const env = { NOTIFY_SOCKET: receiver.socket, WATCHDOG_USEC: '300000' }
      const agent = await rig.start({ env, ...(through && { through }) })
      await until(() => receiver.words.includes('WATCHDOG=1'), 'a ping')
      assert.match(receiver.heard[0]!.lines.join(' '), /^READY=1 STATUS=\d+ events\/s, \d read; es ok, /)

      agent.child.kill('SIGHUP')
      await until(() => receiver.words.filter((word) => word === 'READY=1').length === 2, 'reloaded')
      const { lines } = receiver.heard[receiver.words.indexOf('RELOADING=1')]!
      const now = process.hrtime.bigint() / 1000n
      const told = BigInt(/^MONOTONIC_USEC=(\d+)$/.exec(lines[1]!)![1]!)
      assert.ok(told <= now && told > now - 60_000_000n, `${told} is just before ${now}`)

      agent.child.kill('SIGTERM')
      assert.equal((await agent.exited).code, 0, agent.stderr)
      await until(() => receiver.words.includes('STOPPING=1'), 'the stop')
      if (through) assert.deepEqual(new Set(receiver.heard.map(({ pid }) => pid)), new Set([agent.child.pid]))
    })
  })
}
