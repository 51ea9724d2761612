/**
 * Decoders of what a push carries, written apart from the sink's encoders so that each checks the other: snappy's
 * block format, logproto.PushRequest, the JSON form, and the text of label sets.
 */

export interface DecodedEntry {
  /** Nanoseconds since 1970. */
  readonly time: bigint
  readonly line: string
  readonly metadata: readonly (readonly [string, string])[]
}

export interface DecodedStream {
  readonly labels: string
  readonly entries: readonly DecodedEntry[]
}

export class DecodeError extends Error {}

/** Raw snappy: the length as a varint, then literals and copies. */
export function unsnap(bytes: Buffer): Buffer {
  const reader = new Reader(bytes)
  const out = Buffer.alloc(Number(reader.varint()))
  let at = 0
  while (!reader.isAtEnd) {
    const tag = reader.byte()
    if ((tag & 3) === 0) {
      let length = tag >> 2
      if (length >= 60) length = reader.littleEndian(length - 59)
      at += reader.take(length + 1).copy(out, at)
      continue
    }
    const length = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const offset =
      (tag & 3) === 1 ? ((tag >> 5) << 8) | reader.byte() : reader.littleEndian((tag & 3) === 2 ? 2 : 4)
    if (offset === 0 || offset > at) throw new DecodeError('snappy: corrupt input')
    for (let index = 0; index < length; index++, at++) out[at] = out[at - offset]!
  }
  if (at !== out.length) throw new DecodeError('snappy: corrupt input')
  return out
}

export function decodeProtobuf(bytes: Buffer): DecodedStream[] {
  return fields(bytes)
    .filter(({ field }) => field === 1)
    .map(({ bytes: stream }) => {
      const parts = fields(stream)
      return {
        labels: text(parts.find(({ field }) => field === 1)?.bytes),
        entries: parts.filter(({ field }) => field === 2).map((entry) => decodeEntry(entry.bytes)),
      }
    })
}

function decodeEntry(bytes: Buffer): DecodedEntry {
  const parts = fields(bytes)
  const time = fields(parts.find(({ field }) => field === 1)?.bytes ?? Buffer.alloc(0))
  const numberOf = (wanted: number): bigint => time.find(({ field }) => field === wanted)?.number ?? 0n
  return {
    time: numberOf(1) * 1_000_000_000n + numberOf(2),
    line: text(parts.find(({ field }) => field === 2)?.bytes),
    metadata: parts
      .filter(({ field }) => field === 3)
      .map(({ bytes: pair }) => {
        const [name, value] = [1, 2].map(
          (wanted) => fields(pair).find(({ field }) => field === wanted)?.bytes,
        )
        return [text(name), text(value)] as const
      }),
  }
}

interface Field {
  readonly field: number
  readonly bytes: Buffer
  readonly number: bigint
}

function fields(bytes: Buffer): Field[] {
  const reader = new Reader(bytes)
  const found: Field[] = []
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint())
    if ((tag & 7) === 0) found.push({ field: tag >> 3, bytes: Buffer.alloc(0), number: reader.varint() })
    else if ((tag & 7) === 2) {
      found.push({ field: tag >> 3, bytes: reader.take(Number(reader.varint())), number: 0n })
    } else throw new DecodeError(`proto: wrong wireType = ${tag & 7}`)
  }
  return found
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    if (this.isAtEnd) throw new DecodeError('unexpected EOF')
    return this.#bytes[this.#at++]!
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  littleEndian(count: number): number {
    return this.take(count).readUIntLE(0, count)
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new DecodeError('unexpected EOF')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}

function text(bytes: Buffer | undefined): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes ?? Buffer.alloc(0))
}

interface JsonPush {
  readonly streams: readonly {
    readonly stream: Readonly<Record<string, string>>
    readonly values: readonly (readonly [string, string, Readonly<Record<string, string>>?])[]
  }[]
}

export function decodeJson(body: string): DecodedStream[] {
  const push: JsonPush = JSON.parse(body)
  return push.streams.map(({ stream, values }) => ({
    labels: `{${Object.entries(stream)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(', ')}}`,
    entries: values.map(([time, line, metadata = {}]) => {
      if (!/^\d+$/.test(time)) throw new DecodeError(`loghttp: timestamp ${time}`)
      return { time: BigInt(time), line, metadata: Object.entries(metadata) }
    }),
  }))
}

const label =
  /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\\n]|\\(?:["\\abfnrtv]|x[0-9a-f]{2}|u[0-9a-f]{4}))*")\s*(,|\})/y

/** The labels of a set, as strict as Loki 3.7.8 where we have seen it refuse something. */
export function decodeLabels(set: string): [string, string][] {
  const wrong = (at: number, what: string): never => {
    throw new DecodeError(`couldn't parse labels: 1:${at + 1}: parse error: ${what}`)
  }
  if (!set.startsWith('{')) wrong(0, 'unexpected character')
  const pairs: [string, string][] = []
  let at = 1
  while (set[at] !== '}') {
    label.lastIndex = at
    const match = label.exec(set)
    if (!match) return wrong(at, 'unexpected character inside braces')
    const value: string = JSON.parse(
      match[2]!
        .replace(/\\(x|.)/gs, (pair, kind) => (kind === 'x' ? '\\u00' : pair))
        .replace(/[\0-\x1f]/g, control),
    )
    if (value.includes('\ufffd')) wrong(at, 'invalid UTF-8 rune')
    pairs.push([match[1]!, value])
    at = match[3] === '}' ? label.lastIndex - 1 : label.lastIndex
  }
  if (at !== set.length - 1) wrong(at, 'unexpected character after the braces')
  return pairs.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1))
}

function control(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
