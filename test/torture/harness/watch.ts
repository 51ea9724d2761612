import { readFileSync, readdirSync } from 'node:fs'

/** What a process uses, read from /proc every 100 ms. */
export class Watch {
  readonly #timer: NodeJS.Timeout
  readonly #pid: number
  peakRssBytes = 0
  peakDescriptors = 0

  constructor(pid: number) {
    this.#pid = pid
    this.#timer = setInterval(() => this.look(), 100)
    this.#timer.unref()
  }

  look(): void {
    this.peakDescriptors = Math.max(this.peakDescriptors, descriptorsOf(this.#pid))
    // The kernel keeps the peak itself: no allocation between two looks is missed.
    this.peakRssBytes = Math.max(this.peakRssBytes, memoryOf(this.#pid, 'VmHWM'))
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/** Bytes; 0 for a process that has ended. */
export function memoryOf(pid: number, what: 'VmHWM' | 'VmRSS'): number {
  try {
    const kibibytes = new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    )?.[1]
    return Number(kibibytes ?? 0) * 1024
  } catch {
    return 0
  }
}

export function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}
