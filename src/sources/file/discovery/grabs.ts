import type { File, FileSystem } from '../../../core/file-system.ts'
import { openFlags } from '../access.ts'

/** Descriptors that wait to be looked at; beyond this a busy folder's files are opened at their turn, as always. */
const maxGrabbed = 64

export interface Grabbed {
  readonly file: File
  readonly realPath: string
}

/**
 * Files opened in the very moment in which a watch speaks of their name. The look at the name comes later, and under
 * load (the lane and the sinks share this thread) by a second and more: a file that was created and renamed away to where
 * no glob matches in the meantime would never be read, and nobody would know.
 */
export class Grabs {
  readonly #fileSystem: FileSystem
  readonly #files = new Map<string, Grabbed[]>()
  #count = 0

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem
  }

  /** Opens what bears the name now, if there is room. */
  take(path: string): void {
    if (this.#count >= maxGrabbed) return
    const grabbed = this.#fileSystem.openNow?.(path, openFlags)
    if (!grabbed) return
    this.#count += 1
    this.#files.set(path, [...(this.#files.get(path) ?? []), grabbed])
  }

  /** The files that bore the name since it was last asked for, the oldest first. The caller closes or keeps them. */
  of(path: string): readonly Grabbed[] {
    const files = this.#files.get(path) ?? []
    this.#files.delete(path)
    this.#count -= files.length
    return files
  }

  async close(): Promise<void> {
    for (const path of this.#files.keys()) await Promise.all(this.of(path).map(({ file }) => file.close()))
  }
}
