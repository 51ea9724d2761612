import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from '../processes/measured-process.ts'
import type { Frame, Sample } from './sample.ts'

/** The parts of a .cpuprofile that are used: a tree of calls, and which node was on top for how many microseconds. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The same command with V8's own profiler on, which sees the threads that run JavaScript and wall time, not CPU. */
export function underCpuProfiler(command: Command, folder: string): Command {
  return { ...command, args: ['--cpu-prof', '--cpu-prof-dir', folder, ...command.args] }
}

/** What V8's profiler found, idle time left out; one file for each thread. */
export function cpuProfileSamples(folder: string): Sample[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
  return files.flatMap((name, index) => {
    const profile: CpuProfile = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    return samplesOf(profile, index === 0 ? 'main' : `worker ${index}`)
  })
}

function samplesOf(profile: CpuProfile, thread: string): Sample[] {
  const parents = new Map<number, number>()
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id)
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const stackOf = (top: number): Frame[] => {
    const frames: Frame[] = []
    for (let id: number | undefined = top; id !== undefined; id = parents.get(id)) {
      const { functionName, url } = nodes.get(id)!.callFrame
      frames.push({ name: functionName === '' ? '(anonymous)' : functionName, file: url })
    }
    return frames
  }
  const stacks = new Map(profile.nodes.map(({ id }) => [id, stackOf(id)]))
  return profile.samples
    .map((id, index) => ({ seconds: profile.timeDeltas[index]! / 1e6, thread, frames: stacks.get(id)! }))
    .filter(({ frames }) => frames[0]!.name !== '(idle)')
}
