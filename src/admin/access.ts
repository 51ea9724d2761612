import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * Who asks. `contents`: by the token, and may see events too. `paths`: from this host itself: sees paths and servers' texts.
 * `totals`: anybody else. `denied`: showed a token that is not ours.
 */
export type Access = 'contents' | 'paths' | 'totals' | 'denied'

export function accessOf(request: IncomingMessage, token: string | undefined): Access {
  const shown = bearerToken(request.headers.authorization)
  if (token !== undefined && shown !== undefined) return equalSecrets(shown, token) ? 'contents' : 'denied'
  return isFromThisHost(request) ? 'paths' : 'totals'
}

/**
 * The Host header has to be an IP address, `localhost` or this host's name. Otherwise a web page could point a name of
 * its own at 127.0.0.1 and read us through the browser of somebody on this host (DNS rebinding).
 */
export function isAllowedHost(header: string | undefined, hostName: string): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header ?? '')
  if (!match) return false
  if (match[1] !== undefined) return isIP(match[1]) === 6
  const name = match[2]!.toLowerCase()
  const own = hostName.toLowerCase()
  // The short form has no dot, so nobody outside can own it in DNS.
  return isIP(name) === 4 || name === 'localhost' || name === own || name === own.split('.')[0]
}

export function isLoopback(address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:/i, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

/** A proxy on this host passes on requests of others: its headers say so, and then loopback proves nothing. */
function isFromThisHost(request: IncomingMessage): boolean {
  const { headers, socket } = request
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (name) => headers[name] !== undefined,
  )
  return isLoopback(socket.remoteAddress) && !isForwarded
}

function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}

/** In constant time: hashes have equal lengths, so that the comparison tells nothing about the token's. */
function equalSecrets(left: string, right: string): boolean {
  return timingSafeEqual(hashOf(left), hashOf(right))
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
