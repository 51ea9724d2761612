import { join } from 'node:path'
import { formatCounted } from '../../admin/quantities.ts'
import { AgentError, ExitStatus } from '../../core/errors.ts'
import type { Instant } from '../../core/event.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import { purgeFile } from '../../delivery/letters/purge-letters.ts'
import type { PurgedFile } from '../../delivery/letters/purge-letters.ts'
import { letterPaths, listLetterSinks, summariesOf } from '../../delivery/letters/read-letters.ts'
import type { LetterSummary } from '../../delivery/letters/read-letters.ts'
import { lockDataDir } from '../../platform/lock.ts'
import type { DataDirLock } from '../../platform/lock.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { systemClock } from '../../platform/system-clock.ts'
import { timeOption } from '../buffer/time-option.ts'
import { configOption, textOption } from '../command.ts'
import type { Call, Command } from '../command.ts'
import { lookInto } from '../look-into.ts'
import { countPurged } from './count-purged.ts'

interface Wanted {
  readonly sink: string | undefined
  readonly leaves: (letter: LetterSummary) => boolean
}

export const dlqPurge: Command = {
  name: 'dlq purge',
  usage: '[-c FILE] [--sink NAME] [--source NAME] [--reason WORD] [--before T] [--json] --yes',
  summary:
    'Deletes dead letters for good, while the agent is stopped; without --yes it says how many these are.',
  details: [
    'In the ledger they move from dead_lettered to dropped{purged}. The agent has to be stopped, as it keeps the count and writes to the files: what is logged meanwhile is read when it starts again. Run it as the user that runs the agent.',
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
      const lock = await lockStopped(dataDir)
      try {
        const letters = await purge(dataDir, wanted)
        const text =
          call.options['json'] === true ? JSON.stringify({ purged: letters }) : `Deleted ${counted(letters)}.`
        io.stdout.write(`${text}\n`)
      } finally {
        await lock.release()
      }
      return ExitStatus.done
    }),
}

function wantedLetters(call: Call): Wanted {
  const [sink, source, reason] = ['sink', 'source', 'reason'].map((name) => textOption(call, name))
  const before = timeOption(call, 'before', { command: 'dlq purge', nowMs: systemClock.now() })
  return {
    sink,
    leaves: (letter) =>
      (source === undefined || letter.source === source) &&
      (reason === undefined || letter.reason === reason) &&
      (before === undefined || Date.parse(letter.time) < msOf(before)),
  }
}

const msOf = ({ seconds, nanos }: Instant): number => seconds * 1000 + nanos / 1e6
const counted = (letters: number): string => formatCounted(letters, 'dead letter')

async function lockStopped(dataDir: string): Promise<DataDirLock> {
  try {
    return await lockDataDir(dataDir)
  } catch (error) {
    if (error instanceof AgentError && error.code === 'data_dir_locked')
      throw AgentError.of('agent_has_to_stop', { path: dataDir, command: 'dlq purge' }, { cause: error })
    throw error
  }
}

async function sinksOf(dataDir: string, { sink }: Wanted): Promise<readonly string[]> {
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
