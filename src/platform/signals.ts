/** The part of `process` that signals come from; tests give an EventEmitter. */
export interface SignalEmitter {
  on(signal: string, listener: () => void): unknown
  off(signal: string, listener: () => void): unknown
}

export interface SignalHandlers {
  /** SIGHUP. */
  reload(): void
  /** SIGUSR2. */
  flush(): void
}

export interface Signals {
  /** Aborted by the first SIGTERM or SIGINT; `reason` is its name. */
  readonly stop: AbortSignal
  /** From now on SIGHUP and SIGUSR2 do something; one that came before is made up for. */
  handle(handlers: SignalHandlers): void
  /** Gives the signals back to Node's own ways. */
  release(): void
}

/**
 * Takes the signals over, as early as possible: left alone, a SIGHUP or SIGUSR2 that comes while a start still reads its
 * buffer would end the process. A second SIGTERM or SIGINT calls `exitNow` at once: what is not settled is on disk.
 */
export function takeSignals(emitter: SignalEmitter, exitNow: () => void): Signals {
  const stop = new AbortController()
  let handlers: SignalHandlers | undefined
  const early = new Set<keyof SignalHandlers>()
  const act = (what: keyof SignalHandlers): void => {
    if (handlers) handlers[what]()
    else early.add(what)
  }
  const onStop = (signal: string): void => {
    if (stop.signal.aborted) exitNow()
    else stop.abort(signal)
  }
  const listeners: Readonly<Record<string, () => void>> = {
    SIGTERM: () => onStop('SIGTERM'),
    SIGINT: () => onStop('SIGINT'),
    SIGHUP: () => act('reload'),
    SIGUSR2: () => act('flush'),
  }
  for (const [signal, listener] of Object.entries(listeners)) emitter.on(signal, listener)
  return {
    stop: stop.signal,
    handle(given) {
      handlers = given
      for (const what of early) given[what]()
      early.clear()
    },
    release() {
      for (const [signal, listener] of Object.entries(listeners)) emitter.off(signal, listener)
    },
  }
}
