import type { Buffer } from 'node:buffer'
import { GrowingRegion } from '../../../kernel/growing-region.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { Snappy } from '../../../kernel/snappy.ts'
import type { SinkRun } from '../../sink.ts'
import { headBytes, writeHead } from '../push/push-protobuf.ts'
import { dealOf } from './deal.ts'
import type { RunOrder } from './run-order.ts'

export interface CompressedPush {
  readonly body: Buffer
  readonly rawBytes: number
}

/** Makes pushes of entries that were written when their record was dealt: in the kernel's memory, where they are compressed. */
export class RunPush {
  readonly #kernel: Kernel
  readonly #snappy: Snappy
  readonly #push: GrowingRegion

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#snappy = new Snappy(kernel)
    this.#push = new GrowingRegion(kernel)
  }

  /** `labels` is their text. Undefined if some entry was not written, or is given up. The entries are given up once they are in the push. */
  encode(runs: readonly SinkRun[], order: RunOrder | undefined, labels: string): CompressedPush | undefined {
    if (runs.some((run) => !dealOf(run).entriesOf(run))) return undefined
    const start = headBytes(labels)
    let bytes = start
    for (const run of runs) bytes += dealOf(run).bytesOf(run.first, run.end)
    const region = this.#push.of(bytes)
    let end = region + start
    for (const run of order?.stretches ?? runs) end = this.#copy(run, end)
    for (const run of runs) dealOf(run).giveUp(run)
    const first = writeHead(this.#kernel.bytes, labels, region + start, end)
    return { body: this.#snappy.compressAt(first, end), rawBytes: end - first }
  }

  /** For a push that was made elsewhere. */
  compress(raw: Uint8Array): CompressedPush {
    return { body: this.#snappy.compress(raw), rawBytes: raw.length }
  }

  #copy(run: SinkRun, at: number): number {
    const deal = dealOf(run)
    const from = deal.startOf(run.first)
    const to = deal.events.ends[run.end - 1]!
    deal.events.entries!.bytes.copy(this.#kernel.bytes, at, from, to)
    return at + to - from
  }
}
