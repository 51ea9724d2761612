import type { DraftEvent } from '../../src/core/event.ts'
import { isJsonObject } from '../../src/parsers/json-object.ts'
import { createSteps } from '../../src/steps/run-steps.ts'
import type { StepList } from '../../src/steps/run-steps.ts'
import type { StepConfig } from '../../src/steps/schema.ts'
import { stepsSchema } from '../../src/steps/schema.ts'
import { documentsOf, openLane, process } from '../lanes/lane-under-test.ts'

type LaneOptions = NonNullable<Parameters<typeof openLane>[0]>

export const hashKey = 'a key for tests that nobody else has'

/** Sinks by their bits. */
const sinks = ['es', 'loki', 'archive']

export function stepList(steps: readonly unknown[], all: readonly unknown[] = []): StepList {
  const config = (list: readonly unknown[]): readonly StepConfig[] => stepsSchema('').parse(list)
  const made = createSteps(config(steps), config(all), {
    bitOf: (sink) => sinks.indexOf(sink),
    hashKey,
  })
  if (!made) throw new Error('no steps')
  return made
}

export interface Result {
  /** Undefined for an event that was filtered out. */
  readonly event: DraftEvent | undefined
  /** What Loki gets with `line: raw`. */
  readonly line: string
  readonly document: string
  readonly filteredBy: string
  readonly routes: number
  readonly errors: number
  readonly parseErrors: number
}

/** One line through a lane with these steps. */
export function run(steps: readonly unknown[] | StepList, line: string, options: LaneOptions = {}): Result {
  const list = 'run' in steps ? steps : stepList(steps)
  let filteredBy = ''
  const lane = openLane({ routes: 0b111, ...options, steps: list, onFiltered: ({ by }) => (filteredBy = by) })
  const { events, parseErrors, filtered } = process(lane, `${line}\n`)
  if (events.length + filtered !== 1) throw new Error(`${events.length} events, ${filtered} filtered`)
  const [event] = events
  return {
    event,
    line: event ? Buffer.from(event.line).toString('utf8') : '',
    document: event ? documentsOf(events, lane.shared)[0]! : '',
    filteredBy,
    routes: event?.routes ?? 0,
    errors: list.troubles.errors,
    parseErrors,
  }
}

/** The members of the document, without those that say where and when the line was read. */
export function membersAfter(
  steps: readonly unknown[],
  line: string,
  options: LaneOptions = {},
): Record<string, unknown> {
  const document: unknown = JSON.parse(run(steps, line, options).document)
  if (!isJsonObject(document)) throw new Error('the document is no object')
  const members: Record<string, unknown> = { ...document }
  for (const name of ['@timestamp', 'host.name', 'log.file.path', 'log.offset']) delete members[name]
  return members
}
