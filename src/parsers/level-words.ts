/**
 * Words that are levels and hardly anything else at the start of a line. Fewer than `enrich/level.ts` understands in a
 * member that is called level: there `ok`, `log` and `e` are levels too, in a line they are prose.
 */
export const levelWords: readonly string[] = [
  'trace verbose finest finer fine debug info information informational notice success',
  'warn warning error err severe crit critical alert fatal panic dpanic emerg emergency',
].flatMap((list) => list.split(' '))

const words = new Set(levelWords)

const longestWord = 13

export function isLevelWord(text: string): boolean {
  return text.length <= longestWord && words.has(text.toLowerCase())
}
