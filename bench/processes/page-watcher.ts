export interface PageWatcherOptions {
  readonly token: string
  /** The filter of its live tail; '' for none. */
  readonly where: string
}

interface State {
  readonly history: { readonly from: number; readonly run: string; readonly times: readonly number[] }
}

/** Asks an agent what the status page asks, as often, with a live tail, and throws the answers away. Returns what ends it. */
export function watchAsPage(url: string, { token, where }: PageWatcherOptions): () => Promise<unknown> {
  const leave = new AbortController()
  const { signal } = leave
  const headers = { authorization: `Bearer ${token}` }
  let [from, run] = [0, '']
  const ask = async (): Promise<void> => {
    const answer = await fetch(`${url}/page-state?from=${from}&run=${run}`, { headers, signal })
    const { history }: State = JSON.parse(await answer.text())
    ;[from, run] = [history.from + history.times.length, history.run]
  }
  const timer = setInterval(() => void ask().catch(() => {}), 2_000)
  const query = where === '' ? '' : `?where=${encodeURIComponent(where)}`
  const follow = async (): Promise<void> => {
    const { body } = await fetch(`${url}/tap${query}`, { headers, signal })
    for await (const part of body!) void part
  }
  // An agent that ends, ends it.
  const tail = follow().catch(() => {})
  return () => {
    clearInterval(timer)
    leave.abort()
    return tail
  }
}
