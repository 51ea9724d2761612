import assert from 'node:assert/strict'
import type { ContainerFacts } from '../../../src/core/containers.ts'
import type { Chunk } from '../../../src/core/chunk.ts'
import { recordFromChunk } from '../../../src/buffer/record-codec.ts'
import { createFastLane } from '../../../src/lanes/fast/fast.ts'
import { joinResults } from '../../../src/sources/join-results.ts'
import type { FileLane, Lane, LaneResult, LineBlock } from '../../../src/lanes/lane.ts'
import { documentText } from '../../../src/render/document.ts'
import { laneOptions, laneWith } from '../lane-under-test.ts'
import type { LaneTestOptions } from '../lane-under-test.ts'
import { stepList } from '../../steps/steps-under-test.ts'

/** `stepConfigs`: of steps that each lane gets for itself, as they count what goes wrong. */
export type ComparedOptions = LaneTestOptions & { readonly stepConfigs?: readonly unknown[] }

/** A block of the file at `path`. Files take their turns in a lane, as those of a source do. */
export interface Turn {
  readonly path: string
  readonly bytes: Buffer
  /** Before it the agent stops, and goes on from the file's checkpoint. */
  readonly isRestart?: boolean
  /** Before it this is heard of the container: the lane is opened anew, as for a restart. */
  readonly container?: ContainerFacts | undefined
}

interface Compared {
  readonly lines: number
  /** Events that the kernel made. */
  readonly byKernel: number
}

export const path = '/var/log/pods/shop_cart_0a1b/app/0.log'

/** Fails unless both lanes make the same of the blocks of a file. */
export function compareLanes(options: ComparedOptions, blocks: readonly Buffer[]): Compared {
  return compareTurns(
    options,
    blocks.map((bytes) => ({ path, bytes })),
  )
}

/** The same of the blocks of several files. */
export function compareTurns({ stepConfigs, ...config }: ComparedOptions, turns: readonly Turn[]): Compared {
  const [steps, fastSteps] = [1, 2].map(() => (stepConfigs ? stepList(stepConfigs) : undefined))
  const general = outcome(laneWith({ ...config, steps }), turns)
  const fast = outcome(createFastLane(laneOptions({ ...config, steps: fastSteps })), turns)
  assert.deepEqual(fast.same, general.same)
  assert.deepEqual(fastSteps?.troubles, steps?.troubles)
  const lines = turns.reduce((total, { bytes }) => total + bytes.filter((byte) => byte === 0x0a).length, 0)
  return { lines, byKernel: fast.byKernel }
}

/** What came of the turns in one lane: the events as records give them back, and what the checkpoints keep. */
function outcome(lane: Lane, turns: readonly Turn[]): { same: unknown; byKernel: number } {
  const files = new Map<string, FileUnderTest>()
  for (const turn of turns) {
    const file = files.get(turn.path) ?? new FileUnderTest(lane, turn.path, files.size)
    files.set(turn.path, file)
    if ('container' in turn) file.container = turn.container
    if (turn.isRestart === true || 'container' in turn) file.restart(lane)
    file.take(turn.bytes)
  }
  for (const file of files.values()) file.end()
  const all = [...files.values()]
  const same = all.map(({ events, states, counts }) => ({ events, states, counts }))
  return { same, byKernel: all.reduce((sum, file) => sum + file.byKernel, 0) }
}

const nothingRead = { parser: '', lastTime: { seconds: 0, nanos: 0 }, lastBump: 0 }

class FileUnderTest {
  readonly events: unknown[] = []
  readonly states: unknown[] = []
  readonly counts = { parseErrors: 0, filtered: 0 }
  byKernel = 0
  container: ContainerFacts | undefined
  readonly #place: { readonly path: string; readonly generation: string }
  #lane: FileLane
  #bytes: Buffer = Buffer.alloc(0)
  #state: Pick<LaneResult, 'pending' | 'parser' | 'lastTime' | 'lastBump'> | undefined

  constructor(lane: Lane, at: string, number: number) {
    this.#place = { path: at, generation: `0123456789abcdef0123456${number}` }
    this.#lane = lane.open(this.#place)
  }

  take(bytes: Buffer): void {
    const from = this.#bytes.length
    const block: LineBlock = { bytes, from, to: from + bytes.length }
    const result = this.#lane.process(block, false)
    if (result === 'wait') throw new Error('the lane waits')
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    this.#keep(result, block)
  }

  restart(lane: Lane): void {
    const { container } = this
    const { pending, ...resume } = this.#state ?? { pending: [], ...nothingRead }
    this.#lane = lane.open({ ...this.#place, container, resume })
    for (const range of pending) this.#lane.resume(range, this.#bytes.subarray(range.from, range.to))
  }

  end(): void {
    const to = this.#bytes.length
    this.#keep(this.#lane.flush(true), { from: to, to })
  }

  #keep(result: LaneResult, stretch: { from: number; to: number }): void {
    this.events.push(...this.#stored(result, stretch))
    for (const run of result.encoded ?? []) this.byKernel += run.count
    this.#lane.recycle?.(result.events)
    this.counts.parseErrors += result.parseErrors
    this.counts.filtered += result.filtered
    const { pending, parser, lastTime, lastBump } = result
    const { seconds, nanos } = lastTime
    this.#state = { pending, parser, lastTime: { seconds, nanos }, lastBump }
    this.states.push(this.#state)
  }

  #stored(result: LaneResult, { from, to }: { from: number; to: number }): unknown[] {
    const { pending, parser, lastTime, lastBump } = result
    const head = { device: 0, inode: 0, headLength: 0, headHash: 0, mark: new Uint8Array(0), goneAtMs: 0 }
    const state = { offset: to, pending, parser, lastTime, lastBump }
    const chunk: Chunk = {
      source: 'app',
      generation: this.#place.generation,
      host: this.#lane.host,
      from,
      to,
      checkpoint: { source: 'app', ...this.#place, ...head, ...state },
      moves: true,
      shared: this.#lane.shared,
      ...joinResults([result]),
      lost: [],
    }
    const stored = recordFromChunk(chunk)
    return Array.from({ length: stored.count }, (_, index) => {
      const event = stored.event(index)
      return {
        from: event.from,
        to: event.to,
        time: [event.seconds, event.nanos, event.precision, event.bump],
        severity: event.severity,
        flags: event.flags,
        body: event.body,
        suppressed: event.suppressed,
        routes: event.routes,
        members: event.members,
        edits: event.edits,
        ids: [event.traceId, event.spanId],
        line: event.line.toString('latin1'),
        document: documentText(event),
      }
    })
  }
}
