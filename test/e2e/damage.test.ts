import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig, assertAddsUp, sum } from '../support/agent-rig.ts'
import type { SourceRow, Status } from '../support/agent-rig.ts'

const lines = 2000

/** Killed with all lines in the buffer, of which the sink has the first half. */
async function killedRig(context: TestContext): Promise<AgentRig> {
  const rig = await AgentRig.open(context)
  rig.write(lines / 2, { pad: 200 })
  const agent = await rig.start()
  await until(async () => isShipped(await rig.status(agent)), 'the first half is shipped')
  await rig.sinkDown()
  rig.write(lines / 2, { pad: 200 })
  await until(
    async () => (await rig.status(agent)).ledger['app']?.read_events === lines,
    'all is in the buffer',
  )
  await agent.kill('SIGKILL')
  await rig.sinkUp()
  return rig
}

const isShipped = ({ ledger, files }: Status): boolean => {
  const row = ledger['app']
  const isRead = files.every(({ lag_bytes }) => lag_bytes === 0)
  return row !== undefined && row.read_events > 0 && isRead && row.sinks['es']!.in_buffer === 0
}

const segments = (rig: AgentRig): string[] =>
  readdirSync(join(rig.dataDir, 'buffer'))
    .filter((name) => name.endsWith('.seg'))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => join(rig.dataDir, 'buffer', name))

const largestSegment = (rig: AgentRig): string =>
  segments(rig).reduce((a, b) => (readFileSync(a).length >= readFileSync(b).length ? a : b))

/** Starts on what is there, waits until nothing waits any more, and returns the row of the ledger. */
async function shipRest(rig: AgentRig): Promise<SourceRow> {
  const agent = await rig.start()
  await until(async () => {
    const status = await rig.status(agent)
    assertAddsUp(status)
    return isShipped(status)
  }, 'nothing waits')
  const row = (await rig.status(agent)).ledger['app']!
  agent.child.kill('SIGTERM')
  assert.equal((await agent.exited).code, 0, agent.stderr)
  return row
}

function flip(path: string, at: (size: number) => number): void {
  const bytes = readFileSync(path)
  bytes[at(bytes.length)]! ^= 0x10
  writeFileSync(path, bytes)
}

const damages: Readonly<Record<string, (rig: AgentRig) => void>> = {
  'the last segment torn': (rig) => {
    const path = largestSegment(rig)
    truncateSync(path, readFileSync(path).length - 37)
  },
  'a byte flipped in the middle of a segment': (rig) => flip(largestSegment(rig), (size) => size >> 1),
  'a byte flipped in the header of a segment': (rig) => flip(segments(rig).at(-1)!, () => 20),
  'an empty segment behind the last': (rig) =>
    writeFileSync(join(rig.dataDir, 'buffer', '000000000099.seg'), ''),
  'a cursor of zeros': (rig) => {
    const path = join(rig.dataDir, 'cursors', 'es.cursor')
    writeFileSync(path, Buffer.alloc(readFileSync(path).length))
  },
  'a truncated cursor': (rig) => truncateSync(join(rig.dataDir, 'cursors', 'es.cursor'), 40),
  'garbage in buffer/ and everywhere': (rig) => {
    for (const folder of ['buffer', 'cursors', 'dead_letters', '.'])
      for (const name of ['README', '000000000098.seg', 'x.cursor', '.hidden'])
        writeFileSync(join(rig.dataDir, folder, name), 'this is not what you expect\0\n')
    mkdirSync(join(rig.dataDir, 'buffer', '000000000097.seg'))
    mkdirSync(join(rig.dataDir, 'dead_letters', 'es', 'folder'), { recursive: true })
  },
}

/** These touch what only the buffer knows: the files make up for it. */
const mendable = ['the last segment torn', 'a byte flipped in the middle of a segment', 'a cursor of zeros']

describe('after a kill and damage, with the files still there, all arrives and nothing false', () => {
  for (const what of mendable) {
    it(what, async (context) => {
      const rig = await killedRig(context)
      damages[what]!(rig)
      await shipRest(rig)
      assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
    })
  }
})

describe('after a kill and damage, with the files gone, the rest arrives, nothing false, and what is lost is counted', () => {
  for (const [what, damage] of Object.entries(damages)) {
    it(what, async (context) => {
      const rig = await killedRig(context)
      damage(rig)
      for (const file of readdirSync(rig.logs)) rmSync(join(rig.logs, file))
      const row = await shipRest(rig)
      const { lost, ...wrong } = tally(rig.uids(), rig.documents())
      assert.deepEqual(wrong, { invented: '0', doubled: '0' })
      const { dropped } = row.sinks['es']!
      // What a torn record held was never read, as far as anybody can tell.
      const unread = lines - row.read_events
      const told = `${lost}; dropped ${JSON.stringify(dropped)}, lost ${JSON.stringify(row.lost_bytes)}, unread ${unread}`
      assert.equal(lines - rig.documents().length, sum(dropped) + unread, told)
      assert.ok(sum(dropped) === 0 || row.lost_bytes['damaged']! > 0, told)
    })
  }
})

it('a torn last letter is cut off, whole ones and further ones are kept', async (context) => {
  const rig = await AgentRig.open(context)
  const folder = join(rig.dataDir, 'dead_letters', 'es')
  const letters = (): string[] =>
    readdirSync(folder)
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
      .filter((line) => line !== '')
      .map((line) => /uid[\\":]+(\w)/.exec(JSON.stringify(JSON.parse(line)))![1]!)
  rig.append('{"uid":"a","n":1}\n{"uid":"b","n":{"x":1}}\n{"uid":"c","n":{"x":1}}\n')
  assert.equal((await rig.once()).code, 1)
  assert.deepEqual(letters(), ['b', 'c'])
  const path = join(folder, readdirSync(folder)[0]!)
  truncateSync(path, readFileSync(path).length - 20)
  rig.append('{"uid":"d","n":{"x":2}}\n{"uid":"e","n":2}\n')
  const { code, stderr } = await rig.once()
  assert.equal(code, 1, stderr)
  assert.deepEqual(letters(), ['b', 'd'])
  assert.equal(rig.documents().length, 2)
})
