import { writeFileSync } from 'node:fs'

/**
 * Loaded into a measured process with --import: at its exit it writes what the whole process used, all threads
 * included, to the file that BENCH_USAGE names.
 */
process.on('exit', () => {
  const usage = process.resourceUsage()
  const text = JSON.stringify({
    cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    maxRssMiB: usage.maxRSS / 1024,
  })
  writeFileSync(process.env['BENCH_USAGE']!, text)
})
