import type { OpenTap } from '../admin/tap-route.ts'
import type { Agent } from '../agent.ts'
import { conditionProblem } from '../steps/condition.ts'

/** Live tails of the agent, for who asks over the control socket. */
export const openTap =
  (agent: Agent): OpenTap =>
  ({ source, where, ...bounds }) => {
    const known = Object.keys(agent.config.sources)
    if (source !== undefined && !known.includes(source))
      return `no source ${JSON.stringify(source)}; there are ${known.join(', ')}`
    const wrong = where === undefined ? undefined : conditionProblem(where)
    return wrong === undefined
      ? (out) => agent.tap({ source, where, out, ...bounds })
      : `the condition ${wrong}`
  }
