import type { SharedMember } from '../../src/core/chunk.ts'
import type { DraftEvent } from '../../src/core/event.ts'
import { createGeneralLane } from '../../src/lanes/general.ts'
import type { GeneralLaneOptions } from '../../src/lanes/general.ts'
import type { FileLane, LaneResult, LineBlock, Origin } from '../../src/lanes/lane.ts'
import { isJsonObject } from '../../src/parsers/json-object.ts'
import { documentText } from '../../src/render/document.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { storedEvents } from '../support/stored-event.ts'

/** 2026-01-20T12:00:00Z: all times in these tests are about this one. */
export const nowMs = Date.UTC(2026, 0, 20, 12)

export type LaneTestOptions = Partial<Omit<GeneralLaneOptions, 'enrich'>> & {
  readonly enrich?: Partial<GeneralLaneOptions['enrich']>
}

export function laneWith(options: LaneTestOptions = {}): ReturnType<typeof createGeneralLane> {
  return createGeneralLane(laneOptions(options))
}

/** What a lane of such a source is made of. */
export function laneOptions(options: LaneTestOptions = {}): GeneralLaneOptions {
  const { enrich, ...others } = options
  return {
    source: 'app',
    parse: 'auto',
    host: {
      name: 'web-1',
      ip: ['10.0.0.1', '10.0.0.2'],
      os: { type: 'linux', platform: 'debian', kernel: '6.1' },
    },
    fields: {},
    routes: 1,
    maxLineBytes: 256 * 1024,
    clock: new FakeClock(nowMs),
    hostTimezone: 'UTC',
    ...others,
    enrich: { host: true, trace: true, kubernetes: false, fields: {}, ...enrich },
  }
}

export const generation = '0123456789abcdef01234567'

export function openLane(options: LaneTestOptions = {}, origin: Partial<Origin> = {}): FileLane {
  return laneWith(options).open({ generation, path: '/var/log/app.log', ...origin })
}

/** Gives a whole block to the lane, which must not want to wait. */
export function process(
  lane: FileLane,
  text: string | Uint8Array,
  parts: Partial<LineBlock> = {},
): LaneResult {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const from = parts.from ?? 0
  const result = lane.process({ bytes, from, to: from + bytes.length, ...parts }, false)
  if (result === 'wait') throw new Error('the lane wants to wait')
  return { ...result, events: result.events.map(withIds) }
}

/** The event with its ids as texts, which a lane may have left where the line has them. */
function withIds(event: DraftEvent): DraftEvent {
  const { traceAt, traceLength = 0, spanAt, ...others } = { ...event, line: event.line }
  const textAt = (at: number, length: number): string =>
    Buffer.from(event.line.subarray(at, at + length)).toString('latin1')
  return {
    ...others,
    ...(traceAt !== undefined && { traceId: textAt(traceAt, traceLength) }),
    ...(spanAt !== undefined && { spanId: textAt(spanAt, 16) }),
  }
}

/** The events of some lines. */
export function eventsOf(text: string | Uint8Array, options: LaneTestOptions = {}): readonly DraftEvent[] {
  return process(openLane(options), text).events
}

export function eventOf(line: string | Uint8Array, options: LaneTestOptions = {}): DraftEvent {
  const bytes = Buffer.concat([Buffer.from(line), Buffer.from('\n')])
  const events = eventsOf(bytes, options)
  if (events.length !== 1) throw new Error(`${events.length} events`)
  return events[0]!
}

export function documentsOf(events: readonly DraftEvent[], shared: readonly SharedMember[]): string[] {
  return storedEvents(events, { shared }).map(documentText)
}

/** The document of one line, as text. */
export function documentOf(line: string, options: LaneTestOptions = {}): string {
  const lane = openLane(options)
  return documentsOf(process(lane, `${line}\n`).events, lane.shared)[0]!
}

/** The members of the document, without those that say where the line was read. */
export function membersOf(line: string, options: LaneTestOptions = {}): Record<string, unknown> {
  const document: unknown = JSON.parse(documentOf(line, options))
  if (!isJsonObject(document)) throw new Error('the document is no object')
  const members: Record<string, unknown> = { ...document }
  delete members['log.file.path']
  delete members['log.offset']
  return members
}

/** A reading of the file's time in the agent's form, for short expectations. */
export const readingTime = '2026-01-20T12:00:00.000Z'
