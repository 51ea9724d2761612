import { readFileSync } from 'node:fs'
import { getAsset, isSea } from 'node:sea'

/** Where the program was built to: dist/ or out/src/. The one executable has no folder, its files are inside of it. */
const folder = isSea() ? undefined : new URL('../', import.meta.url)

/**
 * A file that belongs to the program and is no module, by its path below the folder that `src` was built to
 * (`kernel/kernel.wasm`). The only way to such a file: it works in a checkout and in the one executable alike, for which
 * scripts/package/executable.mjs takes all of them along. Throws where there is no such file.
 */
export function readProgramFile(path: string): Buffer {
  return folder ? readFileSync(new URL(path, folder)) : Buffer.from(getAsset(path))
}
