import assert from 'node:assert/strict'
import type { Buffer as NodeBuffer } from 'node:buffer'
import { limits } from '../../src/core/limits.ts'
import type { Step } from './buffer-steps.ts'
import type { MemoryFileSystem, Operation } from './memory-file-system.ts'

type Refusal = (operation: Operation) => boolean
type Of<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>

/** What a disk refuses to read: a few calls, everything for a while, one sector for ever. */
export class ReadFaults {
  readonly #disk: MemoryFileSystem
  #refuses: Refusal | undefined
  #heals = true
  #badSector: Refusal | undefined
  #brokeHeader = false
  #brokeCursor = false

  constructor(disk: MemoryFileSystem) {
    this.#disk = disk
  }

  /** A start may have to wait. */
  get isActive(): boolean {
    return this.#refuses !== undefined || this.#badSector !== undefined
  }

  /** A sector of the log cannot be read: a start does not know what it holds. */
  get hides(): boolean {
    return this.#badSector !== undefined
  }

  get brokeCursor(): boolean {
    return this.#brokeCursor
  }

  /** Some time the beginning of a segment could not be read. */
  get brokeHeader(): boolean {
    return this.#brokeHeader
  }

  refuses(operation: Operation): boolean {
    return (this.#refuses?.(operation) ?? false) || (this.#badSector?.(operation) ?? false)
  }

  begin(step: Of<'refuse' | 'refuseFor' | 'shortReads'>, now: () => number): void {
    if (step.kind === 'refuse') this.#refuse(step)
    else if (step.kind === 'refuseFor') this.#refuseFor(step, now)
    else this.#readShort(step.seed)
  }

  #refuse({ where, times }: Of<'refuse'>): void {
    let left = times
    this.#refuses = (operation) => {
      if (!this.#isReading(operation) || !operation.path.endsWith(where) || left === 0) return false
      left -= 1
      return true
    }
  }

  #refuseFor({ where, ms }: Of<'refuseFor'>, now: () => number): void {
    const endMs = now() + ms
    this.#refuses = (operation) =>
      this.#isReading(operation) && operation.path.endsWith(where) && now() < endMs
  }

  /** Returns whether there was one to break. */
  breakSector({ where, seed, heals }: Of<'badSector'>): boolean {
    const sectors = [...this.#disk.files('/data')]
      .filter(([path]) => path.endsWith(where))
      .flatMap(([path, bytes]) => {
        const all = Array.from({ length: Math.ceil(bytes.length / sectorBytes) }, (_, index) => index)
        return all
          .filter((index) => where !== '.cursor' || index === 0 || index * sectorBytes === 8 * 1024 ** 2)
          .map((index) => ({ path, at: index * sectorBytes }))
      })
    const bad = sectors[seed % sectors.length]
    if (!bad) return false
    this.#heals = heals
    this.#brokeHeader ||= bad.at === 0 && where === '.seg'
    this.#brokeCursor ||= where === '.cursor'
    this.#badSector = ({ kind, path, position = 0, length = 0 }) =>
      kind === 'read' && path === bad.path && position < bad.at + sectorBytes && position + length > bad.at
    return true
  }

  /** From now on reads give less than was asked for, now and then. */
  #readShort(seed: number): void {
    const next = randomFrom(seed)
    this.#disk.shortRead = (length) => {
      const chance = next()
      return chance % 3 === 0 ? Math.max(1, Math.floor((length * (chance % 997)) / 997)) : length
    }
  }

  /** A start that says that the disk is away has changed nothing that anybody could miss. */
  checkUntouched(before: ReadonlyMap<string, NodeBuffer>): void {
    const after = this.#disk.files('/data')
    for (const [path, bytes] of before)
      if (bytes.length > 0 && /(seg|cursor)$/.test(path))
        assert.ok(after.get(path)?.equals(bytes), `${path} is not as it was`)
  }

  /** Before the last restart: what a sector hid is there again, or is never. */
  healLast(): void {
    if (this.#heals) this.heal()
  }

  heal(): void {
    this.#refuses = undefined
    this.#badSector = undefined
  }

  #isReading({ kind, path }: Operation): boolean {
    return kind === 'read' || kind === 'readdir' || (kind === 'open' && this.#disk.has(path))
  }
}

const { sectorBytes } = limits

/** Whole numbers below 2^31, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state
  }
}

/** Some calls that write fail, and then no more. */
export function writeFaultOf(step: Of<'fault'>): Refusal {
  let left = step.times
  return ({ kind, path }) => {
    if (kind !== step.on || !path.endsWith(step.where) || left === 0) return false
    left -= 1
    return true
  }
}

export async function usedBytes(disk: MemoryFileSystem): Promise<number> {
  const before = disk.capacity
  disk.capacity = 1e12
  const used = 1e12 - (await disk.freeBytes())
  disk.capacity = before
  return used
}
