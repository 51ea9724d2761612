import { execFileSync, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Command } from '../processes/measured-process.ts'
import type { Frame, Sample } from './sample.ts'

/** No round number, so that nothing that happens each millisecond hides behind it. */
const samplesPerSecond = 499

/** Whether perf is there and may look at our own processes. */
export function hasPerf(): boolean {
  try {
    execFileSync('perf', ['record', '-q', '-e', 'cpu-clock', '-o', '/dev/null', '--', 'true'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}

/** The same command under `perf record`, all threads, JavaScript named; writes to `dataFile`. */
export function underPerf(command: Command, dataFile: string): Command {
  const record = ['record', '-q', '-g', '-e', 'cpu-clock', '-F', `${samplesPerSecond}`, '-o', dataFile]
  const naming = ['--perf-basic-prof', '--interpreted-frames-native-stack']
  return { ...command, program: 'perf', args: [...record, '--', command.program, ...naming, ...command.args] }
}

/** What perf found. Removes the file in /tmp in which Node told it the names of its functions. */
export async function perfSamples(dataFile: string): Promise<Sample[]> {
  const fields = ['-F', 'comm,pid,tid,ip,sym,dso']
  const script = spawn('perf', ['script', '-i', dataFile, ...fields], { stdio: ['ignore', 'pipe', 'ignore'] })
  const samples: Sample[] = []
  const pids = new Set<string>()
  let frames: Frame[] = []
  for await (const line of createInterface({ input: script.stdout })) {
    const head = /^\s*\S.*?\s(\d+)\/(\d+)\s*$/.exec(line)
    if (head) {
      const [, pid = '', thread = ''] = head
      frames = []
      samples.push({ seconds: 1 / samplesPerSecond, thread: pid === thread ? 'main' : thread, frames })
      pids.add(pid)
    } else if (line !== '') {
      frames.push(frameOf(line))
    }
  }
  for (const pid of pids) rmSync(`/tmp/perf-${pid}.map`, { force: true })
  return samples
}

/** `7f89 JS:*#write file:///srv/out/src/sinks/encode.js:91:11 (/tmp/perf-1.map)`, `1a2b crc32_z (/usr/bin/node)`. */
export function frameOf(line: string): Frame {
  const [, symbol = '', object = ''] = /^\s*[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? []
  const script = /^\w+:[~^*+']*(.*?) ?((?:file:\/\/|node:)\S*?):\d+:\d+$/.exec(symbol)
  if (script) return { name: script[1] === '' ? '(anonymous)' : script[1]!, file: script[2]! }
  // With a name section in the wasm it is `JS:src/kernel/wasm/lines/endOfLine-1-turbofan`, without one `wasm-function[1]`.
  const wasm = /^JS:(?:src\/kernel\/wasm\/)?(.+)-\d+-(?:turbofan|liftoff)$/.exec(symbol)
  if (wasm) return { name: wasm[1]!, file: 'wasm:' }
  return { name: object.startsWith('[kernel') ? `${symbol} [system]` : symbol, file: '' }
}
