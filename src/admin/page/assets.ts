import { z } from 'zod'
import { readProgramFile } from '../../platform/program-files.ts'

/**
 * The page's files, by their path below src/admin. All of them are in one file of the program, which
 * `scripts/build-page.mjs` writes.
 */
const schema = z.record(z.string(), z.string())

export interface Asset {
  readonly contentType: string
  readonly bytes: Uint8Array
}

const contentTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

let assets: ReadonlyMap<string, Asset> | undefined

/** Undefined where the page has no such file. Read when the page is first asked for. */
export function asset(name: string): Asset | undefined {
  assets ??= readAssets()
  return assets.get(name)
}

function readAssets(): ReadonlyMap<string, Asset> {
  const files = schema.parse(JSON.parse(readProgramFile('admin/page/assets.json').toString()))
  return new Map(
    Object.entries(files).map(([name, text]) => [
      name,
      { contentType: contentTypes[name.split('.').at(-1)!] ?? 'text/plain', bytes: Buffer.from(text) },
    ]),
  )
}
