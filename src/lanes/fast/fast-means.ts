import { Buffer } from 'node:buffer'
import { severityOf } from '../../enrich/level.ts'
import { severityOfMember } from '../../enrich/member-scan.ts'
import { severityNames } from '../../core/event.ts'
import type { MemberRole } from '../../enrich/member-roles.ts'
import { limits } from '../../core/limits.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import type { LineContent } from '../../parsers/chain.ts'
import { isLevelWord } from '../../parsers/level-words.ts'
import type { Wrapper } from '../../parsers/parser.ts'
import type { Found } from '../../steps/found.ts'
import type { SimpleStep } from '../../steps/step.ts'
import type { Means } from '../means.ts'
import { KeyMeanings } from './key-meanings.ts'
import { takenApart } from './member-table.ts'
import type { TakenApart } from './member-table.ts'
import { Memo } from './memo.ts'
import { StepProgram } from './step-program.ts'
import { ZoneOffsets } from './zone-offsets.ts'

/** What a source adds to the means of its files. */
export interface SourceMeans {
  readonly findsTrace: boolean
  readonly steps: readonly SimpleStep[]
}

/** What the kernel has to know of one kind of lines: the mode, what keys and levels mean, how texts are taken apart. */
export class FastMeans {
  readonly mode: number
  readonly keys: Memo
  readonly nestedKeys: Memo
  readonly meanings: KeyMeanings
  readonly levels: Memo
  readonly levelNumbers: Memo
  readonly levelTexts: Memo
  readonly apart: TakenApart
  readonly zone: ZoneOffsets
  readonly steps: StepProgram
  readonly #kernel: Kernel

  private constructor(
    means: Means,
    {
      mode,
      apart,
      findsTrace,
      steps,
    }: { mode: number; apart: TakenApart; findsTrace: boolean; steps: StepProgram },
    kernel: Kernel,
  ) {
    this.steps = steps
    this.#kernel = kernel
    this.mode = mode | apart.mode
    this.apart = apart
    const { maker } = means
    const roleOf = (key: string): MemberRole => maker.roleOf(key)
    this.keys = new Memo(kernel, limits.memoKeys * 2, limits.memoKeys * 32)
    this.nestedKeys = new Memo(kernel, limits.memoNestedKeys * 2, limits.memoNestedKeys * 32)
    this.meanings = new KeyMeanings(
      { roleOf, paths: maker.paths, findsTrace, hasSteps: steps.address !== 0, watched: steps.watched },
      kernel,
    )
    const levels = (): Memo => new Memo(kernel, limits.memoLevels * 2, limits.memoLevels * 32)
    this.levels = levels()
    this.levelNumbers = levels()
    this.levelTexts = levels()
    this.zone = new ZoneOffsets(means.zone, kernel)
  }

  /** Undefined for lines that the kernel cannot read. `shared`: what the steps find in every event of a file of this kind. */
  static of(
    means: Means,
    { findsTrace, steps: list }: SourceMeans,
    shared: ReadonlyMap<string, Found>,
    kernel: Kernel,
  ): FastMeans | undefined {
    const { content, maker, wrapper } = means
    if ('because' in content) return undefined
    const apart = apartOf(content, (text) =>
      text.kind === 'preset' && means.parsedTime.isOff
        ? undefined
        : takenApart(text, (key) => maker.roleOf(key), kernel),
    )
    if (!apart) return undefined
    const mode = jsonModes[content.json] | wrapperMode(wrapper) | (findsTrace ? state.modeTrace : 0)
    const steps = new StepProgram(list, { shared, findsTrace, roleOf: (key) => maker.roleOf(key) }, kernel)
    // A preset's time is no member any more when the kernel's steps look.
    const isMissed = typeof content.text === 'object' && steps.watched.has('@timestamp')
    return steps.isComplete && !isMissed
      ? new FastMeans(means, { mode, apart, findsTrace, steps }, kernel)
      : undefined
  }

  /** Answers what the kernel asked at a `stop…` of that kind. False where it will ask again: the line is too odd. */
  answer(stop: number, asked: { at: number; end: number; test: number }): boolean {
    if (stop === state.stopTest) return this.steps.answer(asked.test, asked)
    const { at, end } = asked
    if (stop === state.stopZone) {
      this.zone.add(at)
      return true
    }
    const bytes = Buffer.from(this.#kernel.bytes.subarray(at, end))
    const length = end - at
    if (stop === state.stopKey) {
      const key = bytes.toString('utf8')
      return this.keys.add(
        at,
        length,
        this.#meaning(() => this.meanings.ofLine(key)),
      )
    }
    if (stop === state.stopNestedKey) {
      const [context, key] = [bytes.readUInt32LE(0), bytes.toString('utf8', 4)]
      const meaning = this.#meaning(() => this.meanings.inside(context, key))
      return this.nestedKeys.add(at, length, meaning)
    }
    if (stop === state.stopLevelText) return this.levelTexts.add(at, length, levelOf(bytes.toString('utf8')))
    const isNumber = stop === state.stopLevelNumber
    const memo = isNumber ? this.levelNumbers : this.levels
    const severity = severityOfMember(bytes, { from: 0, to: length, isNumber })
    const isName = severity !== 0 && JSON.parse(bytes.toString('utf8')) === severityNames[severity]
    return memo.add(at, length, severity | (isName ? state.levelIsName : 0))
  }

  /** Hostile lines bring ever new names that meet ours: where they have filled the list, it begins anew, as full memos do. */
  #meaning(find: () => number): number {
    const meaning = find()
    if (!this.meanings.meetings.isFull) return meaning
    this.keys.clear()
    this.nestedKeys.clear()
    this.meanings.forget()
    return find()
  }
}

const levelOf = (text: string): number => severityOf(text) | (isLevelWord(text) ? state.levelIsWord : 0)

function wrapperMode(wrapper: Wrapper | undefined): number {
  if (!wrapper) return 0
  return wrapper.name === 'docker' ? state.modeDocker : state.modeCri
}

const jsonModes = { strict: state.modeJson | state.modeStrict, lenient: state.modeJson, none: 0 } as const
const asItIs: TakenApart = { mode: 0, members: 0, program: 0, slots: 0 }

const apartOf = (
  { text }: LineContent,
  apart: (text: Exclude<LineContent['text'], string>) => TakenApart | undefined,
): TakenApart | undefined => (typeof text === 'string' ? asItIs : apart(text))
