import { serverText } from '../http/body.ts'
import type { Answer } from './answer/judge.ts'
import { isAnswer, type LokiClient } from './client.ts'

/**
 * Pushes nothing at all: an empty push goes through path, TLS, credentials and tenant as a real one does, and Loki
 * answers 422 (older ones 204). Rejects with what the operator should look at.
 */
export async function probeLoki(client: LokiClient, signal: AbortSignal): Promise<string> {
  const answer = await client.push(
    Buffer.from('{"streams":[]}'),
    { 'content-type': 'application/json' },
    signal,
  )
  if (!isAnswer(answer)) throw new Error(`cannot reach ${client.pushUrl}: ${failureText(answer)}`)
  if (answer.status !== 204 && answer.status !== 422) throw new Error(`${client.pushUrl}: ${explain(answer)}`)
  const ready = await client.get('/ready', signal)
  if (isAnswer(ready) && ready.status === 503) throw new Error(`Loki isn't ready: ${serverText(ready.text)}`)
  const version = await readVersion(client, signal)
  return `Loki${version ? ` ${version}` : ''} takes pushes at ${client.pushUrl}`
}

export function failureText(result: Exclude<Awaited<ReturnType<LokiClient['push']>>, Answer>): string {
  return result.kind === 'all' && result.outcome.kind === 'retry'
    ? (result.outcome.text ?? result.code)
    : result.code
}

const advice: Readonly<Record<number, string>> = {
  260: 'ingestion is blocked for this tenant',
  401: 'the server wants other credentials, or a tenant: check auth and tenant',
  403: 'these credentials may not push: check auth and tenant',
  404: 'there is no push endpoint here: check the path of url',
  405: 'this is no push endpoint: check the path of url',
  407: 'the proxy wants credentials: write them into the URL of proxy',
}

function explain(answer: Answer): string {
  const { status } = answer
  const isRedirect = status >= 300 && status < 400
  const text = serverText(answer.text)
  const meaning = isRedirect ? 'redirects are not followed: use the final url' : advice[status]
  return [`HTTP ${status}`, meaning, text && `(${text})`].filter(Boolean).join(' ')
}

/** Gateways often hide it; then there is none to tell. */
async function readVersion(client: LokiClient, signal: AbortSignal): Promise<string> {
  const answer = await client.get('/loki/api/v1/status/buildinfo', signal)
  if (!isAnswer(answer) || answer.status !== 200) return ''
  try {
    const info: unknown = JSON.parse(answer.text)
    const version = typeof info === 'object' && info !== null && 'version' in info ? info.version : ''
    return typeof version === 'string' ? serverText(version, 40) : ''
  } catch {
    return ''
  }
}
