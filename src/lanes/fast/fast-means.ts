import { Buffer } from 'node:buffer'
import { severityOfMember } from '../../enrich/member-scan.ts'
import { limits } from '../../core/limits.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import type { Means } from '../means.ts'
import { meaningOf } from './key-meaning.ts'
import { Memo } from './memo.ts'

/** What the kernel has to know of one kind of lines, beside the mode: what keys and levels mean. */
export class FastMeans {
  readonly mode: number
  readonly keys: Memo
  readonly levels: Memo
  readonly levelNumbers: Memo
  readonly #means: Means
  readonly #kernel: Kernel

  constructor(means: Means, mode: number, kernel: Kernel) {
    this.#means = means
    this.#kernel = kernel
    this.mode = mode
    this.keys = new Memo(kernel, limits.memoKeys * 2, limits.memoKeys * 32)
    this.levels = new Memo(kernel, limits.memoLevels * 2, limits.memoLevels * 32)
    this.levelNumbers = new Memo(kernel, limits.memoLevels * 2, limits.memoLevels * 32)
  }

  /** Answers what the kernel asked at a `stop…` of that kind. False where it will ask again: the line is too odd. */
  answer(stop: number, { at, end }: { at: number; end: number }): boolean {
    const { maker } = this.#means
    const bytes = Buffer.from(this.#kernel.bytes.subarray(at, end))
    if (stop === state.stopKey) {
      const key = bytes.toString('utf8')
      return this.keys.add(at, end - at, meaningOf(key, maker.roleOf(key)))
    }
    const isNumber = stop === state.stopLevelNumber
    const memo = isNumber ? this.levelNumbers : this.levels
    return memo.add(at, end - at, severityOfMember(bytes, { from: 0, to: bytes.length, isNumber }))
  }
}

/** The kernel's mode for lines of this kind; undefined where it cannot read them. */
export function modeOf({ wrapper, content }: Means, findsTrace: boolean): number | undefined {
  if (content === undefined || wrapper?.name === 'docker') return undefined
  return contentModes[content] | (wrapper ? state.modeCri : 0) | (findsTrace ? state.modeTrace : 0)
}

const contentModes = { strict: state.modeJson | state.modeStrict, lenient: state.modeJson, plain: 0 } as const
