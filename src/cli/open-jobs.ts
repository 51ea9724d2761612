import type { OpenJobs } from '../admin/job-route.ts'
import type { Agent } from '../agent.ts'
import { JobRefused } from '../agent/jobs/job.ts'
import type { Job } from '../agent/jobs/job.ts'
import { jobPaths } from '../agent/jobs/make-job.ts'

/** What commands can have the agent do, for who asks over the control socket. */
export const openJobs = (agent: Agent): OpenJobs => ({
  paths: jobPaths,
  open(path, asked) {
    const { busy } = agent.jobs
    if (busy !== undefined) return { status: 409, text: busy }
    let job: Job
    try {
      job = agent.makeJob(path, asked)
    } catch (error) {
      if (error instanceof JobRefused) return { status: 400, text: error.message }
      throw error
    }
    return (out) => agent.jobs.start(job, out)
  },
  cancel: (id) => agent.jobs.cancel(id),
})
