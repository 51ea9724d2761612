/** The token is kept for this tab alone, goes into a header, and never into an address. */
const place = 'logferry.token'

export const shownToken = (): string => sessionStorage.getItem(place) ?? ''

export function keepToken(token: string): void {
  if (token === '') sessionStorage.removeItem(place)
  else sessionStorage.setItem(place, token)
}

/** The agent has said no, in words. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function ask(path: string, signal: AbortSignal, token = shownToken()): Promise<Response> {
  const headers: HeadersInit = token === '' ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(path, { headers, signal, cache: 'no-store', credentials: 'omit' })
  if (!answer.ok) throw new Refusal(answer.status, await reasonOf(answer))
  return answer
}

/** One that hangs is given up after this: the next question may find the agent well again. */
const patienceMs = 8_000

export async function askJson<Answer>(path: string, token?: string): Promise<Answer> {
  const answer = await ask(path, AbortSignal.timeout(patienceMs), token)
  const body: Answer = await answer.json()
  return body
}

async function reasonOf(answer: Response): Promise<string> {
  try {
    const { error }: { error: unknown } = await answer.json()
    return String(error)
  } catch {
    return `it answered ${answer.status}`
  }
}
