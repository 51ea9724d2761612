import type { SinkConfig } from '../config/schema.ts'
import type { Sink } from '../sinks/sink.ts'
import { offlineSink } from './offline-sink.ts'

/** A probe that takes longer has failed, whatever the sink's own timeout says. */
const probeMs = 10_000

export interface Reached {
  readonly isReached: boolean
  /** What the sink says of its server, or what went wrong. May hold secrets of a URL: to be redacted. */
  readonly text: string
}

/** Contacts a sink as it is configured; no event is sent. Never rejects. */
export async function probeSink(name: string, config: SinkConfig): Promise<Reached> {
  try {
    return { isReached: true, text: await withSink(name, config, (sink, signal) => sink.probe(signal)) }
  } catch (error) {
    return { isReached: false, text: error instanceof Error ? error.message : String(error) }
  }
}

/** Makes a sink for one question, which has as long as a probe. Rejects with a sentence. */
export async function withSink<Result>(
  name: string,
  config: SinkConfig,
  ask: (sink: Sink, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const sink = await offlineSink(name, config)
  const late = lateAnswer(Math.min(config.timeout, probeMs))
  try {
    // The race holds whatever a client library does with the signal.
    return await Promise.race([ask(sink, late.signal), late.rejected])
  } finally {
    late.cancel()
    await sink.close()
  }
}

function lateAnswer(timeoutMs: number): { signal: AbortSignal; rejected: Promise<never>; cancel(): void } {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const rejected = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs / 1000} s`))
      stop.abort()
    }, timeoutMs)
  })
  return { signal: stop.signal, rejected, cancel: () => clearTimeout(timer) }
}
