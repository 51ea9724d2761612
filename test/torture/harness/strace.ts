import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { until } from '../../support/fake-clock.ts'
import type { SpawnOptions } from '../../support/spawn-agent.ts'

/** Calls that change what is on a disk, or promise that it is there. */
export const changingCalls = [
  'openat',
  'mkdir',
  'pwrite64',
  'write',
  'pwritev',
  'writev',
  'ftruncate',
  'fsync',
  'fdatasync',
  'rename',
  'unlink',
] as const
export type ChangingCall = (typeof changingCalls)[number]

export interface TraceOptions {
  /** Only calls on these files and folders are seen. */
  readonly paths: readonly string[]
  /** What strace is told to inject, `fdatasync:error=EIO:when=3..6`. Counted for each call by itself. */
  readonly inject?: readonly string[]
  /** Where the calls are written. */
  readonly log?: string
  /** With all bytes and times: for `SyncedImage`. */
  readonly keepsBytes?: boolean
}

/** Why strace cannot be used here, or false. */
export const straceMissing: string | false = (() => {
  const { status } = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true'])
  return status === 0 ? false : 'needs strace and the right to trace'
})()

/**
 * The agent under strace, as our own child (`-D`). One thread in libuv's pool, because strace counts the calls of each
 * thread for itself, and no io_uring, because strace does not see what goes through it.
 */
export function traced({
  paths,
  inject = [],
  log = '/dev/null',
  keepsBytes = false,
}: TraceOptions): SpawnOptions {
  const bytes = keepsBytes ? ['-xx', '-s', String(2 ** 24)] : []
  const isKilled = inject.some((each) => each.includes('signal='))
  return {
    env: { UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' },
    through: (command) => [
      'strace',
      '-D',
      '-f',
      '-qq',
      '-ttt',
      '-o',
      log,
      ...bytes,
      // No signal comes through at the stops that the filter makes.
      ...(isKilled ? [] : ['--seccomp-bpf']),
      '-e',
      'signal=none',
      '-e',
      `trace=${changingCalls.join(',')},pread64,read,inotify_add_watch`,
      ...paths.flatMap((path) => ['-P', path]),
      ...inject.flatMap((each) => ['-e', `inject=${each}`]),
      ...command,
    ],
  }
}

/**
 * A fault that begins now and lasts until the returned function is called, for an agent that runs (not under strace
 * itself): its calls on `paths` fail. It has to run with `watchable`.
 */
export async function inflict(
  pid: number,
  { paths, inject = [] }: Pick<TraceOptions, 'paths' | 'inject'>,
): Promise<() => Promise<void>> {
  const calls = inject.map((each) => each.slice(0, each.indexOf(':')))
  const strace = spawn(
    'strace',
    [
      '-f',
      '-p',
      String(pid),
      '-o',
      '/dev/null',
      '-e',
      'signal=none',
      '-e',
      `trace=${calls.join(',')}`,
      ...paths.flatMap((path) => ['-P', path]),
      ...inject.flatMap((each) => ['-e', `inject=${each}`]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  strace.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const ended = new Promise<void>((resolve) => strace.on('close', () => resolve()))
  const isTraced = (thread: string): boolean =>
    !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))
  await until(
    () => readdirSync(`/proc/${pid}/task`).every((thread) => isTraced(thread)),
    `strace has attached: ${said}`,
  )
  return async () => {
    // It lets go of the agent, which goes on.
    strace.kill('SIGINT')
    await ended
  }
}

/** For an agent that `inflict` is to reach: strace does not see what goes through io_uring. */
export const watchable: SpawnOptions = { env: { UV_USE_IO_URING: '0' } }

/** What an agent with these sinks may touch in its data_dir from now on: strace wants whole names. */
export function pathsIn(dataDir: string, sinks: readonly string[] = ['es', 'loki']): string[] {
  return [
    dirname(dataDir),
    ...['.', 'buffer', 'cursors', 'dead_letters', 'lock', 'redact.key'].map((name) => join(dataDir, name)),
    ...segmentPaths(dataDir),
    ...sinks.flatMap((sink) => [...cursorPaths(dataDir, sink), ...letterPaths(dataDir, sink)]),
  ]
}

/** The segments that are there, and the next ones. */
export function segmentPaths(dataDir: string): string[] {
  const folder = join(dataDir, 'buffer')
  const there = existsSync(folder) ? readdirSync(folder).map((name) => Number.parseInt(name)) : []
  const last = Math.max(0, ...there.filter(Number.isInteger))
  const numbers = [...there.filter(Number.isInteger), ...Array.from({ length: 12 }, (_, i) => last + 1 + i)]
  return numbers.map((number) => join(folder, `${String(number).padStart(12, '0')}.seg`))
}

export const cursorPaths = (dataDir: string, sink: string): string[] =>
  ['cursor', 'cursor.new'].map((ending) => join(dataDir, 'cursors', `${sink}.${ending}`))

export function letterPaths(dataDir: string, sink: string): string[] {
  const folder = join(dataDir, 'dead_letters', sink)
  const names = Array.from({ length: 20 }, (_, i) => `${String(i + 1).padStart(3, '0')}.ndjson`)
  return [folder, ...names.map((name) => join(folder, name))]
}
