import { ask, Refusal } from './ask.ts'
import { TailCutter } from './tail-lines.ts'
import type { TailPart } from './tail-lines.ts'

export interface TailStreamOptions {
  readonly source: string
  readonly where: string
  readonly signal: AbortSignal
  readonly took: (part: TailPart) => void
  /** The agent has answered, and events will come. */
  readonly opened: () => void
}

/** Reads a live tail until it ends or `signal` aborts. Returns why it ended, in words, and whether it is worth another try. */
export async function readTail({
  source,
  where,
  signal,
  took,
  opened,
}: TailStreamOptions): Promise<{ readonly why: string; readonly isFinal: boolean }> {
  const query = new URLSearchParams()
  if (source !== '') query.set('source', source)
  if (where !== '') query.set('where', where)
  try {
    const answer = await ask(`/tap?${query}`, signal)
    opened()
    const reader = answer.body!.getReader()
    const decoder = new TextDecoder()
    const cutter = new TailCutter()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      took(cutter.cut(decoder.decode(value, { stream: true })))
    }
    return { why: 'the agent has ended it', isFinal: false }
  } catch (error) {
    if (signal.aborted) return { why: '', isFinal: true }
    if (error instanceof Refusal) return { why: error.message, isFinal: error.status < 500 }
    return { why: 'no answer from the agent', isFinal: false }
  }
}
