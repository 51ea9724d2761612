import * as fs from 'node:fs/promises'
import { descriptorLimit } from '../../platform/descriptor-limit.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { systemClock } from '../../platform/system-clock.ts'
import { readAccounts } from './accounts.ts'
import type { Account } from './accounts.ts'
import type { Host, InotifyUse, Space } from './host.ts'

/** Processes that are looked at for their watches: on a larger host the count is a part of it. */
const mostProcesses = 5_000

/** The host that this process runs on. */
export async function nodeHost(): Promise<Host> {
  const host = new NodeHost()
  await host.recognise()
  return host
}

class NodeHost implements Host {
  readonly fileSystem = nodeFileSystem
  readonly descriptorLimit = descriptorLimit()
  account: Account = {
    id: process.getuid?.() ?? 0,
    name: String(process.getuid?.() ?? 0),
    groups: [process.getgid?.() ?? 0, ...(process.getgroups?.() ?? [])],
  }

  async recognise(): Promise<void> {
    const known = (await readAccounts(nodeFileSystem)).account(this.account.id)
    if (known) this.account = { ...this.account, name: known.name }
  }

  readonly nowMs = (): number => systemClock.now()

  async space(path: string): Promise<Space | undefined> {
    const stats = await fs.statfs(path).catch(() => undefined)
    return (
      stats && {
        freeBytes: stats.bavail * stats.bsize,
        totalBytes: stats.blocks * stats.bsize,
        freeInodes: stats.ffree,
        totalInodes: stats.files,
      }
    )
  }

  async inotifyUse(userId: number): Promise<InotifyUse | undefined> {
    const processes = (await fs.readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
    let [instances, watches, seen] = [0, 0, 0]
    for (const id of processes.slice(0, mostProcesses)) {
      const owner = await fs.stat(`/proc/${id}`).catch(() => undefined)
      if (owner?.uid !== userId) continue
      const descriptors = await fs.readdir(`/proc/${id}/fd`).catch(() => undefined)
      if (descriptors) seen += 1
      for (const descriptor of descriptors ?? []) {
        const target = await fs.readlink(`/proc/${id}/fd/${descriptor}`).catch(() => '')
        if (target !== 'anon_inode:inotify') continue
        instances += 1
        const info = await fs.readFile(`/proc/${id}/fdinfo/${descriptor}`, 'utf8').catch(() => '')
        watches += info.match(/^inotify /gm)?.length ?? 0
      }
    }
    return seen === 0 && processes.length === 0 ? undefined : { instances, watches }
  }

  become(account: Account): boolean {
    if (account.id === this.account.id) return true
    try {
      process.setgroups?.([...account.groups])
      process.setgid?.(account.groups[0]!)
      process.setuid?.(account.id)
    } catch {
      return false
    }
    this.account = account
    return true
  }
}
