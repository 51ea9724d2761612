import { request } from 'node:http'
import { controlSocket } from '../admin/control.ts'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'

/** An agent that has not answered by then is stuck. */
const patienceMs = 10_000

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

function notAsked(dataDir: string, error: unknown): AgentError {
  const code = systemErrorCode(error)
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return AgentError.of('agent_not_running', { path: dataDir }, { cause: error })
  const reason = error instanceof Error ? error.message : String(error)
  return AgentError.of('agent_not_reached', { path: controlSocket(dataDir), reason }, { cause: error })
}

interface Asked {
  readonly signal: AbortSignal
  readonly good: readonly number[]
}

function open(socketPath: string, path: string, { signal, good }: Asked): Promise<AsyncIterable<Buffer>> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', connection: 'close' }
    const asked = request({ socketPath, path, headers, signal }, (answer) => {
      if (good.includes(answer.statusCode ?? 0)) return resolve(answer)
      void textOf(answer).then((text) => reject(new Error(problemOf(text))), reject)
    })
    asked.once('error', reject)
    asked.end()
  })
}

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
