import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { get } from '../../support/raw-http.ts'
import { until } from '../../support/fake-clock.ts'
import { uidOf } from './counted-lines.ts'
import type { TortureRig } from './torture-rig.ts'

/** What a test asks of a dead letter. */
export interface Letter {
  readonly sink: string
  readonly reason: string
  readonly status: number
  readonly type: string
  readonly text: string
  readonly event: { readonly target: string; readonly body: string }
}

/** The dead letters on disk, oldest first. */
export function letters(rig: TortureRig): Letter[] {
  const folder = join(rig.dataDir, 'dead_letters')
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((sink) =>
    readdirSync(join(folder, sink))
      .filter((file) => file.endsWith('.ndjson'))
      .flatMap((file) =>
        readFileSync(join(folder, sink, file), 'utf8')
          .split('\n')
          .filter(Boolean),
      )
      .map((line): Letter => JSON.parse(line)),
  )
}

/** Of one sink: each event that is dead, as `UID REASON STATUS TYPE`; an event that is not whole is `torn`. */
export const obituaries = (rig: TortureRig, sink: 'es' | 'loki'): string[] =>
  letters(rig)
    .filter((letter) => letter.sink === sink)
    .map(({ reason, status, type, event }) => `${uidOf(event.body) ?? 'torn'} ${reason} ${status} ${type}`)
    .toSorted()

/** One sample of the agent's metrics; 0 where there is none. */
export async function metric(rig: TortureRig, sample: string): Promise<number> {
  const url = /"admin":"([^"]+)"/.exec(rig.agent?.stderr ?? '')?.[1]
  if (url === undefined) throw new Error('no agent is up')
  const { body } = await get(url, '/metrics')
  const line = body.split('\n').find((one) => one.startsWith(`${sample} `))
  return Number(line?.slice(sample.length) ?? 0)
}

/** Every event that was written is acknowledged or a dead letter. */
export async function isSettled(rig: TortureRig, sink: 'es' | 'loki'): Promise<void> {
  const settled = async (): Promise<boolean> => {
    const row = (await rig.status()).ledger['app']
    return row?.read_events === rig.written && row.sinks[sink]!.in_buffer === 0
  }
  await until(settled, `all is settled at ${sink}`, 30_000).catch((error: unknown) => {
    throw new Error(rig.agent?.stderr.slice(-3000), { cause: error })
  })
}
