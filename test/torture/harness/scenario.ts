import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertAddsUp, sum } from '../../support/agent-rig.ts'
import type { SourceRow, Status } from '../../support/agent-rig.ts'
import { until } from '../../support/fake-clock.ts'
import { judge, nothingWrong } from './counted-lines.ts'
import type { Verdict } from './counted-lines.ts'
import { report } from './report.ts'
import { reaches, scale, seed } from './scale.ts'
import type { Scale } from './scale.ts'
import { TortureRig } from './torture-rig.ts'
import type { RigOptions } from './torture-rig.ts'

/** What may differ from "all of it, once, whole, in order". Each of these needs its reason beside it. */
export interface Ending {
  /** Parts of the verdict of each sink. */
  readonly es?: Partial<Verdict>
  readonly loki?: Partial<Verdict>
  /** `lost_bytes` of the ledger by reason; none by default. */
  readonly lostBytes?: Readonly<Record<string, number>>
  /** `dropped` of the ledger, all sinks together; none by default. */
  readonly dropped?: Readonly<Record<string, number>>
  /** Lines that nobody has read: the scenario took them away first. */
  readonly unread?: number
  readonly deadLettered?: number
  /** Documents at Elasticsearch beyond those acknowledged: somebody else's, and copies that it cannot tell. */
  readonly foreign?: number
  /** Entries at Loki that were given up, counted as dropped, and stored by a server that was only slow to say so. */
  readonly late?: number
  /** Events beside those of the lines: what a scenario has on two files, and so twice, is read twice. */
  readonly readTwice?: number
  /** Events that hold no line of a writer: so many in each sink, and left out of its verdict. */
  readonly others?: { readonly count: number; readonly isOne: (stored: string) => boolean }
  /** Acknowledged by Loki, and the same entry there as another event: equal labels, time, line and metadata. */
  readonly unitedByLoki?: number
  /** Exit code of the `--once` that ships what is left; 0 by default. */
  readonly exitCode?: number
  readonly maxRssBytes?: number
  readonly maxDescriptors?: number
}

export interface ScenarioOptions extends RigOptions {
  /** From which scale on it is run: `short` (the default) is in `npm test`. */
  readonly from?: Scale
  /** Why it cannot be run here; false where it can. */
  readonly skip?: string | false
}

/** No scenario may take more of a host than this, whatever goes wrong in it: log files, sockets, segments. */
const ceiling = { rssBytes: 320 * 2 ** 20, descriptors: 330 }

/**
 * A named test of the catalogue in `shared/research/reliability.md`: does its worst, then ships what is left by `--once`,
 * and asserts exact counts for each sink, a ledger that adds up to what the fakes have, and bounds. A body that returns
 * nothing expects every line once, whole and in order.
 */
export function scenario(
  id: string,
  sentence: string,
  options: ScenarioOptions,
  body: (rig: TortureRig) => Promise<Ending | void>,
): void {
  if (!reaches(options.from ?? 'short')) return
  test(`${id}: ${sentence}`, { skip: options.skip ?? false }, async (context) => {
    const began = Date.now()
    const rig = new TortureRig(options)
    context.after(() => rig.close())
    await rig.sinksUp()
    const ending = (await body(rig)) ?? {}
    const { row, peaks } = await settleAndJudge(rig, ending)
    const seconds = (Date.now() - began) / 1000
    const rotations = rig.writers.reduce((total, writer) => total + writer.rotations, 0)
    const resent = rig.elasticsearch.indices.repeated + rig.loki.repeated
    context.diagnostic(
      `${id} (${scale}, seed ${seed}): ${rig.written} lines, ${rig.starts} starts, ${rotations} rotations, ` +
        `${resent} copies recognised, peak ${Math.round(peaks.rssBytes / 2 ** 20)} MiB, ${peaks.descriptors} descriptors, ${seconds} s${rig.notes.map((note) => `; ${note}`).join('')}`,
    )
    const verdicts = Object.values(rig.verdicts())
    report({
      id,
      sentence,
      lines: rig.written,
      starts: rig.starts,
      rotations,
      lost: Math.max(...verdicts.map(({ lost }) => Number.parseInt(lost))),
      doubled: Math.max(...verdicts.map(({ doubled }) => Number.parseInt(doubled))),
      resent,
      lostBytes: row.lost_bytes,
      dropped: droppedOf(row),
      deadLettered: deadLettersIn(rig.dataDir),
      peakRssBytes: peaks.rssBytes,
      peakDescriptors: peaks.descriptors,
      seconds,
    })
  })
}

/** What `scenario` does at its end; a sweep that needs many rigs calls it for each. */
export async function settleAndJudge(
  rig: TortureRig,
  ending: Ending,
): Promise<{ row: SourceRow; peaks: { rssBytes: number; descriptors: number } }> {
  const row = await settle(rig, ending)
  assertVerdicts(rig, ending)
  assertLedger(rig, row, ending)
  return { row, peaks: assertBounds(rig, ending) }
}

/**
 * Returns what the ledger says once nothing waits. An agent that is up and has shipped all is asked itself; else it is
 * stopped, what is left is shipped by `--once`, and a further start is asked.
 */
async function settle(rig: TortureRig, ending: Ending): Promise<SourceRow> {
  let told = `seed ${seed}`
  const isWhole = rig.hasAll(ending.deadLettered)
  if (rig.agent && ending.exitCode === undefined && (isWhole || (await nothingIsLeft(rig, ending)))) {
    await until(async () => isSettled(await rig.status()), 'the last acknowledgements are counted')
  } else {
    await rig.stop()
    // After 1,000 kills a million lines: at a few thousand a second, to sinks that fail on purpose, two minutes were too short.
    const seconds = 120 + Math.ceil(rig.written / 1_000)
    const agent = rig.spawn(['--once', '--timeout', `${seconds}s`])
    const { code } = await agent.exited
    told += `: ${agent.stderr.slice(-3000)}`
    assert.equal(code, ending.exitCode ?? 0, told)
    await rig.start()
  }
  const status = await rig.status()
  assertAddsUp(status)
  await rig.stop()
  const row = status.ledger['app']
  assert.ok(row, told)
  return row
}

/** Where lines became dead letters or were dropped, the sinks never have all. */
async function nothingIsLeft(rig: TortureRig, ending: Ending): Promise<boolean> {
  const status = await rig.status()
  return isSettled(status) && status.ledger['app']?.read_events === rig.written - (ending.unread ?? 0)
}

const isSettled = ({ ledger, files }: Status): boolean =>
  files.every(({ lag_bytes }) => lag_bytes === 0) &&
  Object.values(ledger['app']?.sinks ?? {}).every(({ in_buffer }) => in_buffer === 0)

function assertVerdicts(rig: TortureRig, ending: Ending): void {
  const { others } = ending
  for (const sink of rig.sinks) {
    const stored = rig.stored()[sink]
    const lines = others ? stored.filter((line) => !others.isOne(line)) : stored
    assert.equal(stored.length - lines.length, others?.count ?? 0, `${sink}, seed ${seed}`)
    const verdict = judge(rig.uids(), lines)
    const expected = { ...nothingWrong, ...(sink === 'es' ? ending.es : ending.loki) }
    assert.deepEqual(verdict, expected, `${sink}, seed ${seed}`)
  }
}

/** The agent's own account equals what the fakes hold and what the writers wrote. */
function assertLedger(rig: TortureRig, row: SourceRow, ending: Ending): void {
  const told = `${JSON.stringify(row)}, seed ${seed}`
  assert.deepEqual(row.lost_bytes, ending.lostBytes ?? {}, told)
  assert.deepEqual(droppedOf(row), ending.dropped ?? {}, told)
  const { unread = 0, readTwice = 0, others, unitedByLoki = 0 } = ending
  assert.equal(row.read_events, rig.written - unread + readTwice + (others?.count ?? 0), told)
  for (const sink of rig.sinks) {
    const { acknowledged, in_buffer } = row.sinks[sink]!
    const unheard = sink === 'es' ? (ending.foreign ?? 0) : (ending.late ?? 0) - unitedByLoki
    assert.equal(
      acknowledged,
      rig.storedCount(sink) - unheard,
      `${sink} holds what was acknowledged: ${told}`,
    )
    assert.equal(in_buffer, 0, told)
  }
  const deadLettered = rig.sinks.reduce((total, sink) => total + row.sinks[sink]!.dead_lettered, 0)
  assert.equal(deadLettered, ending.deadLettered ?? 0, told)
  assert.equal(deadLettersIn(rig.dataDir), deadLettered, `each dead letter is on disk: ${told}`)
}

function assertBounds(rig: TortureRig, ending: Ending): { rssBytes: number; descriptors: number } {
  const rssBytes = Math.max(...rig.watches.map((watch) => watch.peakRssBytes))
  const descriptors = Math.max(...rig.watches.map((watch) => watch.peakDescriptors))
  assert.ok(rssBytes <= (ending.maxRssBytes ?? ceiling.rssBytes), `peak ${rssBytes} bytes of memory`)
  assert.ok(descriptors <= (ending.maxDescriptors ?? ceiling.descriptors), `peak ${descriptors} descriptors`)
  return { rssBytes, descriptors }
}

function droppedOf(row: SourceRow): Record<string, number> {
  const all: Record<string, number> = {}
  for (const { dropped } of Object.values(row.sinks))
    for (const [reason, count] of Object.entries(dropped)) all[reason] = (all[reason] ?? 0) + count
  for (const [reason, count] of Object.entries(all)) if (count === 0) delete all[reason]
  assert.ok(sum(all) >= 0)
  return all
}

function deadLettersIn(dataDir: string): number {
  const folder = join(dataDir, 'dead_letters')
  if (!existsSync(folder)) return 0
  let count = 0
  for (const sink of readdirSync(folder))
    for (const file of readdirSync(join(folder, sink)))
      if (file.endsWith('.ndjson'))
        count += readFileSync(join(folder, sink, file), 'utf8')
          .split('\n')
          .filter(Boolean).length
  return count
}
