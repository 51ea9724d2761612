import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { mulberry32 } from '../support/fake-faults.ts'
import { LogWriter } from '../support/log-writer.ts'
import { KillRig, nothingWrong, tally } from './kill-rig.ts'

/** 10 in `npm test`, 200 in `npm run torture`. */
const kills = Number(process.env['LOGFERRY_KILLS'] ?? 10)
const seed = Number(process.env['LOGFERRY_SEED'] ?? Date.now() % 1e9)

const elasticsearchFaults = {
  reset: 0.03,
  lostAck: 0.05,
  hangStored: 0.01,
  hang: 0.01,
  cut: 0.02,
  garbage: 0.01,
  refuse: 0.05,
  statuses: [503, 429, 500],
  items: [{ share: 0.01, status: 429 }],
}
const lokiFaults = {
  reset: 0.03,
  lost_ack: 0.05,
  cut: 0.02,
  hang: 0.01,
  partial: 0.03,
  status: { '503': 0.03, '429': 0.03 },
}

/** Writes some lines every few milliseconds, through rotations, until told to stop. */
async function writeUntil(writer: LogWriter, stop: AbortSignal, random: () => number): Promise<void> {
  while (!stop.aborted) {
    writer.write(1 + Math.floor(random() * 20))
    await sleep(10)
  }
}

/** One kill in four comes at some moment of the start, the others while it ships: however slow the machine is. */
async function killAtRandom(rig: KillRig, count: number, random: () => number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const agent = rig.start()
    const isEarly = random() < 0.25
    if (!isEarly) await agent.started
    await sleep(random() * (isEarly ? 600 : 900))
    await rig.kill()
  }
}

/** Everything is shipped by runs of `--once`; an agent that a fault left unfinished is asked again. */
async function shipRest(rig: KillRig): Promise<string> {
  const agent = rig.start(['--once', '--timeout', '60s'])
  const { code } = await agent.exited
  return `exit ${code}: ${agent.stderr.slice(-2000)}`
}

function report(context: TestContext, rig: KillRig, writer: LogWriter): void {
  const documents = rig.elasticsearch.documents()
  const rewritten = documents.filter((document) => document.version > 1).length
  context.diagnostic(
    `seed ${seed}: ${writer.written} lines, ${writer.rotations} rotations, ${rig.starts} starts; Elasticsearch ${documents.length} documents (${rewritten} written twice); ` +
      `Loki ${rig.loki.entries().length} entries (${rig.loki.repeated} sent again and recognised)`,
  )
}

function assertExactlyOnce(rig: KillRig, uids: readonly string[], ending: string): void {
  const documents = rig.elasticsearch.documents()
  assert.deepEqual(
    tally(
      uids,
      documents.map((document) => document.source),
    ),
    nothingWrong,
    `Elasticsearch, seed ${seed}; ${ending}`,
  )
  assert.deepEqual(
    tally(
      uids,
      rig.loki.entries().map((entry) => entry.line),
    ),
    nothingWrong,
    `Loki, seed ${seed}; ${ending}`,
  )
}

/**
 * A file that came and was renamed to a name that no glob matches while no agent ran is nobody's: what is outside the
 * globs is rotated only once something of the file was seen to arrive.
 */
const seenBefore = (rig: KillRig) => (before: number) =>
  rig.elasticsearch
    .documents()
    .some(({ source }) => Number(/"uid":"k-(\d+)"/.exec(source)?.[1] ?? -1) >= before)

for (const where of ['outside', 'inside'] as const) {
  test(`${kills} kills while it ships through rotation to failing sinks lose and double nothing (rotated names ${where} the glob)`, async (context) => {
    const random = mulberry32(seed)
    const include = [where === 'inside' ? 'app.log*' : 'app.log']
    const rig = new KillRig({ seed, include, elasticsearchFaults, lokiFaults })
    context.after(() => rig.close())
    await rig.sinksUp()
    // One rotation a start on average: a chain of a thousand names that moves twice a second is nobody's logrotate.
    const mayRotate = where === 'inside' ? () => writer.rotations < rig.starts : seenBefore(rig)
    const writer: LogWriter = new LogWriter({
      folder: rig.logs,
      name: 'app.log',
      prefix: 'k',
      rotateLines: 400,
      keep: 1000,
      mayRotate,
    })
    const stop = new AbortController()
    const writing = writeUntil(writer, stop.signal, random)
    await killAtRandom(rig, kills, random)
    stop.abort()
    await writing
    const ending = await shipRest(rig)
    report(context, rig, writer)
    assertExactlyOnce(rig, writer.uids(), ending)
    assert.match(ending, /^exit 0/)
  })
}

test(`${kills} kills with the sinks down for the first half and the files deleted before they come back lose and double nothing`, async (context) => {
  const random = mulberry32(seed + 1)
  const rig = new KillRig({ seed, include: ['app.log*'], elasticsearchFaults, lokiFaults })
  context.after(() => rig.close())
  await rig.sinksUp()
  await rig.sinksDown()
  const writer = new LogWriter({
    folder: rig.logs,
    name: 'app.log',
    prefix: 'd',
    rotateLines: 400,
    keep: 1000,
  })
  const stop = new AbortController()
  const writing = writeUntil(writer, stop.signal, random)
  await killAtRandom(rig, Math.ceil(kills / 2), random)
  stop.abort()
  await writing
  // One run to the end of the files with the sinks still away: from here on only the buffer has the lines.
  // Long enough for a machine that reads 5,000 lines a second: what was not read when the files go is lost by the test, not by the agent.
  const reading = rig.start(['--once', '--timeout', `${4 + Math.ceil(writer.written / 5_000)}s`])
  await reading.exited
  for (const file of readdirSync(rig.logs)) rmSync(join(rig.logs, file))
  await rig.sinksUp()
  await killAtRandom(rig, Math.floor(kills / 2), random)
  const ending = await shipRest(rig)
  report(context, rig, writer)
  assertExactlyOnce(rig, writer.uids(), ending)
})
