import { StringDecoder } from 'node:string_decoder'
import { systemErrorCode } from '../core/file-system.ts'

/** Ends where the connection does: an agent that stops, or is killed, breaks it off. */
export async function* linesOf(parts: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  try {
    for await (const part of parts) {
      const lines = (rest + decoder.write(part)).split('\n')
      rest = lines.pop()!
      yield* lines
    }
  } catch (error) {
    if (systemErrorCode(error) !== 'ECONNRESET' && systemErrorCode(error) !== 'ABORT_ERR') throw error
  }
}
