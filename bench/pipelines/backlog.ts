import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../test/support/free-port.ts'
import { MeasuredProcess } from '../processes/measured-process.ts'
import type { TimedUsage } from '../processes/measured-process.ts'
import { agentCommand } from './agent-command.ts'
import type { Job } from './pipeline.ts'

const askEachMs = 100

/** Runs the agent with sinks that nobody listens for until all of the input is in its buffer. Resolves to what that took. */
export async function fillBuffer(job: Job): Promise<TimedUsage> {
  const nobody = `http://127.0.0.1:${await freePort()}`
  const adminPort = await freePort()
  const targets = job.targets.map(({ kind }) => ({ kind, url: nobody }))
  const agent = new MeasuredProcess(agentCommand(job, { isOnce: false, adminPort, targets }))
  try {
    while ((await eventsRead(agent, adminPort)) < job.input.events) await sleep(askEachMs)
    return agent.usage()
  } finally {
    await agent.stop()
  }
}

async function eventsRead(agent: MeasuredProcess, adminPort: number): Promise<number> {
  agent.usage() // Throws if it is not there any more.
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`).catch(() => undefined)
  const line = /^logferry_source_read_events_total\{.*\} (\d+)/m.exec((await answer?.text()) ?? '')
  return Number(line?.[1] ?? 0)
}
