import { Buffer } from 'node:buffer'
import { severityNames } from '../../core/event.ts'
import { limits } from '../../core/limits.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { keyWatchedShift } from '../../kernel/wasm/lane-state.ts'
import * as layout from '../../kernel/wasm/step-layout.ts'
import { foundOfJson } from '../../steps/found.ts'
import type { Found } from '../../steps/found.ts'
import type { Comparison, ConditionTree, Verdict } from '../../steps/simple-condition.ts'
import type { SimpleTest } from '../../steps/simple-test.ts'
import type { SimpleStep } from '../../steps/step.ts'
import { Memo } from './memo.ts'

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
} as const
const relations = {
  less: layout.relationLess,
  equal: layout.relationEqual,
  greater: layout.relationGreater,
} as const

/** A word has 32 bits. */
const mostFacts = 32

/**
 * The steps of a source as the kernel runs them. Whatever it cannot judge by the bytes is asked of the step's own condition
 * and kept in memos: what a missing field, a level, a stream mean to a comparison is asked once, here.
 */
export class StepProgram {
  /** In the kernel's memory; 0 for no steps. */
  readonly address: number
  readonly #kernel: Kernel
  /** Numbers of the keys that comparisons look for. */
  readonly #watched = new Map<string, number>()
  readonly #tests: { readonly comparison: Comparison; readonly memo: Memo }[] = []
  /** Comparisons with what all events of a file have in common. */
  readonly #facts: Comparison[] = []
  readonly #shared: ReadonlyMap<string, Found>

  /** `shared`: of any file of the kind, for its names. */
  constructor(steps: readonly SimpleStep[], shared: ReadonlyMap<string, Found>, kernel: Kernel) {
    this.#kernel = kernel
    this.#shared = shared
    const keep = this.#words([layout.stepKeep])
    const filter = this.#words([layout.stepFilter])
    // From the last one on: each has to know where the next one begins.
    this.address =
      steps.length === 0
        ? 0
        : steps.reduceRight(
            (next, { condition, filtersWhen }) =>
              filtersWhen ? this.#tree(condition, filter, next) : this.#tree(condition, next, filter),
            keep,
          )
  }

  /** False where only the general lane can tell what a field is. */
  get isComplete(): boolean {
    const asksForApp = this.#tests.some(({ comparison }) => comparison.field.name === 'app')
    // A last resort behind the line's own member (`steps/step-event.ts`).
    return this.#facts.length <= mostFacts && !(asksForApp && this.#shared.has('kubernetes.container.name'))
  }

  /** Bits of what a key means. */
  meaningOf(key: string): number {
    return (this.#watched.get(key) ?? 0) * 2 ** keyWatchedShift
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

  /** Writes a condition; returns where it begins. */
  #tree(tree: ConditionTree, yes: number, no: number): number {
    if (tree.kind === 'constant') return tree.isTrue ? yes : no
    if (tree.kind === 'not') return this.#tree(tree.part, no, yes)
    if (tree.kind === 'comparison') return this.#comparison(tree.comparison, yes, no)
    return this.#tree(tree.test, this.#tree(tree.yes, yes, no), this.#tree(tree.no, yes, no))
  }

  #comparison(comparison: Comparison, yes: number, no: number): number {
    const { name, isOwn } = comparison.field
    if (!isOwn && this.#shared.has(name))
      return this.#words([layout.stepFact, this.#facts.push(comparison) - 1, yes, no])
    const { test, judge } = comparison
    const memo = new Memo(this.#kernel, limits.memoLevels * 2, limits.memoLevels * 32)
    const number = this.#tests.push({ comparison, memo }) - 1
    const about = this.#words([
      this.#field(comparison),
      verdicts[judge(undefined)],
      test ? kinds[test.kind] : layout.kindNone,
      test ? this.#operand(test) : 0,
      test?.isOpposite === true ? 1 : 0,
      memo.address,
      packed(severityNames, judge),
      packed(['', 'stdout', 'stderr'], judge),
      number,
    ])
    return this.#words([layout.stepTest, about, yes, no])
  }

  #operand(test: SimpleTest): number {
    if (test.kind === 'present') return 0
    if (test.kind !== 'number') {
      return this.#words([test.texts.length, ...test.texts.flatMap((text) => this.#text(text))])
    }
    const bits = test.relations.reduce((sum, relation) => sum | relations[relation], 0)
    const at = this.#words([0, 0, bits])
    this.#kernel.bytes.writeDoubleLE(test.number, at)
    return at
  }

  #field({ field: { name, isOwn } }: Comparison): number {
    const dots = [...name.matchAll(/\./g)].map(({ index }) => index)
    const holders = dots.flatMap((dot) => [
      this.#watch(name.slice(0, dot)),
      ...this.#text(name.slice(dot + 1)),
    ])
    return this.#words([isOwn ? 0 : sourcesOf(name), this.#watch(name), dots.length, ...holders])
  }

  #watch(key: string): number {
    const known = this.#watched.get(key)
    if (known !== undefined) return known
    this.#watched.set(key, this.#watched.size + 1)
    return this.#watched.size
  }

  /** Address and length. */
  #text(text: string): [number, number] {
    const bytes = Buffer.from(text)
    const at = this.#kernel.reserve(bytes.length)
    this.#kernel.bytes.set(bytes, at)
    return [at, bytes.length]
  }

  #words(words: readonly number[]): number {
    const at = this.#kernel.reserve(words.length * 4)
    words.forEach((word, index) => this.#kernel.bytes.writeUInt32LE(word, at + index * 4))
    return at
  }
}

/** What a comparison says about each of some texts: 2 bits each. The first one stands for none. */
function packed(texts: readonly string[], judge: Comparison['judge']): number {
  return texts.reduce(
    (bits, text, index) => bits | (text === '' ? 0 : verdicts[judge({ text })] << (index * 2)),
    0,
  )
}

/** What a line of text is, and what the agent makes of a name before the line's own member counts. */
function sourcesOf(name: string): number {
  if (name === 'level' || name === 'log.level') return layout.sourceLevel
  if (name === 'stream') return layout.sourceStream
  return name === 'message' ? layout.sourceText : 0
}
