import { Buffer } from 'node:buffer'
import { readProgramFile } from '../platform/program-files.ts'

/** What the kernel exports (`wasm/index.ts`): addresses and lengths are plain numbers here. */
export interface KernelFunctions {
  heapBase(): number
  endOfLine(at: number, end: number): number

  // The way in: lines to events.
  rebaseEntries(at: number, end: number, by: number): void
  memoAdd(memo: number, at: number, length: number, answer: number): number
  memoBytes(slots: number, textBytes: number): number
  memoClear(memo: number, slots: number, textBytes: number): void
  readLines(state: number): number
  seedMemos(low: number, high: number): void
  /** `job` is the address of what is to be done (src/sinks/elasticsearch/bulk-job.ts); returns events written. */
  frameBulk(job: number): number
  snappyCompress(from: number, end: number, out: number): number
  deflateStart(): void
  deflateSlice(from: number, end: number, out: number, isLast: boolean): number
  /** Takes and gives what `wasm/span-program.ts` says. */
  runSpanProgram(program: number, at: number, end: number, slots: number): number
  /** `job` is the address of what is to be dealt (src/sinks/loki/kernel/deal-job.ts); 0: done, 1: a stream is not known, 2: refused. */
  dealEvents(job: number): number
  dealMade(
    job: number,
    stream: number,
    made: number,
    length: number,
    seconds: number,
    nanos: number,
    eventSeconds: number,
    eventNanos: number,
  ): void
  writeDeal(job: number, lists: number, out: number): void
  groupsAt(): number
  groupsFound(): number
  learnStream(number: number): number
  forgetStreams(): void
}

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** Node's types leave WebAssembly to the DOM's; these are the parts of it that are used here. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: KernelFunctions & { readonly memory: Memory } }
}

/** So many bytes behind each region may be read and written over by the kernel. */
export const slackBytes = 64

const pageBytes = 65_536

let compiled: object | undefined

/**
 * One instance of the kernel with its memory. It belongs to one thread, and whoever calls it: its calls are synchronous,
 * and what a caller keeps in it lies in regions of its own.
 */
export class Kernel {
  readonly functions: KernelFunctions
  readonly #memory: Memory
  #used: number
  #bytes: Buffer

  /** Takes 1 to 6 ms the first time. */
  constructor() {
    compiled ??= new WebAssembly.Module(readProgramFile('kernel/kernel.wasm'))
    const { memory, ...functions } = new WebAssembly.Instance(compiled).exports
    this.functions = functions
    this.#memory = memory
    this.#used = functions.heapBase()
    this.#bytes = Buffer.from(memory.buffer)
  }

  /** All of its memory. Ask again after `reserve`: memory that grows is another buffer, and the old one is empty. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** A region of so many bytes, with slack behind it, for as long as the kernel lives. Returns its address. */
  reserve(bytes: number): number {
    const at = Math.ceil(this.#used / slackBytes) * slackBytes
    this.#used = at + bytes + slackBytes
    const missing = this.#used - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = Buffer.from(this.#memory.buffer)
    return at
  }
}
