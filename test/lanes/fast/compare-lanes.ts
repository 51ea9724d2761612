import assert from 'node:assert/strict'
import type { Chunk } from '../../../src/core/chunk.ts'
import { recordFromChunk } from '../../../src/buffer/record-codec.ts'
import { createFastLane } from '../../../src/lanes/fast/fast.ts'
import { joinResults } from '../../../src/sources/join-results.ts'
import type { FileLane, Lane, LaneResult } from '../../../src/lanes/lane.ts'
import { documentText } from '../../../src/render/document.ts'
import { generation, laneOptions, laneWith } from '../lane-under-test.ts'
import type { LaneTestOptions } from '../lane-under-test.ts'
import { stepList } from '../../steps/steps-under-test.ts'

/** `stepConfigs`: of steps that each lane gets for itself, as they count what goes wrong. */
export type ComparedOptions = LaneTestOptions & { readonly stepConfigs?: readonly unknown[] }

export const path = '/var/log/pods/shop_cart_0a1b/app/0.log'

/** What came of some blocks of a file in one lane: the events as a record gives them back, and what the checkpoint keeps. */
function outcome(lane: Lane, blocks: readonly Buffer[]): { same: unknown; byKernel: number } {
  const file = lane.open({ generation, path })
  let from = 0
  const events: unknown[] = []
  const states: unknown[] = []
  let [parseErrors, filtered, byKernel] = [0, 0, 0]
  for (const bytes of [...blocks, undefined]) {
    const to = from + (bytes?.length ?? 0)
    const result = bytes ? file.process({ bytes, from, to }, false) : file.flush(true)
    if (result === 'wait') throw new Error('the lane waits')
    events.push(...storedEvents(file, result, { from, to }))
    for (const run of result.encoded ?? []) byKernel += run.count
    file.recycle?.(result.events)
    parseErrors += result.parseErrors
    filtered += result.filtered
    const { pending, parser, lastTime, lastBump } = result
    const { seconds, nanos } = lastTime
    states.push({ pending, parser, lastTime: { seconds, nanos }, lastBump })
    from = to
  }
  return { same: { events, counts: { parseErrors, filtered }, states }, byKernel }
}

function storedEvents(file: FileLane, result: LaneResult, stretch: { from: number; to: number }): unknown[] {
  const head = { device: 0, inode: 0, headLength: 0, headHash: 0, mark: new Uint8Array(0), goneAtMs: 0 }
  const { pending, parser, lastTime, lastBump } = result
  const state = { offset: stretch.to, pending, parser, lastTime, lastBump }
  const chunk: Chunk = {
    source: 'app',
    generation,
    host: file.host,
    ...stretch,
    checkpoint: { source: 'app', generation, path, ...head, ...state },
    moves: true,
    shared: file.shared,
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

/** Fails unless both lanes make the same of the blocks of a file. Returns how many lines these were, and how many events the kernel made. */
export function compareLanes(
  { stepConfigs, ...config }: ComparedOptions,
  blocks: readonly Buffer[],
): { lines: number; byKernel: number } {
  const [steps, fastSteps] = [1, 2].map(() => (stepConfigs ? stepList(stepConfigs) : undefined))
  const general = outcome(laneWith({ ...config, steps }), blocks)
  const fast = outcome(createFastLane(laneOptions({ ...config, steps: fastSteps })), blocks)
  assert.deepEqual(fast.same, general.same)
  assert.deepEqual(fastSteps?.troubles, steps?.troubles)
  const lines = blocks.reduce((total, block) => total + block.filter((byte) => byte === 0x0a).length, 0)
  return { lines, byKernel: fast.byKernel }
}
