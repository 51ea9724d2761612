import type { Log } from '../../src/core/log.ts'
import type { SinkContext, SinkState } from '../../src/sinks/sink.ts'
import { FakeClock } from './fake-clock.ts'

/** A sink's state in memory that says what was saved, and fails when told to. */
export class MemoryState implements SinkState {
  readonly values = new Map<string, unknown>()
  readonly saves: string[] = []
  failure: Error | undefined

  get(key: string): unknown {
    return this.values.get(key)
  }

  set(key: string, value: unknown): Promise<void> {
    if (this.failure) return Promise.reject(this.failure)
    this.saves.push(key)
    // Through JSON, as it goes to the disk.
    this.values.set(key, JSON.parse(JSON.stringify(value)))
    return Promise.resolve()
  }
}

/** Keeps what was logged, as `level: message`. */
export class MemoryLog implements Log {
  readonly lines: string[] = []
  debug = (_fields: object, message: string): void => void this.lines.push(`debug: ${message}`)
  info = (_fields: object, message: string): void => void this.lines.push(`info: ${message}`)
  warn = (_fields: object, message: string): void => void this.lines.push(`warn: ${message}`)
  error = (_fields: object, message: string): void => void this.lines.push(`error: ${message}`)
}

export interface TestSinkContext extends SinkContext {
  readonly clock: FakeClock
  readonly log: MemoryLog
  readonly state: MemoryState
  demoted: number
}

export function sinkContext(parts: Partial<SinkContext> & { state?: MemoryState } = {}): TestSinkContext {
  const context: TestSinkContext = {
    name: 'test',
    demoted: 0,
    labelDemoted() {
      context.demoted++
    },
    ...parts,
    clock: new FakeClock(),
    log: new MemoryLog(),
    state: parts.state ?? new MemoryState(),
  }
  return context
}
