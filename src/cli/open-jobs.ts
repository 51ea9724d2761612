import type { OpenJobs } from '../admin/job-route.ts'
import type { Agent } from '../agent.ts'
import { JobRefused, jobPaths } from '../agent/jobs/job.ts'
import type { Job } from '../agent/jobs/job.ts'

/** What commands can have the agent do, for who asks over the control socket. */
export const openJobs = (agent: Agent): OpenJobs => ({
  paths: jobPaths,
  async open(path, asked) {
    const { busy } = agent.jobs
    if (busy !== undefined) return { status: 409, text: busy }
    const asks = jobPaths.find((known) => known === path)
    if (!asks) return { status: 404, text: `there is no such job; there are ${jobPaths.join(' ')}` }
    let job: Job
    try {
      job = await agent.makeJob(asks, asked)
    } catch (error) {
      if (error instanceof JobRefused) return { status: 400, text: error.message }
      throw error
    }
    return (out) => agent.jobs.start(job, out)
  },
  cancel: (id) => agent.jobs.cancel(id),
})
