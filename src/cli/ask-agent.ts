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
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ECONNREFUSED')
      throw AgentError.of('agent_not_running', { path: dataDir }, { cause: error })
    const reason = error instanceof Error ? error.message : String(error)
    throw AgentError.of('agent_not_reached', { path: socketPath, reason }, { cause: error })
  }
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, path, headers: { host: 'localhost', connection: 'close' } },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.once('error', reject)
        answer.once('end', () => {
          const text = Buffer.concat(parts).toString()
          if (answer.statusCode === 200 || answer.statusCode === 503) resolve(text)
          else reject(new Error(`${answer.statusCode} for ${path}: ${text.slice(0, 200)}`))
        })
      },
    )
    asked.setTimeout(patienceMs, () => asked.destroy(new Error(`no answer within ${patienceMs / 1000} s`)))
    asked.once('error', reject)
    asked.end()
  })
}
