import { Buffer } from 'node:buffer'
import type { SharedMember } from '../../core/chunk.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as table from '../../kernel/wasm/meeting-table.ts'

/** What is done about a member of a certain name (`kernel/wasm/meeting-table.ts`). */
export interface Meeting {
  readonly kind: number
  /** The name that it gets if it has to make room. */
  readonly name: string
  /** What its object is looked at as, 0 for nothing. */
  readonly context: number
  /** Its place among the file's shared members. */
  readonly shared: number
  /** Its number among the keys that steps look for, 0 for none. */
  readonly watched: number
}

/** The names of a source's lines that meet something, in the kernel's memory. */
export class MeetingList {
  readonly address: number
  readonly #kernel: Kernel
  readonly #names: number
  #nameAt: number
  readonly #indexes = new Map<string, number>()
  /** A name found no room. */
  isFull = false

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.address = kernel.reserve(table.mostMeetingNames * table.meetingBytes)
    this.#names = kernel.reserve(table.meetingNamesBytes)
    this.#nameAt = this.#names
  }

  /** Places that were given out mean something else from now on. */
  clear(): void {
    this.#indexes.clear()
    this.#nameAt = this.#names
    this.isFull = false
  }

  /** The place of the member called `key` in an object that is looked at as `context`; undefined where there is no room. */
  indexOf(context: number, key: string, meeting: () => Meeting): number | undefined {
    const id = `${context} ${key}`
    return this.#indexes.get(id) ?? this.#add(id, meeting())
  }

  #add(id: string, { kind, name, context, shared, watched }: Meeting): number | undefined {
    const index = this.#indexes.size
    const text = Buffer.from(JSON.stringify(name))
    const isRoom = this.#nameAt + text.length <= this.#names + table.meetingNamesBytes
    if (index === table.mostMeetingNames || !isRoom) {
      this.isFull = true
      return undefined
    }
    const { bytes } = this.#kernel
    const at = this.address + index * table.meetingBytes
    bytes.set(text, this.#nameAt)
    bytes.writeUInt32LE(kind, at + table.meetingKind)
    bytes.writeUInt32LE(this.#nameAt, at + table.meetingName)
    bytes.writeUInt32LE(text.length, at + table.meetingNameLength)
    bytes.writeUInt32LE(context, at + table.meetingContext)
    bytes.writeUInt32LE(shared, at + table.meetingShared)
    bytes.writeUInt32LE(watched, at + table.meetingWatched)
    this.#nameAt += text.length
    this.#indexes.set(id, index)
    return index
  }
}

/** Room for paths, labels and the like of one file; what does not fit is the general lane's to compare. */
const mostSharedBytes = 65_536

/** The shared members of the file at hand, in the kernel's memory. */
export class SharedTexts {
  readonly address: number
  readonly #kernel: Kernel
  #current: readonly SharedMember[] = []
  #written: readonly SharedMember[] | undefined
  #isWanted = false

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.address = kernel.reserve(mostSharedBytes)
  }

  /** The next lines are of a file with these. They are written where lines are known that are compared with them. */
  turnTo(shared: readonly SharedMember[]): void {
    this.#current = shared
    if (this.#isWanted) this.#write(shared)
  }

  /** A name has come up that one of them may have. */
  want(): void {
    this.#isWanted = true
    this.#write(this.#current)
  }

  #write(shared: readonly SharedMember[]): void {
    if (shared === this.#written) return
    this.#written = shared
    const { bytes } = this.#kernel
    const texts = shared.map(({ json }) => Buffer.from(json))
    let at = this.address + table.sharedHeadBytes + texts.length * table.sharedEntryBytes
    const end = texts.reduce((sum, { length }) => sum + length, at)
    const fits = end <= this.address + mostSharedBytes
    bytes.writeUInt32LE(fits ? texts.length : 0, this.address)
    if (!fits) return
    texts.forEach((text, index) => {
      const entry = this.address + table.sharedHeadBytes + index * table.sharedEntryBytes
      bytes.writeUInt32LE(at, entry)
      bytes.writeUInt32LE(text.length, entry + 4)
      bytes.set(text, at)
      at += text.length
    })
  }
}
