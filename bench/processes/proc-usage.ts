import { readFileSync } from 'node:fs'

/** What a process has used: all threads, and the children that it has waited for. */
export interface Usage {
  /** User and system. */
  readonly cpuSeconds: number
  /** The highest that its memory ever was. */
  readonly peakRssMiB: number
}

/** Linux counts CPU in hundredths of a second for everybody who asks, whatever the kernel's own clock does. */
const ticksPerSecond = 100

/** What a process that runs has used so far (Linux). Its peak is that of the process alone. */
export function usageOf(pid: number): Usage {
  const { own, children } = cpuSecondsOf(pid)
  return { cpuSeconds: own + children, peakRssMiB: peakRssMiBOf(pid) }
}

export function peakRssMiBOf(pid: number): number {
  return memoryOf(pid, 'VmHWM')
}

/** What its memory takes right now. */
export function rssMiBOf(pid: number): number {
  return memoryOf(pid, 'VmRSS')
}

export function cpuSecondsOf(pid: number): { readonly own: number; readonly children: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Counted from behind the name, which may hold spaces: utime stime cutime cstime are the fields 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const seconds = (field: number): number => Number(fields[field - 3]) / ticksPerSecond
  return { own: seconds(14) + seconds(15), children: seconds(16) + seconds(17) }
}

function memoryOf(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1]) / 1024
}
