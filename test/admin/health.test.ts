import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { healthOf } from '../../src/admin/health.ts'
import type { HealthReport } from '../../src/admin/health.ts'
import { FakeAgentView, watchedPods } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'

const minuteMs = 60_000

interface Given {
  readonly change?: (view: FakeAgentView) => void
  readonly atMs?: number
  readonly losses?: ReadonlyMap<string, number>
  readonly showsTexts?: boolean
}

async function healthAfter(given: Given): Promise<HealthReport> {
  const view = new FakeAgentView()
  given.change?.(view)
  const clock = new FakeClock(Date.UTC(2026, 10, 20, 12))
  await clock.advance(given.atMs ?? 0)
  const { losses = new Map<string, number>(), showsTexts = true } = given
  return healthOf(view, { clock, recentLosses: losses, showsTexts })
}

describe('/health', () => {
  test('is healthy in the shape of the contract when nothing is wrong', async () => {
    assert.deepEqual(await healthAfter({}), {
      status: 'healthy',
      timestamp: '2026-11-20T12:00:00.000Z',
      version: '1.2.3',
      components: {
        reader: { status: 'healthy', message: 'reading' },
        data_dir: { status: 'healthy', message: 'writable' },
        buffer: { status: 'healthy', message: '10 % of 10 KiB used' },
        'source.app': { status: 'healthy', message: 'nothing lost in the last hour' },
        'sink.es': { status: 'healthy', message: 'delivering, 2 events to go' },
      },
    })
  })

  test('stays healthy while a sink fails for a minute, and is degraded after it', async () => {
    const change = (view: FakeAgentView): void => {
      Object.assign(view.sinkList[0]!, { state: 'retrying', failingSinceMs: 0, lastError: '503 unavailable' })
    }
    assert.equal((await healthAfter({ change, atMs: minuteMs })).status, 'healthy')
    const report = await healthAfter({ change, atMs: minuteMs + 1 })
    assert.equal(report.status, 'degraded')
    assert.deepEqual(report.components['sink.es'], {
      status: 'degraded',
      message: 'fails for 60 s: 503 unavailable',
    })
  })

  test('has the watch of pods where there is one, and is degraded once it has failed for a minute', async () => {
    const failing = (view: FakeAgentView): void => {
      view.pods = {
        ...watchedPods(),
        state: 'failing',
        failingSinceMs: 0,
        lastError: 'no right to list (403)',
      }
    }
    const ofPods = async (given: Given): Promise<unknown> =>
      (await healthAfter(given)).components['kubernetes']
    assert.deepEqual(await ofPods({ change: (view) => void (view.pods = watchedPods()) }), {
      status: 'healthy',
      message: 'watching, 7 pods',
    })
    const message = 'the API server cannot be asked for 60 s: lines of new pods have no labels'
    assert.deepEqual(await ofPods({ change: failing, atMs: minuteMs }), {
      status: 'healthy',
      message: `${message}: no right to list (403)`,
    })
    assert.deepEqual(await ofPods({ change: failing, atMs: minuteMs + 1, showsTexts: false }), {
      status: 'degraded',
      message,
    })
  })

  test('says that a sink that holds waits for the operator', async () => {
    const change = (view: FakeAgentView): void => {
      Object.assign(view.sinkList[0]!, { state: 'holding', failingSinceMs: 0, lastError: '401 unauthorized' })
    }
    const report = await healthAfter({ change, atMs: 10 * minuteMs })
    assert.equal(report.components['sink.es']?.message, 'waits for the operator for 10 min: 401 unauthorized')
  })

  test('is degraded only above 80 % of the buffer', async () => {
    const filled =
      (bytes: number) =>
      (view: FakeAgentView): void => {
        Object.assign(view.bufferStats, { bytes, maxBytes: 1000 })
      }
    assert.equal((await healthAfter({ change: filled(800) })).status, 'healthy')
    assert.equal((await healthAfter({ change: filled(801) })).components['buffer']?.status, 'degraded')
  })

  test('is degraded for an hour after bytes were lost, naming the source', async () => {
    const report = await healthAfter({ losses: new Map([['app', 2048]]) })
    assert.equal(report.status, 'degraded')
    assert.match(report.components['source.app']!.message, /^2 KiB lost in the last hour/)
  })

  test('is degraded from 80 % of dead_letters.max_bytes on', async () => {
    const filled =
      (deadLettersFull: number) =>
      (view: FakeAgentView): void => {
        Object.assign(view.sinkList[0]!, { deadLettersFull })
      }
    assert.equal((await healthAfter({ change: filled(0.79) })).status, 'healthy')
    assert.equal((await healthAfter({ change: filled(0.8) })).status, 'degraded')
  })

  test('is degraded while the disk is full, though the buffer is far below max_bytes', async () => {
    const report = await healthAfter({
      change: (view) => Object.assign(view.bufferStats, { state: 'disk_full' }),
    })
    assert.equal(report.status, 'degraded')
    assert.match(report.components['buffer']!.message, /disk of data_dir is full/)
  })

  test('is unhealthy when the reader is dead', async () => {
    const report = await healthAfter({ change: (view) => (view.readerFailure = 'TypeError: oops') })
    assert.equal(report.status, 'unhealthy')
    assert.match(report.components['reader']!.message, /has died: TypeError: oops/)
  })

  test('is unhealthy when data_dir cannot be written', async () => {
    const report = await healthAfter({ change: (view) => (view.dataDirWritable = false) })
    assert.equal(report.status, 'unhealthy')
    assert.equal(report.components['data_dir']?.status, 'unhealthy')
  })

  test('is unhealthy only after reading was blocked for more than five minutes, naming who blocks', async () => {
    const change = (view: FakeAgentView): void => {
      Object.assign(view.bufferStats, { blockedSinceMs: 0, state: 'full', bytes: 10 * 1024, heldBy: ['es'] })
    }
    assert.equal((await healthAfter({ change, atMs: 5 * minuteMs })).status, 'degraded')
    const report = await healthAfter({ change, atMs: 5 * minuteMs + 1 })
    assert.equal(report.status, 'unhealthy')
    assert.match(report.components['reader']!.message, /stood still for 5 min.*held by sink es/)
  })

  test('keeps the texts of servers and of the system from those who may not see event contents', async () => {
    const change = (view: FakeAgentView): void => {
      view.readerFailure = "ENOENT: '/var/log/private/x.log'"
      Object.assign(view.bufferStats, { state: 'failing', lastError: "EIO: '/data/buffer/1.seg'" })
      Object.assign(view.sinkList[0]!, { failingSinceMs: 0, lastError: "failed to parse: 'card 4111'" })
    }
    const text = JSON.stringify(await healthAfter({ change, atMs: 2 * minuteMs, showsTexts: false }))
    assert.doesNotMatch(text, /private|4111|1\.seg/)
  })

  test('lets no name of a sink hide a part of the agent', async () => {
    const report = await healthAfter({ change: (view) => (view.sinkList[0]!.name = 'buffer') })
    assert.deepEqual(Object.keys(report.components), [
      'reader',
      'data_dir',
      'buffer',
      'source.app',
      'sink.buffer',
    ])
  })
})
