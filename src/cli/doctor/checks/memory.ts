import { formatBytes } from '../../../admin/quantities.ts'
import { limits } from '../../../core/limits.ts'
import { bytesOf } from '../../host/service.ts'
import { smallText } from '../../host/small-text.ts'
import { ok } from '../finding.ts'
import type { Check, Subject } from '../subject.ts'

/** What the process takes with few files and a sink: 135 to 180 MiB were measured (README, "What it costs"). */
const baseBytes = 160 * 1024 ** 2
/** What a watched file costs: 10,000 took 135 MiB in all. */
const fileBytes = 8 * 1024

export const memoryCheck: Check = {
  name: 'memory',
  async run(subject) {
    const wanted = await wantedBytes(subject)
    const limit = await limitBytes(subject)
    if (limit === undefined)
      return [ok(`no limit; the agent wants ${formatBytes(wanted)} at the most by this config`)]
    const seen = `limit ${formatBytes(limit.bytes)} (${limit.from}), the agent may want ${formatBytes(wanted)}`
    if (limit.bytes >= wanted) return [ok(seen)]
    return [
      {
        severity: 'warning',
        seen,
        why: 'Above the limit the kernel kills the agent, again and again while a sink is behind. Nothing is lost, but nothing gets on either.',
        mend: `Raise it to ${formatBytes(wanted)}, or lower "batch.max_bytes" and "max_in_flight" of the sinks.`,
      },
    ]
  },
}

/** An upper estimate: the process, its files, and for each sink what may wait and be in flight. */
async function wantedBytes({ loaded, survey }: Subject): Promise<number> {
  const { files } = await survey()
  const sinks = Object.values(loaded.config.sinks).map(({ batch, max_in_flight: inFlight }) => {
    const bytes =
      typeof batch === 'object' && batch !== null && 'max_bytes' in batch ? Number(batch.max_bytes) : 0
    return Math.max(limits.waitingBatchBytes, bytes * (inFlight + 1))
  })
  return baseBytes + files.length * fileBytes + sinks.reduce((sum, bytes) => sum + bytes, 0)
}

async function limitBytes({ host, service }: Subject): Promise<{ bytes: number; from: string } | undefined> {
  const ofUnit = bytesOf(service?.value('MemoryMax'))
  if (ofUnit !== undefined) return { bytes: ofUnit, from: `MemoryMax of ${service!.name}` }
  if (service) return undefined
  // Of a container: its own cgroup is the root that it sees.
  for (const path of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    const text = (await smallText(host.fileSystem, path))?.trim()
    // Version 1 writes "no limit" as a number near 2^63.
    if (text !== undefined && /^\d{1,15}$/.test(text)) return { bytes: Number(text), from: path }
  }
  return undefined
}
