import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { defineSink } from '../components/definition.ts'
import { batchFields, deliveryFields } from '../components/fields.ts'
import type { Clock } from '../core/clock.ts'
import { systemErrorCode } from '../core/file-system.ts'
import type { File, FileSystem } from '../core/file-system.ts'
import type { Outcome, SendResult } from '../core/outcome.ts'
import { ByteWriter } from '../render/byte-writer.ts'
import { documentBytes, documentText, writeDocument } from '../render/document.ts'
import { compileStrftime, unknownSpecifier } from '../render/time-text.ts'
import type { BatchItem, BatchLimits, EncodedRequest, Sink, SinkPreview } from './sink.ts'

const schema = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe(
        "File to append documents to, one on each line; strftime of the event's time (UTC) makes it rotate.",
      ),
    batch: batchFields('1MiB').describe('When a batch is written.'),
    ...deliveryFields('30s'),
  })
  .superRefine(({ path }, context) => {
    const unknown = unknownSpecifier(path)
    const problem =
      unknown !== undefined
        ? `"${unknown}" is no time that can stand in a path ("%%" is a literal "%")`
        : /[{}]/.test(path)
          ? 'fields cannot stand in a path: what a log line says must not choose a file'
          : path.endsWith('/')
            ? 'names a folder; expected a file'
            : undefined
    if (problem) context.addIssue({ code: 'custom', path: ['path'], message: problem })
  })

export type FileSinkConfig = z.infer<typeof schema>

export const fileSink = defineSink({
  type: 'file',
  summary: 'Documents as NDJSON in a file, at least once.',
  schema,
  create(config, { fileSystem, clock }) {
    if (!fileSystem) throw new TypeError('a file sink needs a file system')
    return new FileSink(config, { fileSystem, clock })
  },
})

interface OpenFile {
  readonly file: File
  readonly device: number
  readonly inode: number
  /** Where the next bytes go; the file is open for appending, so this only has to be about right. */
  size: number
  lastUsedMs: number
}

/** Events come by and large in order of time, so a few files are enough; what is idle is closed at the next write. */
const maxOpenFiles = 8
const maxIdleMs = 60_000

/** A FIFO without a reader must not hold up a probe. */
const trialFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK
const newFlags = constants.O_CREAT | constants.O_NOFOLLOW
const appendFlags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT

export class FileSink implements Sink {
  readonly limits: BatchLimits
  /** One write at a time to each file: lines of two batches would mix. */
  readonly ordered = true
  readonly #pathAt: (seconds: number) => string
  readonly #fileSystem: FileSystem
  readonly #clock: Clock
  readonly #open = new Map<string, OpenFile>()
  /** By path, the last of the writes that wait for each other. */
  readonly #writing = new Map<string, Promise<unknown>>()

  constructor(config: FileSinkConfig, world: { readonly fileSystem: FileSystem; readonly clock: Clock }) {
    const { batch } = config
    this.limits = { maxBytes: batch.max_bytes, maxEvents: batch.max_events, maxWaitMs: batch.max_wait }
    this.#pathAt = compileStrftime(config.path)
    this.#fileSystem = world.fileSystem
    this.#clock = world.clock
  }

  partition({ event }: BatchItem): string {
    return this.#pathAt(event.seconds)
  }

  sizeOf({ event }: BatchItem): number {
    return documentBytes(event) + 1
  }

  encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    const writer = new ByteWriter(items.reduce((sum, item) => sum + this.sizeOf(item), 64))
    for (const { event } of items) {
      writeDocument(event, writer)
      writer.byte(0x0a)
    }
    const body = writer.view()
    return Promise.resolve({ items, partition, body, rawBytes: body.length })
  }

  /** In turn for each file: a replay of the buffer writes beside what is new. */
  async send(request: EncodedRequest): Promise<SendResult> {
    const path = request.partition
    const written = (this.#writing.get(path) ?? Promise.resolve()).then(() => this.#write(request))
    const settled = written.catch(() => {})
    this.#writing.set(path, settled)
    try {
      return await written
    } finally {
      if (this.#writing.get(path) === settled) this.#writing.delete(path)
    }
  }

  /** Accepted means synced: then the cursor may pass. A crash before leaves lines that are written again. */
  async #write({ items, partition: path, body }: EncodedRequest): Promise<SendResult> {
    try {
      const open = await this.#fileAt(path)
      await open.file.write(body, open.size)
      open.size += body.length
      await open.file.datasync()
    } catch (error) {
      // A write may have gone in half: opening again ends the torn line.
      await this.#close(path)
      return failure(error, path)
    }
    const accepted: Outcome = { kind: 'accepted' }
    return { kind: 'items', code: 'written', outcomes: items.map(() => accepted) }
  }

  /** Says whether the file of this moment can be written, and leaves none behind that was not there. */
  async probe(): Promise<string> {
    const path = this.#pathAt(this.#clock.now() / 1000)
    const folder = await this.#nearestFolder(dirname(path))
    await this.#tryToWrite(path, folder).catch((error: unknown) => {
      const code = systemErrorCode(error)
      throw code === '' ? error : new Error(`cannot write ${path}: ${code} in ${folder}`, { cause: error })
    })
    const free = await this.#fileSystem.freeBytes(folder)
    return `writes to ${path} (${Math.floor(free / 1024 ** 2)} MiB free)`
  }

  describe(item: BatchItem): SinkPreview {
    return { target: `append to ${this.partition(item)}`, body: documentText(item.event) }
  }

  async close(): Promise<void> {
    for (const path of this.#open.keys()) await this.#close(path)
  }

  async #fileAt(path: string): Promise<OpenFile> {
    const nowMs = this.#clock.monotonic()
    let open = this.#open.get(path)
    if (open && !(await this.#isStillAt(path, open))) {
      await this.#close(path)
      open = undefined
    }
    open ??= await this.#openAt(path)
    open.lastUsedMs = nowMs
    // Last in the map is the one used last.
    this.#open.delete(path)
    this.#open.set(path, open)
    await this.#closeIdle(path, nowMs)
    return open
  }

  /** False once the file was renamed or removed: then the name belongs to a file that has yet to be made. */
  async #isStillAt(path: string, open: OpenFile): Promise<boolean> {
    try {
      const { device, inode } = await this.#fileSystem.stat(path)
      return device === open.device && inode === open.inode
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return false
      throw error
    }
  }

  async #openAt(path: string): Promise<OpenFile> {
    await this.#fileSystem.mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await this.#fileSystem.open(path, appendFlags, 0o600)
    try {
      const stat = await file.stat()
      let { size } = stat
      if (stat.isFile && size > 0 && !(await endsInNewline(file, size))) {
        await file.write(Buffer.from('\n'), size)
        size += 1
      }
      // A new name survives a power cut only once its folder is synced.
      if (size === 0) await this.#fileSystem.syncDirectory(dirname(path))
      return { file, device: stat.device, inode: stat.inode, size, lastUsedMs: 0 }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #closeIdle(except: string, nowMs: number): Promise<void> {
    for (const [path, open] of this.#open) {
      const isTooMany = this.#open.size > maxOpenFiles
      if (path !== except && (isTooMany || nowMs - open.lastUsedMs > maxIdleMs)) await this.#close(path)
    }
  }

  async #close(path: string): Promise<void> {
    const open = this.#open.get(path)
    this.#open.delete(path)
    // What was accepted is synced already; an error of close says nothing more.
    await open?.file.close().catch(() => {})
  }

  async #tryToWrite(path: string, folder: string): Promise<void> {
    const stat = await this.#fileSystem.stat(path).catch(() => undefined)
    if (stat?.isDirectory === true) throw new Error(`${path} is a folder, expected a file`)
    const trial = stat ? path : join(folder, '.logferry-probe')
    const file = await this.#fileSystem.open(trial, stat ? trialFlags : trialFlags | newFlags, 0o600)
    await file.close()
    // Two sinks of one folder are probed at once.
    if (!stat) await this.#fileSystem.unlink(trial).catch(() => {})
  }

  async #nearestFolder(folder: string): Promise<string> {
    for (let path = folder; ; path = dirname(path)) {
      try {
        const stat = await this.#fileSystem.stat(path)
        if (!stat.isDirectory) throw new Error(`${path} is no folder`)
        return path
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT' || path === dirname(path)) throw error
      }
    }
  }
}

async function endsInNewline(file: File, size: number): Promise<boolean> {
  const last = Buffer.alloc(1)
  const count = await file.read(last, 0, 1, size - 1)
  return count === 1 && last[0] === 0x0a
}

/** The operator has to act on these; the rest (a full disk, a failing one) may pass. */
const heldCodes = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'EISDIR',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
])

function failure(error: unknown, path: string): SendResult {
  const code = systemErrorCode(error)
  if (code === '') throw error
  const text = `cannot write ${path}: ${code}`
  const outcome: Outcome = heldCodes.has(code)
    ? { kind: 'hold', reason: 'forbidden', text }
    : { kind: 'retry', reason: 'server_error', text }
  return { kind: 'all', code: code.toLowerCase(), outcome, unanswered: true }
}
