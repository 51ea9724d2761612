import type { z } from 'zod'
import type { AddedMember } from '../parsers/parser.ts'
import type { HintText } from './redaction/hints.ts'
import type { ConditionTree, NotSimple } from './simple-condition.ts'
import type { StepEvent } from './step-event.ts'
import type { StepTrouble } from './step-trouble.ts'

/** One transform of an event. Pure, synchronous, never throws for its input. */
export interface Step {
  /** False: the event ends here and is counted as filtered. */
  apply(event: StepEvent): boolean
}

/** A step that can be run on the bytes of a line, without the event. */
export type SimpleStep =
  /** Filters out what the condition is true for, or is not. */
  | { readonly kind: 'filter'; readonly condition: ConditionTree; readonly filtersWhen: boolean }
  | SimpleEdit
  | SimpleGuard

/** One after the other, in their order. */
export type SimpleEdit =
  | { readonly kind: 'add'; readonly members: readonly AddedMember[] }
  | { readonly kind: 'rename'; readonly pairs: readonly (readonly [from: string, to: string])[] }
  | { readonly kind: 'remove'; readonly names: readonly string[] }

/** Lines that have none of this stay as they are, all others are for the step itself. */
export interface SimpleGuard {
  readonly kind: 'guard'
  /** What secrets have at least; undefined where every line may have one. */
  readonly hints: readonly HintText[] | undefined
  /** Undefined for the whole event. */
  readonly fields: readonly string[] | undefined
}

/** What a step is made with, beside its own settings. */
export interface StepContext {
  /** The bit of a sink in an event's routes. */
  readonly bitOf: (sink: string) => number
  /** Counts what went wrong at run time under this step's place. */
  readonly trouble: StepTrouble
  /** Keys the hashes of `redact` where it names no secret of its own: of this installation, or of nothing but this run. */
  readonly hashKey: string
}

/** A step says all about itself in one object; `registry.ts` lists them. `type` is the one key of the step's object. */
export interface StepDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly type: string
  readonly summary: string
  readonly schema: Schema
  create(config: z.output<Schema>, context: StepContext): Step
  /** The same for the fast lane, or why not; a step without it always takes the general lane. */
  simple?(config: z.output<Schema>): SimpleStep | NotSimple
}

export const defineStep = <Schema extends z.ZodType>(
  definition: StepDefinition<Schema>,
): StepDefinition<Schema> => definition
