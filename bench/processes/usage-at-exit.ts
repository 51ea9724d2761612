import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { cpuSecondsOf, peakRssMiBOf } from './proc-usage.ts'
import type { Usage } from './proc-usage.ts'

/**
 * Loaded into a measured process with --import: at its exit it writes what the whole process used, all threads and
 * children included, to the file that BENCH_USAGE names. Workers load it too, and leave it to the main thread.
 */
if (isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage()
    const usage: Usage = {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 + cpuSecondsOf(process.pid).children,
      // Not the maxRSS of resourceUsage: that one begins with the size of the process that started this one.
      peakRssMiB: peakRssMiBOf(process.pid),
    }
    writeFileSync(process.env['BENCH_USAGE']!, JSON.stringify(usage))
  })
}
