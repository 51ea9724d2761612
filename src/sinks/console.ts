import { z } from 'zod'
import { defineSink } from '../components/definition.ts'
import { deliveryFields } from '../components/fields.ts'
import type { StoredEvent } from '../buffer/buffer.ts'
import { severityNames } from '../core/event.ts'
import type { Outcome, SendResult } from '../core/outcome.ts'
import { escapeControls } from '../core/terminal-text.ts'
import type { TextOutput } from '../core/text-output.ts'
import { documentBytes, documentText } from '../render/document.ts'
import { messageOf } from '../render/members.ts'
import { rfc3339 } from '../render/time-text.ts'
import type { BatchItem, BatchLimits, EncodedRequest, Sink, SinkPreview } from './sink.ts'

const schema = z.strictObject({
  format: z
    .enum(['text', 'json'])
    .default('text')
    .describe('"text": time, level, source and message on one line; "json": the document.'),
  ...deliveryFields('30s'),
  // A screen that nobody reads any more must not stop the others.
  when_full: z
    .enum(['block', 'drop_oldest'])
    .default('drop_oldest')
    .describe("When this sink's lag fills the buffer: stop reading, or drop its oldest events."),
})

export type ConsoleSinkConfig = z.infer<typeof schema>

export const consoleSink = defineSink({
  type: 'console',
  summary: 'Events on standard output, to look at.',
  schema,
  create(config, { output }) {
    if (!output) throw new TypeError('a console sink needs an output')
    return new ConsoleSink(config, output)
  },
})

export class ConsoleSink implements Sink {
  readonly limits: BatchLimits = { maxBytes: 256 * 1024, maxEvents: 1000, maxWaitMs: 200 }
  readonly ordered = true
  readonly #format: ConsoleSinkConfig['format']
  readonly #output: TextOutput

  constructor(config: ConsoleSinkConfig, output: TextOutput) {
    this.#format = config.format
    this.#output = output
  }

  partition(): string {
    return ''
  }

  sizeOf({ event }: BatchItem): number {
    return documentBytes(event)
  }

  encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    const lines = items.map(({ event }) => `${this.#lineOf(event, this.#output.isTerminal)}\n`)
    const body = Buffer.from(lines.join(''))
    return Promise.resolve({ items, partition, body, rawBytes: body.length })
  }

  async send({ items, body }: EncodedRequest): Promise<SendResult> {
    const isRead = await this.#output.write(Buffer.from(body).toString('utf8'))
    if (isRead) {
      const accepted: Outcome = { kind: 'accepted' }
      return { kind: 'items', code: 'written', outcomes: items.map(() => accepted) }
    }
    const text = 'nobody reads standard output any more'
    return { kind: 'all', code: 'epipe', outcome: { kind: 'hold', reason: 'not_found', text } }
  }

  probe(): Promise<string> {
    return Promise.resolve(this.#output.isTerminal ? 'writes to this terminal' : 'writes to standard output')
  }

  describe({ event }: BatchItem): SinkPreview {
    return { target: 'standard output', body: this.#lineOf(event, false) }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #lineOf(event: StoredEvent, isColoured: boolean): string {
    // A document is JSON text, which has no control characters but DEL and C1; those a terminal may still obey.
    if (this.#format === 'json') return isColoured ? escapeControls(documentText(event)) : documentText(event)
    const paint = isColoured ? painted : plain
    const level = severityNames[event.severity] ?? ''
    const time = rfc3339(event.time, Math.min(event.precision || 3, 3))
    return [
      paint('dim', time),
      paint(level, level.toUpperCase().padEnd(5)),
      paint('dim', escapeControls(event.record.source)),
      escapeControls(messageOf(event)),
    ].join(' ')
  }
}

/** SGR codes by level; what is not listed stays as it is. */
const colours: Readonly<Record<string, string>> = {
  dim: '2',
  trace: '2',
  debug: '36',
  info: '32',
  warn: '33',
  error: '31',
  fatal: '1;31',
}

function painted(colour: string, text: string): string {
  const code = colours[colour]
  return code === undefined ? text : `\u001b[${code}m${text}\u001b[0m`
}

const plain = (_colour: string, text: string): string => text
