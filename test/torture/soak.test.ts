import assert from 'node:assert/strict'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mulberry32 } from '../support/fake-faults.ts'
import type { CountedFile } from './harness/counted-file.ts'
import { scaled, seed } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import type { TortureRig } from './harness/torture-rig.ts'
import { descriptorsOf, memoryOf } from './harness/watch.ts'

const minutes = Number(process.env['LOGFERRY_SOAK_MINUTES'] ?? scaled({ short: 0, full: 2, long: 32 }))
/** Rotated files that stay: an outage is shorter than they last. */
const kept = 5
const linesPerTurn = 20
const turnMs = 50
/** Small segments: what the last ones hold must not hide growth. */
const buffer = { max_bytes: '64MiB' }

interface Sample {
  readonly rssBytes: number
  readonly descriptors: number
  readonly files: number
  readonly dataBytes: number
}

const everything = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const sizeOf = (path: string): number => {
  try {
    return statSync(path).size
  } catch {
    return 0 // It went while we looked.
  }
}

function sample(rig: TortureRig): Sample {
  const pid = rig.agent!.child.pid!
  const files = everything(rig.dataDir)
  return {
    rssBytes: memoryOf(pid, 'VmRSS'),
    descriptors: descriptorsOf(pid),
    files: files.length,
    dataBytes: files.reduce((sum, path) => sum + sizeOf(path), 0),
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Four programs that rotate every 400 lines each. */
async function writeOn(files: readonly CountedFile[], untilMs: number): Promise<void> {
  while (Date.now() < untilMs) {
    for (const file of files) {
      file.write(linesPerTurn / files.length)
      if (file.written % 400 !== 0) continue
      file.rotateNumbered()
      rmSync(`${file.path}.${kept + 1}`, { force: true })
    }
    await sleep(turnMs)
  }
}

/** One sink is away for some seconds, then the other. */
async function flap(rig: TortureRig, untilMs: number, random: () => number): Promise<number> {
  let flaps = 0
  for (; Date.now() < untilMs; flaps++) {
    const sink = flaps % 2 === 0 ? 'es' : 'loki'
    await sleep(2_000 + random() * 4_000)
    await rig.sinkDown(sink)
    await sleep(1_000 + random() * 3_000)
    await rig.sinkUp(sink)
  }
  return flaps
}

/** A source, a sink, a setting and a mistake, in turns. */
async function edit(rig: TortureRig, untilMs: number): Promise<number> {
  let edits = 0
  for (; Date.now() < untilMs; edits++) {
    await sleep(5_000)
    const build = String(edits)
    if (edits % 4 === 0) rig.configure({ source: { fields: { build } } })
    else if (edits % 4 === 1)
      rig.configure({ elasticsearch: { batch: { max_wait: '20ms', max_events: 300 + (edits % 200) } } })
    else if (edits % 4 === 2) rig.configure({ config: { buffer, enrich: { fields: { build } } } })
    else writeFileSync(rig.configPath, '{ "data_dir": ')
  }
  rig.configure({})
  return edits
}

/** Every fifth of a minute, the first minutes left out: caches and pools fill then. */
async function samples(rig: TortureRig, untilMs: number): Promise<Sample[]> {
  const all: Sample[] = []
  const every = Math.max(1_000, (minutes * 60_000) / 150)
  for (; Date.now() < untilMs;) {
    await sleep(every)
    all.push(sample(rig))
  }
  return all.slice(all.length >> 2)
}

function assertFlat(all: readonly Sample[], what: keyof Sample, allowance: number): string {
  const third = Math.floor(all.length / 3)
  const before = median(all.slice(0, third).map((one) => one[what]))
  const after = median(all.slice(-third).map((one) => one[what]))
  assert.ok(after <= before + allowance, `${what} grew from ${before} to ${after}`)
  return `${what} ${before} → ${after}`
}

scenario(
  'SOAK',
  `${minutes} minutes of rotation, reloads and flapping sinks: nothing lost, nothing grows`,
  {
    from: 'full',
    include: ['*.log*'],
    config: { buffer },
    elasticsearchFaults: { reset: 0.01, lostAck: 0.01, cut: 0.01, refuse: 0.01, statuses: [503, 429] },
    lokiFaults: { reset: 0.01, lost_ack: 0.01, partial: 0.01, status: { '503': 0.01, '429': 0.01 } },
  },
  async (rig) => {
    const files = ['a.log', 'b.log', 'c.log', 'd.log'].map((name) => rig.file(name))
    const untilMs = Date.now() + minutes * 60_000
    await rig.start()
    const [all, flaps, edits] = await Promise.all([
      samples(rig, untilMs),
      flap(rig, untilMs, mulberry32(seed)),
      edit(rig, untilMs),
      writeOn(files, untilMs),
    ])
    await rig.arrived(undefined, 120_000)
    const told = [
      assertFlat(all, 'rssBytes', 24 * 2 ** 20),
      assertFlat(all, 'descriptors', 12),
      assertFlat(all, 'files', 6),
      assertFlat(all, 'dataBytes', 8 * 2 ** 20),
    ]
    rig.note(`${flaps} outages, ${edits} edits, ${all.length} samples: ${told.join(', ')}`)
  },
)
