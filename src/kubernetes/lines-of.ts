import { limits } from '../core/limits.ts'

const newline = 0x0a

/** The lines of a stream, as texts. Throws for one that is longer than any event can be: who sends it is no API server. */
export async function* linesOf(pieces: AsyncIterable<unknown>): AsyncGenerator<string> {
  let parts: Buffer[] = []
  let held = 0
  for await (const piece of pieces) {
    let rest = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece))
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8')
      parts = []
      held = 0
      rest = rest.subarray(end + 1)
      if (line.trim() !== '') yield line
    }
    held += rest.length
    if (held > limits.podEventBytes) throw new Error(`an event is longer than ${limits.podEventBytes} bytes`)
    if (rest.length > 0) parts.push(rest)
  }
}
