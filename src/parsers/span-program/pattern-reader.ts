import { Refusal } from './refusal.ts'

export interface PatternFlags {
  readonly ignoresCase: boolean
  readonly isMultiline: boolean
  readonly dotTakesAll: boolean
}

/** A place in a pattern that RegExp has accepted: what is not understood here is refused, never an error. */
export class PatternReader {
  readonly source: string
  readonly flags: PatternFlags
  at = 0

  constructor(source: string, flags: string) {
    this.source = source
    this.flags = {
      ignoresCase: flags.includes('i'),
      isMultiline: flags.includes('m'),
      dotTakesAll: flags.includes('s'),
    }
  }

  get isAtEnd(): boolean {
    return this.at >= this.source.length
  }

  /** The next character, or '' at the end. */
  peek(): string {
    return this.source.charAt(this.at)
  }

  next(): string {
    return this.source.charAt(this.at++)
  }

  /** Takes `text` if it stands here. */
  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** Takes what a sticky regex matches here. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.source)
    if (match) this.at += match[0].length
    return match
  }

  refuse(reason: string, at: number): never {
    throw new Refusal(reason, at)
  }
}
