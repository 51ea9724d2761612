import { hash } from 'node:crypto'

/** A digest of fewer bytes would tell too little apart; so few hold no secret. */
const fewestHashed = 8

const digest = Buffer.alloc(64)

/**
 * The mark of the bytes that stand right before an offset: as many bytes of their digest. Checkpoints go into the buffer,
 * and what a step has redacted must not stand there, not even the last 64 bytes of a line.
 */
export function markOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length < fewestHashed) return Uint8Array.prototype.slice.call(bytes)
  digest.write(hash('sha512', bytes, 'binary'), 'latin1')
  // A copy of so few bytes lies in V8's heap, unless Node writes into it: memory of its own for each of 10,000 files was 4 MB.
  return new Uint8Array(digest.subarray(0, bytes.length))
}

/** Checkpoints of earlier versions have the bytes themselves. */
export function isMarkOf(mark: Uint8Array, bytes: Uint8Array): boolean {
  if (bytes.length !== mark.length) return false
  return Buffer.compare(bytes, mark) === 0 || Buffer.compare(markOf(bytes), mark) === 0
}
