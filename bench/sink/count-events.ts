import { uncompressSync } from 'snappy'

/** Two lines for each event. */
export function countBulk(body: Buffer): number {
  let newlines = 0
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) newlines += 1
  return newlines / 2
}

export function countPushJson(body: Buffer): number {
  const push: { readonly streams: readonly { readonly values: readonly unknown[] }[] } = JSON.parse(
    body.toString(),
  )
  return push.streams.reduce((sum, stream) => sum + stream.values.length, 0)
}

/** Entries (field 2) in the streams (field 1) of a snappy-compressed logproto.PushRequest. */
export function countPushProtobuf(body: Buffer): number {
  const push = Buffer.from(uncompressSync(body))
  let entries = 0
  forEachField(push, 0, push.length, (field, from, to) => {
    if (field !== 1) return
    forEachField(push, from, to, (inner) => {
      if (inner === 2) entries += 1
    })
  })
  return entries
}

type OnField = (field: number, from: number, to: number) => void

/** Fields with a length, or varints, are all that such a request has at these levels. */
function forEachField(bytes: Buffer, from: number, to: number, onField: OnField): void {
  let at = from
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < to) {
    const tag = varint()
    const length = varint()
    if ((tag & 7) !== 2) continue
    onField(tag >>> 3, at, at + length)
    at += length
  }
}
