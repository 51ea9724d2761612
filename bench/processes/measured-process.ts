import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { usageOf } from './proc-usage.ts'
import type { Usage } from './proc-usage.ts'

export interface TimedUsage extends Usage {
  readonly wallSeconds: number
}

/** What a process said is cut to its last lines: tables have notes, not logs. */
const saidLines = 4

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Of this run alone: what the process says goes to `said.txt` in it. */
  readonly folder: string
}

const usageAtExit = fileURLToPath(new URL('usage-at-exit.js', import.meta.url))

/** Runs a program for Node to its end and returns what it used. Throws with what it said if it failed. */
export async function runNodeToEnd(command: Command): Promise<TimedUsage> {
  const startedAt = performance.now()
  await new MeasuredProcess(notingUsage(command)).ended()
  return { ...notedUsage(command), wallSeconds: (performance.now() - startedAt) / 1000 }
}

/** The same program for Node, which notes at its end what it used. */
export function notingUsage(command: Command): Command {
  return {
    ...command,
    args: ['--import', usageAtExit, ...command.args],
    env: { ...command.env, BENCH_USAGE: usageFileOf(command) },
  }
}

export function notedUsage(command: Command): Usage {
  return JSON.parse(readFileSync(usageFileOf(command), 'utf8'))
}

function usageFileOf({ folder }: Command): string {
  return join(folder, 'usage.json')
}

/** A process that runs until it is stopped. */
export class MeasuredProcess {
  readonly startedAtMs: number = Date.now()
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>
  readonly #saidFile: string
  #isOver = false

  constructor({ program, args, env, folder }: Command) {
    this.#saidFile = join(folder, 'said.txt')
    const said = openSync(this.#saidFile, 'a')
    this.#child = spawn(program, args, {
      stdio: ['ignore', said, said],
      env: { ...process.env, ...env },
    })
    closeSync(said)
    // Nobody is left behind when the bench is interrupted.
    const kill = (): unknown => this.#child.kill('SIGKILL')
    process.once('exit', kill)
    this.#exit = once(this.#child, 'exit').then(([code]) => {
      this.#isOver = true
      process.off('exit', kill)
      return code
    })
    // Whoever waits hears of a program that could not be started; nobody has to.
    this.#exit.catch(() => {})
  }

  get pid(): number {
    return this.#child.pid!
  }

  usage(): TimedUsage {
    if (this.#isOver) throw new Error(this.#describe('it ended by itself'))
    return { ...usageOf(this.pid), wallSeconds: (Date.now() - this.startedAtMs) / 1000 }
  }

  /** Waits for `work`. Throws, with what the process said, when that fails or the process ends before. */
  async during(work: Promise<void>): Promise<void> {
    const early = this.#exit.then(() => {
      throw new Error('it ended by itself')
    })
    try {
      await Promise.race([work, early])
    } catch (error) {
      throw new Error(this.#describe(error instanceof Error ? error.message : String(error)), {
        cause: error,
      })
    }
  }

  async ended(): Promise<void> {
    const code = await this.#exit
    if (code !== 0) throw new Error(this.#describe(`it ended with ${code}`))
  }

  /** SIGTERM, and SIGKILL if that did nothing for 30 s. */
  async stop(): Promise<void> {
    if (this.#isOver) return
    this.#child.kill('SIGTERM')
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
    await this.#exit
    clearTimeout(kill)
  }

  #describe(what: string): string {
    const said = readFileSync(this.#saidFile, 'utf8').trim().split('\n').slice(-saidLines).join(' ⏎ ')
    return said === '' ? what : `${what}; it said: ${said}`
  }
}
