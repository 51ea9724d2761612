import { ByteWriter } from '../../../render/byte-writer.ts'
import { jsonString, writeJsonString } from '../../../render/json-text.ts'
import { metadataPairs } from './metadata.ts'
import type { Label, Push } from './push.ts'

/** A push as JSON: `{"streams":[{"stream":{…},"values":[["NANOSECONDS","LINE",{METADATA}],…]}]}`. */
export function encodeJson(push: Push, out: ByteWriter): Uint8Array {
  out.clear()
  out.utf8(`{"streams":[{"stream":${objectText(push.labels.pairs)},"values":[`)
  let separator = ''
  for (const { seconds, nanos, line, metadata } of push.entries) {
    out.ascii(`${separator}["${nanosecondText(seconds, nanos)}",`)
    writeJsonString(line, out)
    const pairs = metadataPairs(metadata)
    if (pairs.length > 0) out.utf8(`,${objectText(pairs)}`)
    out.ascii(']')
    separator = ','
  }
  out.ascii(']}]}')
  return out.view()
}

/** Nanoseconds since 1970 in digits; as a number they would lose the last ones. */
export function nanosecondText(seconds: number, nanos: number): string {
  return seconds === 0 ? String(nanos) : String(seconds) + String(nanos).padStart(9, '0')
}

function objectText(pairs: readonly Label[]): string {
  return `{${pairs.map(([name, value]) => `${jsonString(name)}:${jsonString(value)}`).join(',')}}`
}
