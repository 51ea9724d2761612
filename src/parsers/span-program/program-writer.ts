import { opBranch, opChoice, opJump } from '../../kernel/span-layout.ts'
import { bounds } from './bounds.ts'
import { isDisjoint } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import type { Instruction } from './instruction.ts'
import { Refusal } from './refusal.ts'

/** The instructions as they are written, within the bounds. */
export class ProgramWriter {
  readonly instructions: Instruction[] = []
  /** Slots: those of the captures, then those of loops. */
  slots: number
  /** Where the outermost repetition begins whose rounds may only match in one way. */
  onlyWayAt: number | undefined
  #parts = 0

  constructor(groups: number) {
    this.slots = 2 * (groups + 1)
  }

  get here(): number {
    return this.instructions.length
  }

  add(instruction: Instruction): Instruction {
    if (this.here >= bounds.instructions) throw tooLarge()
    this.instructions.push(instruction)
    return instruction
  }

  /** Two ways, to be directed, by what may stand first on each. */
  addChoice(set: CharacterSet, next: CharacterSet): Instruction {
    return this.add({ operation: isDisjoint(set, next) ? opBranch : opChoice, set, next })
  }

  addJump(): Instruction {
    return this.add({ operation: opJump })
  }

  /** Called for each part: repetitions of nothing must end too. */
  countPart(): void {
    if (++this.#parts > bounds.writtenParts) throw tooLarge()
  }

  /** Called where two ways are open. Within a repetition that would make many lines take many ways: it is refused there. */
  openTwoWays(): void {
    if (this.onlyWayAt === undefined) return
    throw new Refusal('a group repeats something that can match in two ways', this.onlyWayAt)
  }
}

const tooLarge = (): Refusal => new Refusal(`it would take more than ${bounds.instructions} instructions`)
