import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends bytes as they are and reads until the server closes: for requests that no honest client makes. */
export async function rawRequest(url: string, text: string): Promise<RawAnswer> {
  const socket = openSocket(url)
  socket.write(text)
  const answer = await readToEnd(socket)
  const [head = '', ...body] = answer.split('\r\n\r\n')
  const [statusLine = '', ...headerLines] = head.split('\r\n')
  const headers = Object.fromEntries(
    headerLines.map((line) => [line.split(':')[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(statusLine.split(' ')[1]), headers, body: body.join('\r\n\r\n') }
}

export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect({ host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) })
}

/** Resolves with all that came, when the server has closed (or reset) the connection. */
export function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (data: string) => {
      text += data
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

/** A GET (unless told otherwise) that asks the server to close, with any header that is wanted. */
export function get(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<RawAnswer> {
  const all = { host: new URL(url).host, connection: 'close', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return rawRequest(url, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
}
