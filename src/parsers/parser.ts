import type { z } from 'zod'
import type { JsonObject } from './json-object.ts'
import type { SpanProgram } from './span-program/compile-span-program.ts'
import type { ParsedTime } from './time-value.ts'

/** A member that a parser makes: its name, and its value both as JSON text and as `JSON.parse` has it. */
export interface AddedMember {
  readonly key: string
  readonly json: string
  readonly value: unknown
}

/**
 * What a parser makes of a text: the object that the text is, the members that it took it apart into, nothing to add
 * (`plain`), or that it could not: the text doesn't fit, or the pattern took too long.
 */
export type ParsedText =
  | { readonly kind: 'object'; readonly object: JsonObject }
  | { readonly kind: 'members'; readonly members: readonly AddedMember[] }
  | { readonly kind: 'plain' }
  | { readonly kind: 'failed'; readonly error: string }

/** A way to take texts apart that the kernel has; lines for which it is not sure go through `parse`. */
export type KernelText =
  | { readonly kind: 'preset'; readonly preset: KernelPreset }
  | { readonly kind: 'logfmt' }
  | {
      readonly kind: 'program'
      readonly program: SpanProgram
      readonly typeOf: (group: string) => 'string' | 'int' | 'float'
    }

/** `access`: nginx's and Apache's. */
export type KernelPreset = 'access' | 'klog' | 'python' | 'level_message' | 'syslog'

export type WholeLine = 'strict' | 'lenient' | 'plain'

/** Pure, synchronous, and never throws for its input. */
export interface TextParser {
  readonly stage: 'text'
  /**
   * For JSON alone: a chain's first parser need not make a text and an object of a whole line, its bytes are scanned.
   * `lenient` takes only what starts with a brace. `plain` takes none apart.
   */
  readonly wholeLine?: WholeLine
  /** How the kernel does the same with a text, or why it cannot. */
  readonly inKernel?: KernelText | { readonly kind: 'none'; readonly because: string }
  parse(text: string): ParsedText
}

/** Takes the wrapper of a container runtime off a line. Stands first in a chain. */
export interface Wrapper {
  readonly stage: 'wrapper'
  readonly name: 'cri' | 'docker'
  /** `line[start, end)` without its newline. Undefined for a line without this wrapper. */
  unwrap(line: Buffer, start: number, end: number): Unwrapped | undefined
}

export interface Unwrapped {
  readonly stream: 'stdout' | 'stderr'
  readonly time: ParsedTime
  /** More of the same line follows. */
  readonly isPartial: boolean
  readonly content: Buffer
}

/** How well a line suits a preset: `maybe` for what it can read, but many other lines look alike. */
export type Fit = 'no' | 'maybe' | 'yes'

/** A parser that `auto` can choose. */
export interface Preset extends TextParser {
  readonly name: string
  /** How many lines must suit it; one, where the format can't be mistaken. */
  readonly fewestLines: number
  fit(text: string): Fit
}

/** Chooses wrapper and preset by the first lines; JSON is JSON whatever it chose. */
export interface Chooser {
  readonly stage: 'auto'
}

/** A parser says all about itself in one object; `registry.ts` lists them. `type` and `field` are not in the schema. */
export interface ParserDefinition<Schema extends z.ZodObject = z.ZodObject> {
  readonly type: string
  readonly summary: string
  readonly schema: Schema
  /** Not for the parsers of wrappers and `auto`. */
  readonly takesField: boolean
  create(config: z.infer<Schema>): TextParser | Wrapper | Chooser
}

export const defineParser = <Schema extends z.ZodObject>(
  definition: ParserDefinition<Schema>,
): ParserDefinition<Schema> => definition
