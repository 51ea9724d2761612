import path from 'node:path'
import type { FileSystem } from '../../../core/file-system.ts'
import { smallText } from '../../host/small-text.ts'
import { parseLogrotate } from './parse.ts'

/** What logrotate does with some files, global settings and all. */
export interface LogrotateBlock {
  readonly patterns: readonly string[]
  readonly settings: LogrotateSettings
  /** Where it stands: `/etc/logrotate.d/nginx:1`. */
  readonly place: string
}

export interface LogrotateSettings {
  /** The file is copied and then cut, instead of renamed. */
  readonly copytruncate?: boolean
  /** Copied and left as it is. */
  readonly copy?: boolean
  readonly compress?: boolean
  readonly delaycompress?: boolean
  /** Old files that are kept; 0: none. */
  readonly rotate?: number
  /** `daily`, `hourly`, or by `size`. */
  readonly every?: string
  readonly size?: string
  readonly maxsize?: string
  readonly maxage?: number
  readonly olddir?: string
}

/** Files of packages that are half installed, of editors and of backups: logrotate's own list, `tabooext`. */
const taboo =
  /(?:^\.|[~,]$|,v$|\.(?:bak|cfsaved|disabled|dpkg-\w+|new|old|orig|rhn-cfg-tmp-.*|rpmnew|rpmorig|rpmsave|swp|ucf-\w+)$)/
/** Deeper `include`s are a loop. */
const deepest = 5
const mostFiles = 1_000

/** All that logrotate is told on this host: `logrotate.conf` and what it includes. */
export async function readLogrotate(fileSystem: FileSystem): Promise<LogrotateBlock[]> {
  const blocks: LogrotateBlock[] = []
  let files = 0
  const read = async (
    file: string,
    inherited: LogrotateSettings,
    depth: number,
  ): Promise<LogrotateSettings> => {
    const text = (files += 1) > mostFiles || depth > deepest ? undefined : await smallText(fileSystem, file)
    let settings = inherited
    for (const part of parseLogrotate(text ?? '')) {
      if (part.kind === 'block')
        blocks.push({
          patterns: part.patterns,
          settings: { ...settings, ...part.settings },
          place: `${file}:${part.line}`,
        })
      else if (part.kind === 'setting') settings = { ...settings, ...part.settings }
      else
        for (const included of await filesOf(fileSystem, path.resolve(path.dirname(file), part.path)))
          settings = await read(included, settings, depth + 1)
    }
    return settings
  }
  const main = '/etc/logrotate.conf'
  const settings = await read(main, {}, 0)
  // Without the main file there may be a timer of its own for the folder; with one that does not include it nothing reads it.
  if (files === 1 && (await smallText(fileSystem, main)) === undefined)
    for (const file of await filesOf(fileSystem, '/etc/logrotate.d')) await read(file, settings, 1)
  return blocks
}

/** A file, or those of a folder in the order of their names. */
async function filesOf(fileSystem: FileSystem, place: string): Promise<string[]> {
  const entries = await fileSystem.readdir(place).catch(() => undefined)
  if (!entries) return [place]
  return entries
    .filter(({ name, isDirectory }) => !isDirectory && !taboo.test(name))
    .map(({ name }) => path.join(place, name))
    .sort()
}
