import type { IncomingMessage } from 'node:http'
import { limits } from '../core/limits.ts'
import { problem } from './answer.ts'
import type { Answer, StreamOutput } from './answer.ts'

export interface JobRefusal {
  readonly status: number
  readonly text: string
}

export type JobStart = (out: StreamOutput) => { close(): void }

/** What commands can have the agent do, for who came over the control socket. */
export interface OpenJobs {
  readonly paths: readonly string[]
  /** Begins a job, or says with which status and in which words it is refused. */
  open(path: string, asked: unknown): Promise<JobRefusal | JobStart> | JobRefusal | JobStart
  /** False where the job is over. */
  cancel(id: string): boolean
}

const cancelPath = '/jobs/cancel'

/**
 * `POST /replay` and the like, with what is asked as JSON: lines of JSON until the job is over, which ends with its reader.
 * `POST /jobs/cancel` with `{"job":"1"}` ends it too, and its last line still comes. Undefined for another path.
 */
export function answerJob(request: IncomingMessage, jobs: OpenJobs): Promise<Answer> | undefined {
  const path = /^\/[^?#]*/.exec(request.url ?? '')?.[0] ?? ''
  if (path !== cancelPath && !jobs.paths.includes(path)) return undefined
  return answerPost(path, request, jobs)
}

async function answerPost(path: string, request: IncomingMessage, jobs: OpenJobs): Promise<Answer> {
  if (request.method !== 'POST')
    return problem(405, 'this does something: it takes POST alone', { allow: 'POST' })
  const text = await bodyOf(request)
  if (text === undefined) return problem(413, `more than ${limits.askedBytes} bytes were asked`)
  const asked = parsed(text)
  if (asked === undefined) return problem(400, 'what is asked is no JSON object')
  if (path === cancelPath) return cancelled('job' in asked && jobs.cancel(String(asked.job)))
  const begin = await jobs.open(path, asked)
  if (typeof begin !== 'function') return problem(begin.status, begin.text)
  const stream = (out: StreamOutput): (() => void) => {
    const job = begin(out)
    return () => job.close()
  }
  return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: '', stream }
}

const cancelled = (isCancelled: boolean): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify({ cancelled: isCancelled })}\n`,
})

/** Undefined for one that is too long: what else comes of it is not read. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    const piece = Buffer.isBuffer(part) ? part : Buffer.from(String(part))
    bytes += piece.length
    if (bytes > limits.askedBytes) return undefined
    parts.push(piece)
  }
  return Buffer.concat(parts).toString()
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
