import type { StoredEvent } from '../../../buffer/buffer.ts'
import type { ByteWriter } from '../../../render/byte-writer.ts'
import { documentText, writeDocument } from '../../../render/document.ts'
import { messageOf } from '../../../render/members.ts'
import { utf8Border } from '../labels/label-set.ts'
import { logfmtText } from './logfmt.ts'

export const lineForms = ['raw', 'json', 'message', 'logfmt'] as const
export type LineForm = (typeof lineForms)[number]

/** Loki 3.7.8 refuses lines above `max_line_size` (256KB, which it takes as KiB): 262,144 bytes pass. */
export const maxLineBytes = 256 * 1024

/**
 * The line as Loki gets it, before it is cut. What has to be made is written behind what `out` holds; a push makes all
 * its lines in one writer, and the views stay good because a writer that grows leaves its old bytes alone.
 */
export function lineOf(event: StoredEvent, form: LineForm, out: ByteWriter): Uint8Array {
  if (form === 'raw') return event.line
  const start = out.length
  if (form === 'json') writeDocument(event, out)
  else if (form === 'message') out.utf8(messageOf(event))
  else out.utf8(logfmtText(documentText(event)))
  return out.view(start)
}

/** The line within the server's limit, cut between characters. */
export function cutLine(line: Uint8Array): Uint8Array {
  return line.length <= maxLineBytes ? line : line.subarray(0, utf8Border(line, maxLineBytes))
}
