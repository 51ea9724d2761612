import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNodeToEnd } from '../processes/measured-process.ts'
import type { Pipeline } from './pipeline.ts'
import type { NaiveJob } from './naive-job.ts'

const program = fileURLToPath(new URL('naive-program.js', import.meta.url))

/** What anyone writes first (naive-program.ts): no buffer, no retries, no ids, no accounting. */
export const naive: Pipeline = {
  name: 'naive',
  cannot: (scenario) => (scenario.backlog === undefined ? undefined : 'it has no buffer'),
  eventsOf: (input) => input.events,

  ship({ input, format, targets, folder, node }) {
    const job: NaiveJob = { folder: input.folder, format: format.name, labels: format.labels, targets }
    const jobFile = join(folder, 'naive.json')
    writeFileSync(jobFile, JSON.stringify(job))
    return runNodeToEnd({ program: node, args: [program, jobFile], folder })
  },
}
