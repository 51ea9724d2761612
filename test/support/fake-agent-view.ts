import type { BufferStats } from '../../src/buffer/buffer.ts'
import { newSinkCounts, newSourceCounts } from '../../src/core/ledger.ts'
import type { FileStatus, UnreadablePath } from '../../src/sources/source.ts'
import type { AgentView, PodsStatus, SinkStatus, SourceStatus } from '../../src/telemetry/view.ts'

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** An agent in good health with one source, one file and one sink; tests change what they are about. */
export class FakeAgentView implements AgentView {
  version = '1.2.3'
  isReady = true
  dataDirWritable = true
  readerFailure: string | undefined = undefined
  readonly bufferStats: Mutable<BufferStats> = {
    bytes: 1024,
    maxBytes: 10 * 1024,
    oldestSeconds: 3,
    state: 'ok',
    heldBy: [],
    blockedSinceMs: undefined,
    lastError: undefined,
  }
  readonly sourceList: Mutable<SourceStatus>[] = [newSource('app')]
  readonly fileList: Mutable<FileStatus>[] = [
    {
      source: 'app',
      path: '/var/log/app/a.log',
      id: '00aa11bb22cc33dd44ee55ff',
      size: 1000,
      offset: 900,
      lagBytes: 100,
      lane: 'general',
      isOpen: true,
    },
  ]
  readonly unreadableList: UnreadablePath[] = []
  readonly sinkList: Mutable<SinkStatus>[] = [newSink('es')]

  pods: PodsStatus | undefined = undefined

  kubernetes(): PodsStatus | undefined {
    return this.pods
  }

  sources(): readonly SourceStatus[] {
    return this.sourceList
  }

  files(): readonly FileStatus[] {
    return this.fileList
  }

  unreadable(): readonly UnreadablePath[] {
    return this.unreadableList
  }

  buffer(): BufferStats {
    return this.bufferStats
  }

  sinks(): readonly SinkStatus[] {
    return this.sinkList
  }
}

export function newSource(name: string): Mutable<SourceStatus> {
  const counts = { ...newSourceCounts(), readBytes: 900, readEvents: 10 }
  const stepTroubles = { errors: 0, last: '' }
  return {
    name,
    counts,
    stepTroubles,
    blockedSeconds: 0,
    lane: 'general',
    laneReason: 'multiline',
  }
}

export function newSink(name: string): Mutable<SinkStatus> {
  return {
    name,
    type: 'elasticsearch',
    state: 'ok',
    failingSinceMs: undefined,
    lagEvents: 2,
    lagSeconds: 1.5,
    inFlight: 1,
    lastError: undefined,
    counts: new Map([['app', { ...newSinkCounts(), acknowledged: 6, deadLettered: 1, filtered: 1 }]]),
    deadLettered: { mapping: 1 },
    deadLettersStored: 1,
    deadLettersFull: 0.1,
    replayed: 0,
    possibleDuplicates: 0,
    notes: { failure_store: 2 },
    retries: 3,
    labelDemotions: 0,
    requests: { '200': 4, '429': 1, timeout: 2 },
  }
}

export const watchedPods = (): Mutable<PodsStatus> => ({
  node: 'node-1',
  state: 'watching',
  failingSinceMs: undefined,
  lastError: undefined,
  pods: 7,
  errors: 1,
  unknownPods: 2,
})
