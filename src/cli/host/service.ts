import path from 'node:path'
import { parseBytes } from '../../components/fields.ts'
import type { FileSystem } from '../../core/file-system.ts'
import { smallText } from './small-text.ts'

/** What the unit says about the process that it starts; drop-ins are read behind it, as systemd does. */
export interface Service {
  /** `logferry.service`. */
  readonly name: string
  readonly path: string
  /** The last value of a setting; undefined where there is none. */
  value(setting: string): string | undefined
  /** All words of a setting that may come several times. */
  words(setting: string): readonly string[]
  isOn(setting: string): boolean
}

const name = 'logferry.service'
/** As systemd looks for units, the first that is there. */
const folders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** The unit that runs the agent with the config at `config` (absolute), if this host has one. */
export async function readService(fileSystem: FileSystem, config: string): Promise<Service | undefined> {
  for (const folder of folders) {
    const unit = path.join(folder, name)
    const text = await smallText(fileSystem, unit)
    if (text === undefined) continue
    const service = parseService(unit, [text, ...(await dropIns(fileSystem))])
    return startsWith(service, config) ? service : undefined
  }
  return undefined
}

async function dropIns(fileSystem: FileSystem): Promise<string[]> {
  const found = new Map<string, string>()
  // One of the same name in a folder that comes earlier hides the later one.
  for (const folder of folders.toReversed()) {
    const entries = await fileSystem.readdir(path.join(folder, `${name}.d`)).catch(() => [])
    for (const entry of entries)
      if (entry.name.endsWith('.conf')) found.set(entry.name, path.join(folder, `${name}.d`, entry.name))
  }
  const paths = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
  const texts = await Promise.all(paths.map((one) => smallText(fileSystem, one)))
  return texts.filter((text) => text !== undefined)
}

/** Exported for its test. */
export function parseService(unit: string, texts: readonly string[]): Service {
  const settings = new Map<string, string[]>()
  for (const text of texts) {
    let section = ''
    for (const line of text.replaceAll(/\\\n/g, ' ').split('\n')) {
      section = /^\[(\w+)\]\s*$/.exec(line)?.[1] ?? section
      const [, key, value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      if (section !== 'Service' || key === undefined) continue
      // An empty value takes back what stood there before.
      settings.set(key, value === '' ? [] : [...(settings.get(key) ?? []), value])
    }
  }
  const value = (setting: string): string | undefined => settings.get(setting)?.at(-1)
  return {
    name,
    path: unit,
    value,
    words: (setting) => (settings.get(setting) ?? []).flatMap((one) => one.split(/\s+/)),
    isOn: (setting) => /^(?:1|yes|true|on)$/i.test(value(setting) ?? ''),
  }
}

/** Whether the unit's agent uses that config: one for a trial in a folder has nothing to do with it. */
function startsWith(service: Service, config: string): boolean {
  const words = service.words('ExecStart')
  const named = words[words.findIndex((word) => word === '-c' || word === '--config') + 1]
  return words.some((word) => word === '-c' || word === '--config')
    ? named === config
    : config === '/etc/logferry/agent.config.json'
}

/** `MemoryMax=1G` in bytes; undefined for none. */
export function bytesOf(value: string | undefined): number | undefined {
  const [, number, unit = ''] = /^(\d+)([KMGT]?)$/i.exec(value ?? '') ?? []
  return number === undefined
    ? undefined
    : parseBytes(unit === '' ? `${number}B` : `${number}${unit.toUpperCase()}iB`)
}

/** `65536` or `1024:65536`, of which the hard one counts: Node raises its own limit to that. */
export function limitOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const hard = value.split(':').at(-1)!
  return hard === 'infinity' ? Infinity : /^\d+$/.test(hard) ? Number(hard) : undefined
}
