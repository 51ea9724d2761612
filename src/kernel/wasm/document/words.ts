import { copyOnOneLine } from './text'

/**
 * The fixed texts of documents. `src/render/document-words.ts` writes them, in this order, from the names that the rest
 * of the agent uses: so that they stand in one place and in letters.
 */
export const timestampWord: usize = 0
export const traceWord: usize = 1
export const spanWord: usize = 2
export const messageWord: usize = 3
export const offsetWord: usize = 4
/** One for each severity, from 0. */
export const levelWords: usize = 5
/** One for each combination of the four flags that a document shows. */
export const flagsWords: usize = 12

/** Each lies in so many bytes: its length as u32, then its text. */
const wordBytes: usize = 80

/** What a document has at most besides text of its record: words (230), time and offset (50), two ids of 255. */
export const fixedBound: u64 = 1024

export function writeWord(words: usize, word: usize, out: usize): usize {
  const at = words + word * wordBytes
  return copyOnOneLine(at + 4, load<u32>(at), out)
}
