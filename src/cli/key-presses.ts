import type { Io } from './io.ts'

/** Aborts at q, Esc or Ctrl-C of a terminal, and at the signals that end a program. */
export function keyPresses({ stdin }: Io): { readonly signal: AbortSignal; stop(): void } {
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const onData = (data: Uint8Array | string): void => {
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('latin1')
    // A lone Esc; with more behind it, it is an arrow key or the like.
    if (/[qQ\x03]/.test(text) || text === '\x1b') end()
  }
  const isRaw = stdin.isTTY === true && stdin.setRawMode !== undefined
  if (isRaw) {
    stdin.setRawMode!(true)
    stdin.on?.('data', onData)
    stdin.resume?.()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.once(name, end)
  return {
    signal: ended.signal,
    stop() {
      for (const name of signals) process.off(name, end)
      if (!isRaw) return
      stdin.off?.('data', onData)
      stdin.setRawMode!(false)
      // Else the terminal would keep the process alive.
      stdin.pause?.()
    },
  }
}
