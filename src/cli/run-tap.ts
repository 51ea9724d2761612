import { followAgent } from './ask-agent.ts'
import type { Io } from './io.ts'
import { keyPresses } from './key-presses.ts'
import { linesOf } from './lines-of.ts'
import { tapLine } from './tap-line.ts'

export interface TapCall {
  readonly dataDir: string
  readonly source: string | undefined
  readonly where: string | undefined
  /** As the agent sends them; else for people. */
  readonly isJson: boolean
  readonly io: Io
}

/** Prints events until q or Ctrl-C, until nobody reads them, or until the agent stops. Rejects where it cannot be asked. */
export async function runTap({ dataDir, source, where, isJson, io }: TapCall): Promise<void> {
  const keys = keyPresses(io)
  const gone = new AbortController()
  // `logferry tap | head -n 5` ends with head.
  io.stdout.on?.('error', () => gone.abort())
  const signal = AbortSignal.any([keys.signal, gone.signal])
  const asked = new URLSearchParams({
    ...(source !== undefined && { source }),
    ...(where !== undefined && { where }),
  })
  try {
    const parts = await followAgent(dataDir, `/tap?${asked.toString()}`, signal)
    for await (const line of linesOf(parts)) {
      if (line === '') continue
      const text = isJson ? line : tapLine(line, io)
      if (text !== '') io.stdout.write(`${text}\n`)
    }
    if (!signal.aborted) io.stderr.write('The agent has stopped.\n')
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    keys.stop()
  }
}
