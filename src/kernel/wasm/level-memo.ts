import {
  levelIsWord,
  stateAskedAt,
  stateAskedEnd,
  stateLevelTexts,
  stopEnd,
  stopLevelText,
  stopRefused,
} from './lane-state'
import { longestText, memoFind } from './memo'

let answer: u32 = 0

/** Of the level that was found last; 0 where the text stands for none. */
export function foundSeverity(): u8 {
  return <u8>(answer & 7)
}

/** Of the level that was found last: all that its memo has. */
export function levelAnswer(): u32 {
  return answer
}

/** Whether the word that was found last is a level at the start of a line too. */
export function isLevelWord(): bool {
  return (answer & levelIsWord) != 0
}

/** What the level `[at, end)` stands for, by this memo: `stopEnd` once it is found, else what has to be asked, or `stopRefused`. */
export function findLevel(state: usize, memo: usize, question: u32, at: usize, end: usize): u32 {
  if (end - at > longestText) return stopRefused
  const known = memoFind(memo, at, end - at)
  if (known == 0) {
    store<u32>(state, <u32>at, stateAskedAt)
    store<u32>(state, <u32>end, stateAskedEnd)
    return question
  }
  answer = known - 1
  return stopEnd
}

/** The same for a level that stands in a text, without quotes. */
export function findLevelText(state: usize, at: usize, end: usize): u32 {
  return findLevel(state, load<u32>(state, stateLevelTexts), stopLevelText, at, end)
}

/** `informational`. */
const longestWord: usize = 13

/** The same where the text may be any word of a line: of what cannot be the name of a level nothing is asked. */
export function findLevelWord(state: usize, at: usize, end: usize): u32 {
  answer = 0
  if (end - at > longestWord || endOfLetters(at, end) != end || at == end) return stopEnd
  return findLevelText(state, at, end)
}

/** Where the letters of ASCII that begin at `at` end, at `limit` at the latest. */
export function endOfLetters(at: usize, limit: usize): usize {
  while (at < limit && (<u32>load<u8>(at) | 0x20) - 0x61 <= 25) at++
  return at
}
