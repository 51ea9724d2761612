import {
  answerMatch,
  answerNoMatch,
  answerNotMine,
  fieldLength,
  fieldNext,
  fieldOther,
  fieldSet,
  fieldSlot,
  fieldTarget,
  headerBytes,
  headerFlags,
  headerLeadingRun,
  headerNoStart,
  headerSlots,
  instructionBytes,
  opBranch,
  opCharacter,
  opChoice,
  opCountedRun,
  opGreedyRun,
  opJump,
  opLazyRun,
  opLineEnd,
  opLineStart,
  opMatched,
  opNoWordBoundary,
  opProgress,
  opReset,
  opRun,
  opSave,
  opShape,
  opWordBoundary,
  startsAtLineEnd,
  startsAtLineStart,
  startsWithRun,
} from '../span-layout'
import {
  takeCountedRun,
  takeGreedyRun,
  takeLazyRun,
  takeLess,
  takeMore,
  takeRun,
  isWithinCharacters,
} from './span-runs'
import { behindOne, endOfRun, isBeyondAscii, mayFollow, undecided } from './span-sets'
import {
  beginAttempt,
  beginLine,
  chosenFrom,
  chosenPosition,
  captures,
  isSpent,
  isStackFull,
  lineEnd,
  lineStart,
  popChoice,
  pushChoice,
  reset,
  save,
} from './span-state'

/**
 * Runs a span program (made by src/parsers/span-program) over the line `[at, end)`, which is matched as
 * `new RegExp(…).exec(text)` would match its text. Writes pairs of u32 to `slots`, from and to in bytes behind `at`: the
 * whole match, then each group, `unmatched` twice for one that took no part. As many u32 as the compiler says are
 * written over, whatever the answer is: `answerNoMatch`, `answerMatch`, `answerNotMine`.
 */
export function runSpanProgram(program: usize, at: usize, end: usize, slots: usize): i32 {
  beginLine(at, end, slots)
  const flags: u32 = load<u32>(program + headerFlags)
  if (flags & startsAtLineStart) return attempt(program, at)
  return search(program, at, flags)
}

/** An attempt at each place where a match may begin, from left to right. */
function search(program: usize, at: usize, flags: u32): i32 {
  const noStart = program + load<u32>(program + headerNoStart)
  while (true) {
    at = endOfRun(noStart, at, lineEnd, lineEnd)
    if (at >= lineEnd && !(flags & startsAtLineEnd)) return answerNoMatch
    if (isWithinCharacters(at) || isSpent(1)) return answerNotMine
    const answer = attempt(program, at)
    if (answer != answerNoMatch || at >= lineEnd) return answer
    if (flags & startsWithRun) {
      // Whatever a run from further right could have left behind it, the run from here could too.
      const run = program + load<u32>(program + headerLeadingRun)
      at = endOfRun(run, at, lineEnd, lineEnd)
      if (at == undecided) return answerNotMine
      if (at >= lineEnd) return answerNoMatch
    }
    at++
  }
}

/** Matches from `at` on. Runs and shapes, which most of a program is made of, are asked for first. */
function attempt(program: usize, at: usize): i32 {
  beginAttempt(load<u32>(program + headerSlots))
  save(0, at)
  let instruction = program + headerBytes
  let steps: i32 = 0
  while (true) {
    steps++
    const operation: i32 = load<u8>(instruction)
    if (operation == opRun) {
      at = takeRun(program, instruction, at)
      instruction += instructionBytes
    } else if (operation == opShape) {
      at = behindShape(program, instruction, at)
      instruction += instructionBytes
    } else if (operation == opSave) {
      save(load<u16>(instruction + fieldSlot), at)
      instruction += instructionBytes
      continue
    } else if (operation == opBranch) {
      const isFirst = mayFollow(program + load<u32>(instruction + fieldSet), at, lineEnd)
      const chosen = program + load<u32>(instruction + (isFirst ? fieldTarget : fieldOther))
      if (!isWithinBudget(instruction, chosen)) return answerNotMine
      instruction = chosen
      continue
    } else if (operation == opMatched) {
      save(1, at)
      return isStackFull ? answerNotMine : answerMatch
    } else if (operation == opChoice) {
      const chosen = choose(program, instruction, at)
      if (chosen && isWithinBudget(instruction, chosen)) {
        instruction = chosen
        continue
      }
      at = chosen ? undecided : 0
    } else if (operation == opJump) {
      instruction = program + load<u32>(instruction + fieldTarget)
      continue
    } else {
      at = step(program, instruction, at)
      instruction += instructionBytes
    }
    if (at > undecided) continue
    while (at == 0) {
      if (isSpent(steps)) return answerNotMine
      instruction = popChoice()
      if (instruction == 0) return isStackFull ? answerNotMine : answerNoMatch
      steps = 1
      at = comeBack(program, instruction)
      instruction = behindChoice(program, instruction)
    }
    if (at == undecided) return answerNotMine
  }
}

/** One instruction that goes on to the one behind it: where it ends, 0 if it fails, or `undecided`. */
function step(program: usize, instruction: usize, at: usize): usize {
  switch (<i32>load<u8>(instruction)) {
    case opCountedRun:
      return takeCountedRun(program, instruction, at)
    case opGreedyRun:
      return takeGreedyRun(program, instruction, at)
    case opLazyRun:
      return takeLazyRun(program, instruction, at)
    case opCharacter:
      return behindCharacter(program, instruction, at)
    case opReset:
      reset(load<u16>(instruction + fieldSlot), load<u32>(instruction + fieldTarget))
      return at
    case opLineStart:
      return at == lineStart ? at : 0
    case opLineEnd:
      return at == lineEnd ? at : 0
    case opWordBoundary:
      return isWordAt(at) != isWordAt(at - 1) ? at : 0
    case opNoWordBoundary:
      return isWordAt(at) == isWordAt(at - 1) ? at : 0
    case opProgress:
      return load<u32>(captures + <usize>load<u16>(instruction + fieldSlot) * 4) == <u32>(at - lineStart)
        ? 0
        : at
    default:
      return undecided
  }
}

/** One character for each of up to 16 ranges of bytes: compared at once. */
function behindShape(program: usize, instruction: usize, at: usize): usize {
  const length: usize = load<u8>(instruction + fieldLength)
  const shape = program + load<u32>(instruction + fieldSet)
  if (lineEnd - at < length) return 0
  const above = i8x16.sub(v128.load(at), v128.load(shape))
  const misses = i8x16.bitmask(i8x16.gt_u(above, v128.load(shape + 16)))
  return misses & ((1 << (<i32>length)) - 1) ? 0 : at + length
}

function behindCharacter(program: usize, instruction: usize, at: usize): usize {
  const end = behindOne(program + load<u32>(instruction + fieldSet), at, lineEnd)
  // One UTF-16 unit, in UTF-8 of who knows how many bytes.
  return end > undecided && isBeyondAscii(load<u8>(at)) ? undecided : end
}

/** The instruction to go on with by the character that stands here, and the other one kept if that may fit too; 0: neither. */
function choose(program: usize, instruction: usize, at: usize): usize {
  const isOtherPossible = mayFollow(program + load<u32>(instruction + fieldNext), at, lineEnd)
  const other = program + load<u32>(instruction + fieldOther)
  if (!mayFollow(program + load<u32>(instruction + fieldSet), at, lineEnd)) return isOtherPossible ? other : 0
  if (isOtherPossible) pushChoice(instruction, at, 0)
  return program + load<u32>(instruction + fieldTarget)
}

/** Going back in the program is a further round of a repetition: it must cost, or a mistake in a program would never end. */
function isWithinBudget(from: usize, to: usize): bool {
  return to > from || !isSpent(1)
}

/** The other way of a choice that is open: where it goes on, 0 if there is none, or `undecided`. */
function comeBack(program: usize, instruction: usize): usize {
  const operation = load<u8>(instruction)
  if (operation == opChoice) return chosenPosition
  if (operation == opGreedyRun) return takeLess(program, instruction, chosenFrom, chosenPosition)
  return takeMore(program, instruction, chosenFrom, chosenPosition)
}

function behindChoice(program: usize, instruction: usize): usize {
  if (load<u8>(instruction) == opChoice) return program + load<u32>(instruction + fieldOther)
  return instruction + instructionBytes
}

/** `\w`, for `\b`: of ASCII alone. */
function isWordAt(at: usize): bool {
  if (at < lineStart || at >= lineEnd) return false
  const byte: u32 = load<u8>(at)
  const letter = byte | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5f
}
