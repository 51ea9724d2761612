import { Buffer } from 'node:buffer'
import { severityNames } from '../../core/event.ts'
import { limits } from '../../core/limits.ts'
import { noRole } from '../../enrich/member-roles.ts'
import type { MemberRole } from '../../enrich/member-roles.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as layout from '../../kernel/wasm/step-layout.ts'
import { compileSpanProgram } from '../../parsers/span-program/compile-span-program.ts'
import { foundOfJson } from '../../steps/found.ts'
import type { Found } from '../../steps/found.ts'
import type { Comparison, ConditionTree, Verdict } from '../../steps/simple-condition.ts'
import type { SimpleTest } from '../../steps/simple-test.ts'
import type { SimpleGuard, SimpleStep } from '../../steps/step.ts'
import { writeHints } from './hint-table.ts'
import { KernelWords } from './kernel-words.ts'
import { Memo } from './memo.ts'
import { namesOf, operationsOf } from './step-operations.ts'
import type { EditOperation, StepOperation } from './step-operations.ts'
import { tryOnText } from './text-steps.ts'
import type { TextSteps } from './text-steps.ts'

const verdicts: Readonly<Record<Verdict, number>> = {
  no: layout.verdictNo,
  yes: layout.verdictYes,
  unsure: layout.verdictUnsure,
}
const kinds = {
  equal: layout.kindEqual,
  starts: layout.kindStarts,
  ends: layout.kindEnds,
  contains: layout.kindContains,
  number: layout.kindNumber,
  present: layout.kindPresent,
  pattern: layout.kindPattern,
} as const
const relations = {
  less: layout.relationLess,
  equal: layout.relationEqual,
  greater: layout.relationGreater,
} as const

/** A word has 32 bits. */
const mostFacts = 32
/** Room for an edited line: a block is no longer than two reads, and steps add little. */
const scratchBytes = 2 * limits.readBytes + 64 * 1024

/** What steps have to know of the lines that they are for. */
export interface StepsFor {
  /** What they find in every event of a file, for its names. */
  readonly shared: ReadonlyMap<string, Found>
  readonly findsTrace: boolean
  readonly roleOf: (key: string) => MemberRole
}

/**
 * The steps of a source as the kernel runs them. Whatever it cannot judge by the bytes is asked of the step's own condition
 * and kept in memos: what a missing field, a level, a stream mean to a comparison is asked once, here.
 */
export class StepProgram {
  /** In the kernel's memory; 0 for no steps. */
  readonly address: number
  readonly #kernel: Kernel
  readonly #write: KernelWords
  readonly #watched = new Map<string, number>()
  readonly #tests: { readonly comparison: Comparison; readonly memo: Memo }[] = []
  /** Comparisons with what all events of a file have in common. */
  readonly #facts: Comparison[] = []
  readonly #shared: ReadonlyMap<string, Found>
  readonly #onText: TextSteps

  constructor(steps: readonly SimpleStep[], { shared, findsTrace, roleOf }: StepsFor, kernel: Kernel) {
    this.#kernel = kernel
    this.#write = new KernelWords(kernel)
    this.#shared = shared
    const operations = operationsOf(steps)
    this.#onText = tryOnText(operations, shared, findsTrace)
    this.address = operations.length === 0 ? 0 : this.#program(operations, roleOf)
  }

  /** False where only the general lane can tell what a field is. */
  get isComplete(): boolean {
    const asksForApp = this.#tests.some(({ comparison }) => comparison.field.name === 'app')
    // A last resort behind the line's own member (`steps/step-event.ts`).
    return this.#facts.length <= mostFacts && !(asksForApp && this.#shared.has('kubernetes.container.name'))
  }

  /** Numbers of the keys that steps look for, from 1 on. */
  get watched(): ReadonlyMap<string, number> {
    return this.#watched
  }

  /** Answers what a value that stands in the kernel's memory means to a comparison. False where it cannot be remembered. */
  answer(test: number, { at, end }: { at: number; end: number }): boolean {
    const { comparison, memo } = this.#tests[test]!
    const found = foundOfJson(this.#kernel.bytes.toString('utf8', at, end))
    return memo.add(at, end - at, verdicts[comparison.judge(found)])
  }

  /** What the steps may take for granted of a file; undefined where only the general lane can tell. */
  factsOf(shared: ReadonlyMap<string, Found>): number | undefined {
    let bits = 0
    for (const [index, { judge, field }] of this.#facts.entries()) {
      const verdict = judge(shared.get(field.name))
      if (verdict === 'unsure') return undefined
      if (verdict === 'yes') bits |= 1 << index
    }
    return bits >>> 0
  }

  #program(operations: readonly StepOperation[], roleOf: (key: string) => MemberRole): number {
    const keep = this.#write.words([layout.stepKeep])
    const filter = this.#write.words([layout.stepFilter])
    // From the last one on: each has to know where the next one begins.
    const first = operations.reduceRight((next, operation) => this.#operation(operation, next, filter), keep)
    const names = operations.flatMap((operation) => ('name' in operation ? namesOf(operation) : []))
    const { added, isUnsure } = this.#onText
    const members = added.map(({ key, json }) => `${JSON.stringify(key)}:${json}`).join(',')
    const hasScratch = names.length > 0
    return this.#write.words([
      first,
      refused(
        names,
        added.map(({ key }) => key),
        roleOf,
      ) | (isUnsure ? layout.refusesTexts : 0),
      ...this.#write.text(members),
      hasScratch ? this.#kernel.reserve(scratchBytes) : 0,
      hasScratch ? this.#kernel.reserve(scratchBytes) : 0,
      hasScratch ? scratchBytes : 0,
    ])
  }

  #operation(operation: StepOperation, next: number, filter: number): number {
    if (operation.kind === 'filter') {
      const { condition, filtersWhen } = operation
      return filtersWhen ? this.#tree(condition, filter, next) : this.#tree(condition, next, filter)
    }
    if (operation.kind === 'look') return this.#write.words([layout.stepLookAgain, 0, next, next])
    const [kind, about] = operation.kind === 'guard' ? this.#guard(operation) : this.#edit(operation)
    return this.#write.words([kind, about, next, next])
  }

  #guard({ hints, fields }: SimpleGuard): [kind: number, about: number] {
    const about = this.#write.words([
      hints ? writeHints(hints, this.#write) : 0,
      fields ? 0 : 1,
      !fields || fields.includes('message') ? 1 : 0,
      fields?.length ?? 0,
      ...(fields ?? []).map((name) => this.#field(name, 0)),
    ])
    return [layout.stepGuard, about]
  }

  #edit(edit: EditOperation): [kind: number, about: number] {
    const field = this.#field(edit.name, 0)
    if (edit.kind === 'remove') return [layout.stepRemove, this.#write.words([field])]
    if (edit.kind === 'add') {
      const value = this.#write.text(edit.member.json)
      const name = this.#write.text(`${JSON.stringify(edit.name)}:`)
      return [layout.stepAdd, this.#write.words([field, 0, ...value, ...name, 0])]
    }
    const { name, to } = edit
    // Where it may stay in its object, what its key becomes depends on where the path's dots are.
    const mayStay = name.includes('.') && to.startsWith(name.slice(0, name.indexOf('.') + 1))
    const about = this.#write.words([
      field,
      this.#field(to, 0),
      ...this.#write.text(JSON.stringify(to)),
      ...(mayStay ? [0, 0] : this.#write.text(`${JSON.stringify(to)}:`)),
      Buffer.byteLength(name),
    ])
    return [layout.stepRename, about]
  }

  /** Writes a condition; returns where it begins. */
  #tree(tree: ConditionTree, yes: number, no: number): number {
    if (tree.kind === 'constant') return tree.isTrue ? yes : no
    if (tree.kind === 'not') return this.#tree(tree.part, no, yes)
    if (tree.kind === 'comparison') return this.#comparison(tree.comparison, yes, no)
    return this.#tree(tree.test, this.#tree(tree.yes, yes, no), this.#tree(tree.no, yes, no))
  }

  #comparison(comparison: Comparison, yes: number, no: number): number {
    const { name, isOwn } = comparison.field
    if (!isOwn && this.#shared.has(name) && !ofEachEvent.has(name))
      return this.#write.words([layout.stepFact, this.#facts.push(comparison) - 1, yes, no])
    const { test, judge } = comparison
    const memo = new Memo(this.#kernel, limits.memoLevels * 2, limits.memoLevels * 32)
    const number = this.#tests.push({ comparison, memo }) - 1
    const operand = test && this.#operand(test)
    const about = this.#write.words([
      this.#field(name, isOwn ? 0 : sourcesOf(name)),
      verdicts[judge(undefined)],
      operand === undefined ? layout.kindNone : kinds[test!.kind],
      operand ?? 0,
      test?.isOpposite === true ? 1 : 0,
      memo.address,
      packed(severityNames, judge),
      packed(['', 'stdout', 'stderr'], judge),
      number,
      verdicts[this.#onText.verdicts.get(comparison) ?? 'unsure'],
    ])
    return this.#write.words([layout.stepTest, about, yes, no])
  }

  /** Undefined where the kernel cannot judge that way. */
  #operand(test: SimpleTest): number | undefined {
    if (test.kind === 'present') return 0
    if (test.kind === 'pattern') {
      const program = compileSpanProgram(test.pattern)
      if ('refusal' in program) return undefined
      const at = this.#kernel.reserve(program.bytes.length)
      this.#kernel.bytes.set(program.bytes, at)
      return this.#write.words([at, this.#kernel.reserve(program.slots * 4)])
    }
    if (test.kind !== 'number') {
      return this.#write.words([test.texts.length, ...test.texts.flatMap((text) => this.#write.text(text))])
    }
    const bits = test.relations.reduce((sum, relation) => sum | relations[relation], 0)
    const at = this.#write.words([0, 0, bits])
    this.#kernel.bytes.writeDoubleLE(test.number, at)
    return at
  }

  #field(name: string, sources: number): number {
    const dots = [...name.matchAll(/\./g)].map(({ index }) => index)
    const holders = dots.flatMap((dot) => [
      this.#watch(name.slice(0, dot)),
      ...this.#write.text(name.slice(dot + 1)),
    ])
    return this.#write.words([sources, this.#watch(name), dots.length, ...holders])
  }

  #watch(key: string): number {
    const known = this.#watched.get(key)
    if (known !== undefined) return known
    this.#watched.set(key, this.#watched.size + 1)
    return this.#watched.size
  }
}

/** Which lines are the general lane's, as edits decide more about them than the kernel looks at. `added`: to texts. */
function refused(
  names: readonly string[],
  added: readonly string[],
  roleOf: (key: string) => MemberRole,
): number {
  if (names.length === 0) return 0
  const isMeant = (key: string): boolean => roleOf(key) !== noRole
  const textsAre = names.includes('message') || added.some(isMeant)
  const membersAre = names.includes('stream') || names.some(isMeant)
  return (textsAre ? layout.refusesTexts : 0) | (membersAre ? layout.refusesMembers : 0) | layout.editsMembers
}

/** What a comparison says about each of some texts: 2 bits each. The first one stands for none. */
function packed(texts: readonly string[], judge: Comparison['judge']): number {
  return texts.reduce(
    (bits, text, index) => bits | (text === '' ? 0 : verdicts[judge({ text })] << (index * 2)),
    0,
  )
}

/** Looked for in the event though its file may have a constant of that name. */
const ofEachEvent = new Set(['level', 'log.level', 'stream', 'parse_error'])

/** What a line of text is, and what the agent makes of a name before the line's own member counts. */
function sourcesOf(name: string): number {
  if (name === 'level' || name === 'log.level') return layout.sourceLevel
  if (name === 'stream') return layout.sourceStream
  return name === 'message' ? layout.sourceText : 0
}
