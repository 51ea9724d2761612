import { z } from 'zod'
import { askAgent } from './ask-agent.ts'

const counts = z.record(z.string(), z.number())

/** What the tables need of `/status`; an agent of a later version may say more. */
const statusSchema = z.object({
  version: z.string(),
  files: z.array(
    z.object({
      source: z.string(),
      path: z.string(),
      size: z.number(),
      offset: z.number(),
      lag_bytes: z.number(),
    }),
  ),
  buffer: z.object({
    bytes: z.number(),
    max_bytes: z.number(),
    oldest_seconds: z.number(),
    state: z.string(),
  }),
  sources: z.record(
    z.string(),
    z.object({
      lane: z.string(),
      lane_reason: z.string().default(''),
      parse_errors: z.number(),
      step_errors: z.number(),
      last_step_error: z.string().nullable(),
      // An agent of an earlier version says nothing of them.
      unreadable_files: z.number().default(0),
      unreadable: z.array(z.object({ path: z.string(), reason: z.string() })).default([]),
    }),
  ),
  sinks: z.record(
    z.string(),
    z.object({
      type: z.string(),
      state: z.string(),
      lag_events: z.number(),
      lag_seconds: z.number(),
      in_flight: z.number(),
      dead_letters_stored: z.number(),
      last_error: z.string().nullable(),
    }),
  ),
  ledger: z.record(
    z.string(),
    z.object({
      read_bytes: z.number(),
      read_events: z.number(),
      lost_bytes: counts,
      sinks: z.record(
        z.string(),
        z.object({
          acknowledged: z.number(),
          dead_lettered: z.number(),
          dropped: counts,
          filtered: z.number(),
          in_buffer: z.number(),
        }),
      ),
    }),
  ),
})

const healthSchema = z.object({
  status: z.string(),
  components: z.record(z.string(), z.object({ status: z.string(), message: z.string() })),
})

export type StatusAnswer = z.output<typeof statusSchema>
export type HealthAnswer = z.output<typeof healthSchema>

/** One moment of the running agent. `raw` is what it said, for `--json`. */
export interface AgentState {
  readonly status: StatusAnswer
  readonly health: HealthAnswer
  readonly raw: object
}

export async function askState(dataDir: string): Promise<AgentState> {
  const [status, health] = await Promise.all([askAgent(dataDir, '/status'), askAgent(dataDir, '/health')])
  const raw = { ...z.object({}).loose().parse(status), health }
  return { status: statusSchema.parse(status), health: healthSchema.parse(health), raw }
}
