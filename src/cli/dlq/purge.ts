import { join } from 'node:path'
import { z } from 'zod'
import { formatCounted } from '../../admin/quantities.ts'
import { AgentError, ExitStatus } from '../../core/errors.ts'
import type { Instant } from '../../core/event.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import { purgeFile } from '../../delivery/letters/purge-letters.ts'
import type { PurgedFile } from '../../delivery/letters/purge-letters.ts'
import { letterPaths, listLetterSinks, summariesOf } from '../../delivery/letters/read-letters.ts'
import type { LetterSummary } from '../../delivery/letters/read-letters.ts'
import { isAskedFor } from '../../agent/jobs/asked.ts'
import type { PurgeAsked } from '../../agent/jobs/asked.ts'
import { countPurged } from '../../agent/letters/count-purged.ts'
import { lockDataDir } from '../../platform/lock.ts'
import type { DataDirLock } from '../../platform/lock.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { systemClock } from '../../platform/system-clock.ts'
import { timeOption } from '../buffer/time-option.ts'
import { configOption, textOption } from '../command.ts'
import type { Call, Command } from '../command.ts'
import type { Io } from '../io.ts'
import { lookInto } from '../look-into.ts'
import { runJob } from '../run-job.ts'

interface Wanted {
  /** As the agent is asked. */
  readonly asked: PurgeAsked
  readonly leaves: (letter: LetterSummary) => boolean
}

const progress = z.object({ purged: z.number() })

export const dlqPurge: Command = {
  name: 'dlq purge',
  usage: '[-c FILE] [--sink NAME] [--source NAME] [--reason WORD] [--before T] [--json] --yes',
  summary: 'Deletes dead letters for good; without --yes it says how many these are.',
  details: [
    'In the ledger they move from dead_lettered to dropped{purged}. A running agent does it, as it keeps the count and writes to the files; without one the command does. Run it as the user that runs the agent.',
  ],
  options: {
    ...configOption,
    sink: { value: 'NAME', summary: 'Only what this sink refused; it need not be in the config any more.' },
    source: { value: 'NAME', summary: 'Only events of this source.' },
    reason: { value: 'WORD', summary: 'Only of this reason, a word of the table of `dlq ls`.' },
    before: { value: 'T', summary: 'Only what was given up before this time, or longer ago: 7d.' },
    yes: { summary: 'Do it: there is no way back.' },
    json: { summary: 'One JSON object, for scripts.' },
  },
  takesArguments: false,
  examples: [['logferry dlq purge --sink es --reason mapping --yes', 'after the mapping is put right']],
  run: (call, io) =>
    lookInto(call, io, async ({ config }) => {
      const wanted = wantedLetters(call)
      const dataDir = config.data_dir
      if (call.options['yes'] !== true) {
        const what = `${counted(await countWanted(dataDir, wanted))} would be deleted`
        throw AgentError.of('yes_missing', { command: 'dlq purge', what })
      }
      const { letters, isCancelled } = await purgeOrAsk(dataDir, wanted, io)
      const text =
        call.options['json'] === true
          ? JSON.stringify({ purged: letters, ...(isCancelled && { cancelled: true }) })
          : `Deleted ${counted(letters)}${isCancelled ? ' before it was ended' : ''}.`
      io.stdout.write(`${text}\n`)
      return isCancelled ? ExitStatus.failed : ExitStatus.done
    }),
}

interface Purged {
  readonly letters: number
  readonly isCancelled: boolean
}

/** Whoever has the lock of data_dir does it: the agent that runs there, or else we. */
async function purgeOrAsk(dataDir: string, wanted: Wanted, io: Io): Promise<Purged> {
  const lock = await lockStopped(dataDir)
  if (!lock) {
    const { asked } = wanted
    const show = ({ purged }: z.output<typeof progress>): string => `${counted(purged)} deleted`
    const done = await runJob({ dataDir, path: '/dlq/purge', asked, io, progress, show })
    return { letters: done.progress.purged, isCancelled: done.isCancelled }
  }
  try {
    return { letters: await purge(dataDir, wanted), isCancelled: false }
  } finally {
    await lock.release()
  }
}

function wantedLetters(call: Call): Wanted {
  const [sink, source, reason] = ['sink', 'source', 'reason'].map((name) => textOption(call, name))
  const before = timeOption(call, 'before', { command: 'dlq purge', nowMs: systemClock.now() })
  const asked = {
    ...(sink !== undefined && { sink }),
    ...(source !== undefined && { source }),
    ...(reason !== undefined && { reason }),
    ...(before !== undefined && { before_ms: msOf(before) }),
  }
  return { asked, leaves: (letter) => isAskedFor(letter, asked) }
}

const msOf = ({ seconds, nanos }: Instant): number => seconds * 1000 + nanos / 1e6
const counted = (letters: number): string => formatCounted(letters, 'dead letter')

/** Undefined where an agent has it. */
async function lockStopped(dataDir: string): Promise<DataDirLock | undefined> {
  try {
    return await lockDataDir(dataDir)
  } catch (error) {
    if (error instanceof AgentError && error.code === 'data_dir_locked') return undefined
    throw error
  }
}

async function sinksOf(dataDir: string, { asked: { sink } }: Wanted): Promise<readonly string[]> {
  const sinks = await listLetterSinks(nodeFileSystem, join(dataDir, 'dead_letters'))
  return sinks.filter((name) => sink === undefined || sink === name)
}

async function countWanted(dataDir: string, wanted: Wanted): Promise<number> {
  let letters = 0
  for (const sink of await sinksOf(dataDir, wanted)) {
    for (const path of await letterPaths(nodeFileSystem, join(dataDir, 'dead_letters'), sink)) {
      for await (const lines of summariesOf(nodeFileSystem, path))
        letters += lines.filter((found) => found && wanted.leaves(found.letter)).length
    }
  }
  return letters
}

async function purge(dataDir: string, wanted: Wanted): Promise<number> {
  let letters = 0
  for (const sink of await sinksOf(dataDir, wanted)) {
    const files: PurgedFile[] = []
    try {
      for (const path of await letterPaths(nodeFileSystem, join(dataDir, 'dead_letters'), sink))
        files.push(await purgeOrExplain(dataDir, path, wanted))
    } finally {
      // What is gone has to be counted, whatever became of the files behind it.
      await countPurged(nodeFileSystem, { dataDir, sink, files })
    }
    for (const { left } of files) for (const count of left.values()) letters += count
  }
  return letters
}

async function purgeOrExplain(dataDir: string, path: string, { leaves }: Wanted): Promise<PurgedFile> {
  try {
    return await purgeFile(nodeFileSystem, path, leaves)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === '') throw error
    throw AgentError.of('data_dir_unreadable', { path: dataDir, file: path, reason: code }, { cause: error })
  }
}
