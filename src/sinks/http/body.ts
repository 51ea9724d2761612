import type { Readable } from 'node:stream'
import { limits } from '../../core/limits.ts'
import { WriterPool } from '../../render/writer-pool.ts'

/**
 * Reads an answer whole, up to `limit` bytes; `too_large` beyond, with the connection given up. Rejects with the
 * stream's error where the answer breaks off, and when `signal` aborts: some clients let go of the signal once the
 * headers are there, and a server that sends a byte a minute would hold us for ever.
 */
export function readAnswer(
  body: Readable,
  signal: AbortSignal,
  limit: number = limits.answerBytes,
): Promise<Buffer | 'too_large'> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    let isOver = false
    const abort = (): void => {
      body.destroy(new Error('no answer in time'))
    }
    const finish = (settle: () => void): void => {
      if (isOver) return
      isOver = true
      signal.removeEventListener('abort', abort)
      settle()
      // V8 takes what hangs on a stream of an old request for alive until it collects its whole heap: 64 KiB a part.
      parts.length = 0
    }
    body.on('data', (part: Buffer) => {
      length += part.length
      if (length <= limit) {
        parts.push(part)
      } else {
        finish(() => resolve('too_large'))
        body.destroy()
      }
    })
    body.on('end', () => finish(() => resolve(joinAnswer(parts, length))))
    // Stays after the end: a late error of a destroyed stream without a listener would end the process.
    body.on('error', (error) => finish(() => reject(error)))
    body.on('close', () => finish(() => reject(new Error('closed in the middle of the answer'))))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

/** As many as requests are in flight by default. */
const keptAnswers = 4
/** An answer to a bulk request of 5,000 events has 130 KB; larger ones are seldom, and not kept. */
const keptAnswerBytes = 512 * 1024
const answers = new WriterPool({
  newBytes: keptAnswerBytes,
  mostFree: keptAnswers,
  mostBytes: keptAnswerBytes,
})

const nothing = Buffer.alloc(0)

/**
 * The parts as one, in memory that is used again once it is released: by the time V8 looked, answers were old, and 80 MB of
 * them for each gigabyte that is shipped were five collections of the whole heap. An answer without a body takes none: when
 * each 204 of Loki did, 1,750 MB for a gigabyte were 77 collections (3.4 of 17.3 CPU s/GB).
 */
export function joinAnswer(parts: readonly Buffer[], length: number): Buffer {
  if (length === 0) return nothing
  if (parts.length === 1) return parts[0]!
  if (length > keptAnswerBytes) return Buffer.concat(parts, length)
  const writer = answers.take()
  for (const part of parts) writer.copy(part)
  return answers.lend(writer)
}

/** Nothing of the answer is read any more. To forget it costs nothing but its memory. */
export function releaseAnswer(answer: Buffer): void {
  answers.release(answer)
}

/** A server's text as one line of at most `maxChars` characters, control characters as spaces. */
export function serverText(bytes: Uint8Array | string, maxChars: number = limits.serverTextChars): string {
  const whole = typeof bytes === 'string' ? bytes : Buffer.from(bytes.subarray(0, 4096)).toString('utf8')
  const text = whole
    .slice(0, 4096)
    .replace(/[\0-\x20\x7f-\x9f\u2028\u2029]+/g, ' ')
    .trim()
  return cutWithSign(text, maxChars)
}

/** The sign is looked for where secrets are taken out: before it one may have been cut in two. */
export function cutWithSign(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`
}
