import type { Job } from '../pipelines/pipeline.ts'
import { MeasuredProcess } from '../processes/measured-process.ts'
import type { Command, TimedUsage } from '../processes/measured-process.ts'

/** Runs what never ends by itself until its last event is at the sinks: what counts is what it had used by then. */
export async function shipAsDaemon(job: Job, command: Command): Promise<TimedUsage> {
  const measured = new MeasuredProcess(command)
  try {
    await measured.during(job.arrived())
    const usage = measured.usage()
    // How long it takes to start cannot be seen from outside, and is little: nothing is to be taken off.
    return job.input.events === 0 ? { ...usage, wallSeconds: 0 } : usage
  } finally {
    await measured.stop()
  }
}
