import { Buffer } from 'node:buffer'
import { severityOf } from '../../enrich/level.ts'
import { severityOfMember } from '../../enrich/member-scan.ts'
import { limits } from '../../core/limits.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import type { LineContent } from '../../parsers/chain.ts'
import type { Found } from '../../steps/found.ts'
import type { SimpleStep } from '../../steps/step.ts'
import type { Means } from '../means.ts'
import { meaningOf } from './key-meaning.ts'
import { takenApart } from './member-table.ts'
import type { TakenApart } from './member-table.ts'
import { Memo } from './memo.ts'
import { StepProgram } from './step-program.ts'

/** What a source adds to the means of its files. */
export interface SourceMeans {
  readonly findsTrace: boolean
  readonly steps: readonly SimpleStep[]
}

/** What the kernel has to know of one kind of lines: the mode, what keys and levels mean, how texts are taken apart. */
export class FastMeans {
  readonly mode: number
  readonly keys: Memo
  readonly levels: Memo
  readonly levelNumbers: Memo
  readonly levelTexts: Memo
  readonly apart: TakenApart
  readonly steps: StepProgram
  readonly #means: Means
  readonly #kernel: Kernel

  private constructor(
    means: Means,
    { mode, apart, steps }: { mode: number; apart: TakenApart; steps: StepProgram },
    kernel: Kernel,
  ) {
    this.#means = means
    this.steps = steps
    this.#kernel = kernel
    this.mode = mode | apart.mode
    this.apart = apart
    this.keys = new Memo(kernel, limits.memoKeys * 2, limits.memoKeys * 32)
    const levels = (): Memo => new Memo(kernel, limits.memoLevels * 2, limits.memoLevels * 32)
    this.levels = levels()
    this.levelNumbers = levels()
    this.levelTexts = levels()
  }

  /** Undefined for lines that the kernel cannot read. `shared`: what the steps find in every event of a file of this kind. */
  static of(
    means: Means,
    { findsTrace, steps: list }: SourceMeans,
    shared: ReadonlyMap<string, Found>,
    kernel: Kernel,
  ): FastMeans | undefined {
    const { content, maker, wrapper } = means
    if ('because' in content || wrapper?.name === 'docker') return undefined
    const apart = apartOf(content, (text) =>
      text.kind === 'access' && means.parsedTime.isOff
        ? undefined
        : takenApart(text, (key) => maker.roleOf(key), kernel),
    )
    if (!apart) return undefined
    const mode = jsonModes[content.json] | (wrapper ? state.modeCri : 0) | (findsTrace ? state.modeTrace : 0)
    const steps = new StepProgram(list, { shared, findsTrace, roleOf: (key) => maker.roleOf(key) }, kernel)
    return steps.isComplete ? new FastMeans(means, { mode, apart, steps }, kernel) : undefined
  }

  /** Answers what the kernel asked at a `stop…` of that kind. False where it will ask again: the line is too odd. */
  answer(stop: number, asked: { at: number; end: number; test: number }): boolean {
    if (stop === state.stopTest) return this.steps.answer(asked.test, asked)
    const { at, end } = asked
    const { maker } = this.#means
    const bytes = Buffer.from(this.#kernel.bytes.subarray(at, end))
    const length = end - at
    if (stop === state.stopKey) {
      const key = bytes.toString('utf8')
      return this.keys.add(at, length, meaningOf(key, maker.roleOf(key)) + this.steps.meaningOf(key))
    }
    if (stop === state.stopLevelText)
      return this.levelTexts.add(at, length, severityOf(bytes.toString('utf8')))
    const isNumber = stop === state.stopLevelNumber
    const memo = isNumber ? this.levelNumbers : this.levels
    return memo.add(at, length, severityOfMember(bytes, { from: 0, to: length, isNumber }))
  }
}

const jsonModes = { strict: state.modeJson | state.modeStrict, lenient: state.modeJson, none: 0 } as const
const asItIs: TakenApart = { mode: 0, members: 0, program: 0, slots: 0 }

const apartOf = (
  { text }: LineContent,
  apart: (text: Exclude<LineContent['text'], string>) => TakenApart | undefined,
): TakenApart | undefined => (typeof text === 'string' ? asItIs : apart(text))
