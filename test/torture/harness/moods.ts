import { gzipSync } from 'node:zlib'
import type { Exchange, Mood } from './door.ts'

/** nginx's own page, as gateways before both servers answer it. */
const page = (status: number): string =>
  `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`

const html = { 'content-type': 'text/html' }

/** Nothing is stored, and this is the answer. */
export const answers =
  (status: number, body = page(status), headers: Readonly<Record<string, string>> = html): Mood =>
  ({ response }) => {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
    response.end(status === 204 || status === 304 ? undefined : body)
  }

/** All is stored, and this is the answer instead of the real one. */
export const storesAndAnswers =
  (status: number, body: string, headers: Readonly<Record<string, string>> = html): Mood =>
  async (exchange) => {
    await exchange.pass()
    await answers(status, body, headers)(exchange)
  }

/** All is stored, and the real answer comes back changed. */
export const rewrites =
  (change: (body: string) => string): Mood =>
  async (exchange) => {
    const passed = await exchange.pass()
    exchange.answer(passed, change(passed.body))
  }

/** Reset before anything is stored · FIN without a word · stored, then reset · stored, then FIN. */
export const resets: Mood = ({ request }) => void request.socket.resetAndDestroy()
export const hangsUp: Mood = ({ request }) => void request.socket.end()
export const storesAndResets: Mood = async ({ pass, request }) => {
  await pass()
  request.socket.resetAndDestroy()
}
export const storesAndHangsUp: Mood = async ({ pass, request }) => {
  await pass()
  request.socket.end()
}

/** Nothing is stored and nothing said. */
export const hangs: Mood = () => {}
export const storesAndHangs: Mood = async ({ pass }) => void (await pass())

/** These bytes instead of an answer; then the connection stays as it is, or is closed. */
export const says =
  (bytes: string, isClosed: boolean): Mood =>
  async ({ request: { socket }, pass }) => {
    await pass()
    socket.write(bytes)
    if (isClosed) socket.end()
  }

const repeatedly = ({ response }: Exchange, everyMs: number, write: () => void): void => {
  const timer = setInterval(write, everyMs)
  response.on('close', () => clearInterval(timer))
}

/** Stored; the answer comes in drops of 64 bytes, and is longer than any patience. */
export const drips =
  (status: number): Mood =>
  async (exchange) => {
    await exchange.pass()
    const { response } = exchange
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': 2 ** 20 })
    repeatedly(exchange, 15, () => void response.write(' '.repeat(64)))
  }

/** Stored; a header of one letter after the other, for ever. */
export const dripsHeaders: Mood = async (exchange) => {
  await exchange.pass()
  const { socket } = exchange.request
  socket.write('HTTP/1.1 200 OK\r\nx-a: ')
  const timer = setInterval(() => socket.write('a'), 15)
  socket.on('close', () => clearInterval(timer))
}

/** Stored; as many bytes as the other side takes, with a length or without an end. */
export const pours =
  (status: number, bytes: number): Mood =>
  async ({ pass, response }) => {
    await pass()
    const block = Buffer.alloc(2 ** 16, 0x20)
    const length = Number.isFinite(bytes) ? { 'content-length': bytes } : {}
    response.writeHead(status, { 'content-type': 'application/json', ...length })
    let left = bytes
    const pour = (): void => {
      while (left > 0 && !response.destroyed) {
        left -= block.length
        if (!response.write(block)) return void response.once('drain', pour)
      }
      if (!response.destroyed) response.end()
    }
    pour()
  }

/** Stored; the answer compressed although nobody asked for that. */
export const compresses: Mood = async ({ pass, response }) => {
  const { status, body } = await pass()
  response.writeHead(status === 204 ? 200 : status, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  })
  response.end(gzipSync(body))
}

const bombBody = gzipSync(Buffer.alloc(200 * 2 ** 20, 0x20))

/** Stored; 200 MB of nothing, in 200 kB. */
export const bombs =
  (status: number): Mood =>
  async ({ pass, response }) => {
    await pass()
    response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    response.end(bombBody)
  }
