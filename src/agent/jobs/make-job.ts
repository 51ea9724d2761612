import { z } from 'zod'
import { lettersAsked, purgeAsked, replayAsked } from './asked.ts'
import type { Job, JobPath } from './job.ts'
import { JobRefused } from './job.ts'
import { LetterReplayJob } from './letter-replay-job.ts'
import { PurgeJob } from './purge-job.ts'
import { ReplayJob } from './replay-job.ts'
import type { JobWorld } from './world.ts'

/** What commands can have the agent do, by the path that they ask. Loaded with the first of them. */
const makers: Readonly<Record<JobPath, (asked: unknown, world: JobWorld) => Job>> = {
  '/replay': (asked, world) => {
    const wanted = read(replayAsked, asked)
    checkSink(wanted.sink, world)
    return new ReplayJob(wanted, world)
  },
  '/dlq/replay': (asked, world) => {
    const wanted = read(lettersAsked, asked)
    checkSink(wanted.sink, world)
    return new LetterReplayJob(wanted, world)
  },
  '/dlq/purge': (asked, world) => new PurgeJob(read(purgeAsked, asked), world),
}

/** Throws a JobRefused that says what is wrong with what was asked. */
export function makeJob(path: JobPath, asked: unknown, world: JobWorld): Job {
  return makers[path](asked, world)
}

function read<Schema extends z.ZodType>(schema: Schema, asked: unknown): z.output<Schema> {
  const found = schema.safeParse(asked)
  if (found.success) return found.data
  throw new JobRefused(`what was asked is not understood: ${z.prettifyError(found.error)}`)
}

function checkSink(name: string | undefined, { sinks }: JobWorld): void {
  if (name === undefined || sinks.running(name)) return
  throw new JobRefused(`no sink ${JSON.stringify(name)} runs here; there are ${sinks.names.join(', ')}`)
}
