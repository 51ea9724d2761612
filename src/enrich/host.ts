import * as os from 'node:os'
import type { SharedMember } from '../core/chunk.ts'

/** What `enrich.host` can tell; read once at start. */
export interface HostInfo {
  readonly name: string
  /** Addresses that others can reach; loopback and link-local ones are left out. */
  readonly ip: readonly string[]
  readonly os: HostOs
}

/** ECS `host.os.*`. */
export interface HostOs {
  readonly type: string
  readonly platform: string
  /** From /etc/os-release where it is given. */
  readonly name?: string
  readonly version?: string
  readonly kernel: string
}

/** This host, as the system tells. `osRelease` is the text of /etc/os-release, '' if there is none. */
export function readHost(osRelease = ''): HostInfo {
  const release = parseOsRelease(osRelease)
  return {
    name: os.hostname(),
    ip: addresses(os.networkInterfaces()),
    os: {
      type: 'linux',
      platform: release.get('ID') ?? os.platform(),
      ...optional('name', release.get('NAME')),
      ...optional('version', release.get('VERSION_ID')),
      kernel: os.release(),
    },
  }
}

const optional = (key: 'name' | 'version', value: string | undefined): Partial<HostOs> =>
  value === undefined || value === '' ? {} : { [key]: value }

function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const [, key, quoted] of text.matchAll(/^([A-Z_]+)=(.*)$/gm)) {
    values.set(key!, quoted!.replace(/^(["'])(.*)\1$/, '$2'))
  }
  return values
}

function addresses(interfaces: ReturnType<typeof os.networkInterfaces>): string[] {
  const found = Object.values(interfaces).flatMap((list) => list ?? [])
  const reachable = found.filter((entry) => !entry.internal && !/^fe80:/i.test(entry.address))
  return [...new Set(reachable.map((entry) => entry.address))].sort()
}

/** What `enrich.host` asks for: nothing, the name, or all. */
export type HostEnrichment = boolean | 'full' | { readonly name: string }

/** The name that goes into ids, also where the field is off. */
export function hostName(host: HostInfo, wanted: HostEnrichment): string {
  return typeof wanted === 'object' ? wanted.name : host.name
}

/** `host.name`, and with `full` the rest. The name comes first. */
export function hostMembers(host: HostInfo, wanted: HostEnrichment): SharedMember[] {
  if (wanted === false) return []
  const name = { name: 'host.name', json: JSON.stringify(hostName(host, wanted)) }
  if (wanted !== 'full') return [name]
  const system = Object.entries(host.os).map(([key, value]) => ({
    name: `host.os.${key}`,
    json: JSON.stringify(value),
  }))
  return [name, { name: 'host.ip', json: JSON.stringify(host.ip) }, ...system]
}
