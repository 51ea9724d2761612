import { stepDefinition } from './registry.ts'
import type { StepConfig } from './schema.ts'
import type { NotSimple } from './simple-condition.ts'
import { simpleSteps } from './simple-steps.ts'
import type { SimpleStep, Step, StepContext } from './step.ts'
import type { StepEvent } from './step-event.ts'
import { StepTrouble } from './step-trouble.ts'
import type { StepTroubles } from './step-trouble.ts'

/** The steps of one source: its own, then those of all sources. */
export interface StepList {
  /** Where the step stands that filtered the event out: `steps[0] (drop)`; undefined for an event that goes on. */
  run(event: StepEvent): string | undefined
  readonly troubles: StepTroubles
  /** The same for the fast lane, or why it cannot have them. */
  readonly simple: readonly SimpleStep[] | NotSimple
}

/** What one step did to an event, for `logferry explain`. */
export interface StepTrace {
  /** `steps[0] (drop)`. */
  readonly place: string
  readonly isKept: boolean
  readonly before: EventText
  readonly after: EventText
}

/** An event on its way: its line, what parsers and steps have added to it, as JSON members, and the bits of its sinks. */
export interface EventText {
  readonly line: string
  readonly members: string
  readonly routes: number
}

interface PlacedStep {
  readonly step: Step
  readonly place: string
}

/** Undefined where there are none: then the lane goes its old way. The configs have passed the schema. */
export function createSteps(
  own: readonly StepConfig[],
  all: readonly StepConfig[],
  {
    onStep,
    ...context
  }: Omit<StepContext, 'trouble'> & { onStep?: ((trace: StepTrace) => void) | undefined },
): StepList | undefined {
  const troubles = { errors: 0, last: '' }
  const placed = [
    ...own.map((config, index) => createStep(config, `steps[${index}]`)),
    ...all.map((config, index) => createStep(config, `steps[${index}] of all sources`)),
  ]
  if (placed.length === 0) return undefined
  return {
    troubles,
    simple: simpleSteps(own, all),
    run(event) {
      for (const { step, place } of placed) {
        const before = onStep && textOf(event)
        const isKept = step.apply(event)
        if (onStep) onStep({ place, isKept, before: before!, after: textOf(event) })
        if (!isKept) return place
      }
      return undefined
    },
  }

  function createStep(config: StepConfig, at: string): PlacedStep {
    const type = Object.keys(config)[0]!
    const definition = stepDefinition(type)
    if (!definition) throw new Error(`there is no step ${type}`)
    const place = `${at} (${type})`
    const settings = definition.schema.parse(config[type])
    return {
      place,
      step: definition.create(settings, { ...context, trouble: new StepTrouble(troubles, place) }),
    }
  }
}

function textOf({ line, added, routes }: StepEvent): EventText {
  const members = added.map(({ key, json }) => `${JSON.stringify(key)}:${json}`).join(',')
  return { line: line.bytes.toString('utf8', line.start, line.end), members, routes }
}
