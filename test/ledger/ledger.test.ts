import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SinkCounts } from '../../src/core/ledger.ts'
import { newSinkCounts, newSourceCounts } from '../../src/core/ledger.ts'
import { checkLedger, formatLedger, ledgerOf } from '../../src/ledger/ledger.ts'
import type { SinkStatus, SourceStatus } from '../../src/telemetry/view.ts'

const source = (name: string, readEvents: number, lostBytes = {}): SourceStatus => ({
  name,
  stepTroubles: { errors: 0, last: '' },
  counts: { ...newSourceCounts(), readBytes: readEvents * 10, readEvents, lostBytes },
  blockedSeconds: 0,
  lane: 'general',
  laneReason: '',
})

const sink = (name: string, counts: Record<string, Partial<SinkCounts>>): SinkStatus => ({
  name,
  type: 'fake',
  state: 'ok',
  failingSinceMs: undefined,
  lagEvents: 0,
  lagSeconds: 0,
  inFlight: 0,
  lastError: undefined,
  counts: new Map(Object.entries(counts).map(([key, value]) => [key, { ...newSinkCounts(), ...value }])),
  deadLettered: {},
  deadLettersStored: 0,
  deadLettersFull: 0,
  replayed: 0,
  possibleDuplicates: 0,
  retries: 0,
  labelDemotions: 0,
  requests: {},
})

const view = (sources: SourceStatus[], sinks: SinkStatus[]) => ({
  sources: () => sources,
  sinks: () => sinks,
})

const good = view(
  [source('app', 100, { truncated: 7 }), source('web', 5)],
  [
    sink('es', {
      app: { acknowledged: 80, deadLettered: 3, filtered: 2, dropped: { buffer_full: 4, expired: 1 } },
    }),
    sink('loki', { app: { acknowledged: 100 }, web: { acknowledged: 5 } }),
  ],
)

describe('the ledger', () => {
  it('has the shape of the contract', () => {
    assert.deepEqual(ledgerOf(good), {
      app: {
        read_bytes: 1000,
        read_events: 100,
        lost_bytes: { truncated: 7 },
        sinks: {
          es: {
            acknowledged: 80,
            dead_lettered: 3,
            dropped: { buffer_full: 4, expired: 1 },
            filtered: 2,
            in_buffer: 10,
          },
          loki: { acknowledged: 100, dead_lettered: 0, dropped: {}, filtered: 0, in_buffer: 0 },
        },
      },
      web: {
        read_bytes: 50,
        read_events: 5,
        lost_bytes: {},
        sinks: {
          es: { acknowledged: 0, dead_lettered: 0, dropped: {}, filtered: 0, in_buffer: 5 },
          loki: { acknowledged: 5, dead_lettered: 0, dropped: {}, filtered: 0, in_buffer: 0 },
        },
      },
    })
    assert.deepEqual(checkLedger(good), [])
  })

  it('says what does not add up', () => {
    const bad = view(
      [source('app', 10), source('web', -1)],
      [sink('es', { app: { acknowledged: 12, dropped: { expired: NaN } }, gone: { acknowledged: 1 } })],
    )
    assert.deepEqual(checkLedger(bad), [
      'app at sink es: dropped{expired} is NaN',
      'app at sink es: in_buffer is NaN',
      'source web: read_bytes is -10',
      'source web: read_events is -1',
      'web at sink es: 1 more events settled than read',
      'sink es: settled events of source gone, which has read none',
    ])
    const over = view([source('app', 10)], [sink('es', { app: { acknowledged: 12 } })])
    assert.deepEqual(checkLedger(over), ['app at sink es: 2 more events settled than read'])
  })

  it('is a table for people', () => {
    assert.equal(
      formatLedger(good),
      [
        'source  sink  read  acknowledged  dead-lettered                       dropped  filtered  in buffer',
        'app     es     100            80              3  5 (buffer_full 4, expired 1)         2         10',
        'app     loki   100           100              0                             0         0          0',
        'web     es       5             0              0                             0         0          5',
        'web     loki     5             5              0                             0         0          0',
        'app: lost bytes 7 (truncated 7)',
      ].join('\n'),
    )
  })

  it('of an agent that has read nothing is empty', () => {
    assert.deepEqual(ledgerOf(view([], [])), {})
    assert.deepEqual(checkLedger(view([], [])), [])
    assert.match(formatLedger(view([], [])), /^source/)
  })
})
