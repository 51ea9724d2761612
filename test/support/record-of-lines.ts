import { recordFromChunk } from '../../src/buffer/record-codec.ts'
import type { StoredRecord } from '../../src/buffer/buffer.ts'
import { generation, openLane } from '../lanes/lane-under-test.ts'
import { checkpointOf } from './disk-buffer.ts'

/** A record of the buffer with the events of these lines of source `app`. */
export function recordOfLines(lines: readonly string[]): StoredRecord {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  const file = openLane({ parse: 'json' })
  const result = file.process({ bytes, from: 0, to: bytes.length }, false)
  if (result === 'wait') throw new Error('the lane waits')
  const { host, shared } = file
  const { events, filtered, parseErrors } = result
  const stretch = { source: 'app', generation, host, from: 0, to: bytes.length, moves: true, lost: [] }
  const checkpoint = checkpointOf({ generation, offset: bytes.length })
  return recordFromChunk({ ...stretch, checkpoint, shared, events, filtered, parseErrors })
}
