import type { Values } from './agent-state.ts'

/** The top of an axis and the places of its lines: 1, 2 or 5 times a power of ten (of 1024 for bytes). */
export interface Axis {
  readonly top: number
  readonly ticks: readonly number[]
}

/** From 0 to a round number not below `most`, in two to four steps. */
export function axisTo(most: number, isBytes: boolean): Axis {
  const wanted = Number.isFinite(most) && most > 0 ? most : isBytes ? 1024 : 1
  const unit = isBytes && wanted >= 1 ? 1024 ** Math.floor(Math.log2(wanted) / 10) : 1
  const step = roundStep(wanted / 3, unit)
  const count = Math.max(1, Math.ceil(wanted / step - 1e-9))
  const ticks = Array.from({ length: count + 1 }, (_, index) => rounded(index * step))
  return { top: ticks[count]!, ticks }
}

/** 3 × 0.0001 is 0.00030000000000000003. */
const rounded = (value: number): number => Number(value.toPrecision(12))

/**
 * Where an axis ends so that one peak does not press all the rest flat (a sink that comes back catches up at thirty times
 * the usual rate): twice what 95 % of the moments stay below, if the highest one is more than double of that.
 */
export function usualMost(lines: readonly Values[]): number {
  const known = lines.flatMap((values) => values.filter((value) => value !== null)).toSorted((a, b) => a - b)
  const high = known.at(-1) ?? 0
  const usual = known[Math.floor(known.length * 0.95)] ?? high
  return usual > 0 && high > 4 * usual ? 2 * usual : high
}

function roundStep(least: number, unit: number): number {
  const power = 10 ** Math.floor(Math.log10(least / unit))
  const factor = [1, 2, 5, 10].find((one) => one * power * unit >= least * (1 - 1e-9)) ?? 10
  return factor * power * unit
}

export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** The `d` of an SVG path; where nothing is known of a moment the line has a gap, and a lonely moment is a dot. */
export function pathOf(
  values: Values,
  axisTop: number,
  { left, top, width, height }: Frame,
  moments: number,
): string {
  const step = width / Math.max(1, moments - 1)
  const first = moments - values.length
  let path = ''
  let isDrawing = false
  for (const [index, value] of values.entries()) {
    if (value === null) {
      isDrawing = false
      continue
    }
    const x = (left + (first + index) * step).toFixed(1)
    const y = (top + height * (1 - Math.min(1, value / axisTop))).toFixed(1)
    const next = values[index + 1]
    if (isDrawing) path += `L${x} ${y}`
    else path += next === null || next === undefined ? `M${x} ${y}h.1` : `M${x} ${y}`
    isDrawing = true
  }
  return path
}

/** Lowest, highest and last known value; undefined where none is known. */
export function summaryOf(
  values: Values,
): { readonly low: number; readonly high: number; readonly last: number | null } | undefined {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return undefined
  return { low: Math.min(...known), high: Math.max(...known), last: values.at(-1) ?? null }
}
