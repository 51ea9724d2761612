/** Beyond this the engine's own copy is worth its call. */
const longest: usize = 1024

/** Copies `length` bytes; up to 31 more may be read behind the source and written over behind the target. */
export function copyBytes(target: usize, source: usize, length: usize): void {
  if (length > longest) {
    memory.copy(target, source, length)
    return
  }
  const end = source + length
  while (source < end) {
    const low = v128.load(source)
    const high = v128.load(source, 16)
    v128.store(target, low)
    v128.store(target, high, 16)
    source += 32
    target += 32
  }
}
