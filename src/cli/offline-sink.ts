import { createSink } from '../components/manifest.ts'
import type { SinkConfig } from '../config/schema.ts'
import { silentLog } from '../core/log.ts'
import { nodeFileSystem } from '../platform/node-file-system.ts'
import { systemClock } from '../platform/system-clock.ts'
import type { Sink } from '../sinks/sink.ts'

/** A sink outside the agent, for `validate --probe` and `test`: what it keeps lasts as long as the command. */
export function offlineSink(name: string, config: SinkConfig): Promise<Sink> {
  const state = new Map<string, unknown>()
  return createSink(name, config, {
    name,
    clock: systemClock,
    log: silentLog,
    state: {
      get: (key) => state.get(key),
      set: async (key, value) => void state.set(key, value),
    },
    fileSystem: nodeFileSystem,
    // Nothing is sent from here, so nothing is ever written.
    output: { isTerminal: false, write: () => Promise.resolve(true) },
    labelDemoted() {},
  })
}
