/** Work that a command asked for, which goes on beside the deliveries until it is done or cancelled. */
export interface Job {
  /** For people: `a replay`. */
  readonly title: string
  /** Resolves to what a script may rely on; also where `signal` aborts, after which it ends soon. */
  run(signal: AbortSignal): Promise<object>
  /** How far it is, in the same words. */
  progress(): object
}

/** What the command reads: lines of JSON. */
export interface JobOutput {
  write(text: string): void
  end(): void
}

/** What was asked cannot be done, and what to do instead. */
export class JobRefused extends Error {}

/** THE list of what commands can have the agent do: the paths that they ask. `make-job.ts` makes them. */
export const jobPaths = ['/replay', '/dlq/replay', '/dlq/purge'] as const
export type JobPath = (typeof jobPaths)[number]
