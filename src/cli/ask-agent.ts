import { request } from 'node:http'
import { controlSocket } from '../admin/control.ts'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'

/** An agent that has not answered by then is stuck. */
const patienceMs = 10_000

/** A job says each second how far it is. One that is silent for so long is not busy but stopped, or hangs. */
const silenceMs = 30_000

/**
 * What the agent that runs on `dataDir` answers to a path of its admin port, as JSON; over its control socket, so that it
 * needs no port and no token. An unhealthy agent answers too (503). Throws an AgentError where none does.
 */
export async function askAgent(dataDir: string, path: string): Promise<unknown> {
  const socketPath = controlSocket(dataDir)
  try {
    return JSON.parse(await get(socketPath, path))
  } catch (error) {
    throw notAsked(dataDir, error)
  }
}

/** The same for an answer that goes on: its parts as they come, until the agent stops or `signal` aborts. */
export async function followAgent(
  dataDir: string,
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  try {
    return await open(controlSocket(dataDir), path, { signal, good: [200] })
  } catch (error) {
    throw notAsked(dataDir, error)
  }
}

/** Has the agent do something, as `asked`: the lines that it answers with, until it is done or `signal` aborts. */
export async function postToAgent(
  dataDir: string,
  path: string,
  {
    asked,
    signal,
    mostSilentMs = silenceMs,
  }: { readonly asked: object; readonly signal: AbortSignal; readonly mostSilentMs?: number },
): Promise<AsyncIterable<Buffer>> {
  try {
    return await open(controlSocket(dataDir), path, { signal, good: [200], asked, mostSilentMs })
  } catch (error) {
    throw notAsked(dataDir, error)
  }
}

function notAsked(dataDir: string, error: unknown): AgentError {
  if (error instanceof AgentError) return error
  const code = systemErrorCode(error)
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return AgentError.of('agent_not_running', { path: dataDir }, { cause: error })
  const reason = error instanceof Error ? error.message : String(error)
  return AgentError.of('agent_not_reached', { path: controlSocket(dataDir), reason }, { cause: error })
}

interface Asked {
  readonly signal: AbortSignal
  readonly good: readonly number[]
  /** The body of a POST; without it is a GET. */
  readonly asked?: object
  /** Where nothing comes for so long, neither answer nor more of it, it ends with an AgentError. */
  readonly mostSilentMs?: number
}

function open(
  socketPath: string,
  path: string,
  { signal, good, asked, mostSilentMs }: Asked,
): Promise<AsyncIterable<Buffer>> {
  return new Promise((resolve, reject) => {
    const body = asked && JSON.stringify(asked)
    const headers = {
      host: 'localhost',
      connection: 'close',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    }
    const method = body === undefined ? 'GET' : 'POST'
    const sent = request({ socketPath, path, headers, signal, method }, (answer) => {
      sent.once('timeout', () => answer.destroy(silent(socketPath, mostSilentMs!)))
      if (good.includes(answer.statusCode ?? 0)) return resolve(answer)
      const { statusCode: status } = answer
      if (status === 404) {
        // Unread, it would keep the process.
        answer.resume()
        return reject(AgentError.of('agent_older', { path: socketPath, asked: path }))
      }
      void textOf(answer).then((text) => reject(refusal(status, problemOf(text))), reject)
    })
    sent.once('timeout', () => sent.destroy(silent(socketPath, mostSilentMs!)))
    if (mostSilentMs !== undefined) sent.setTimeout(mostSilentMs)
    sent.once('error', reject)
    sent.end(body)
  })
}

const silent = (path: string, ms: number): AgentError =>
  AgentError.of('agent_not_reached', { path, reason: `nothing came from it for ${ms / 1000} s` })

/** The agent has heard what is asked of it, and says why not. */
const refusal = (status: number | undefined, text: string): Error =>
  status === 409 || status === 400 ? AgentError.of('agent_refused', { reason: text }) : new Error(text)

async function textOf(answer: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** What the agent says of a question that it does not answer. */
function problemOf(text: string): string {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null && 'error' in answer) return String(answer.error)
  } catch {
    // No answer of ours.
  }
  return text.slice(0, 200)
}

async function get(socketPath: string, path: string): Promise<string> {
  // 503: an agent that is not well.
  const answer = await open(socketPath, path, { signal: AbortSignal.timeout(patienceMs), good: [200, 503] })
  return textOf(answer)
}
