import { runNodeToEnd } from '../processes/measured-process.ts'
import { agentCommand } from './agent-command.ts'
import { fillBuffer } from './backlog.ts'
import type { Pipeline } from './pipeline.ts'

/** The agent as it is built, with its defaults but for what the scenario is about: disk buffer on, `fsync: "1s"`. */
export const logferry: Pipeline = {
  name: 'logferry',
  cannot: () => undefined,
  eventsOf: (input) => input.events,

  async ship(job) {
    if (job.scenario.backlog !== undefined) await fillBuffer(job)
    return runNodeToEnd(agentCommand(job, { isOnce: true }))
  },

  daemon: (job) => agentCommand(job, { isOnce: false }),
}
