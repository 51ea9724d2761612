/** How much of the torture is run: `short` in `npm test`, `full` by `npm run torture`, `long` by `npm run torture:long`. */
export type Scale = 'short' | 'full' | 'long'

const scales: readonly Scale[] = ['short', 'full', 'long']
const asked = process.env['LOGFERRY_TORTURE'] ?? 'short'

export const scale: Scale = scales.find((name) => name === asked) ?? 'short'

/** Whether what belongs to `from` and above is run now. */
export const reaches = (from: Scale): boolean => scales.indexOf(scale) >= scales.indexOf(from)

/** The number for this scale. */
export const scaled = <T = number>(counts: Readonly<Record<Scale, T>>): T => counts[scale]

/** The same seed, the same faults and moments, as far as the machine allows. */
export const seed = Number(process.env['LOGFERRY_SEED'] ?? Date.now() % 1e9)
