import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url))
/** LOGFERRY_PROGRAM=packages/logferry-…: the same tests with a packaged executable instead of the compiled sources. */
const program = process.env['LOGFERRY_PROGRAM']
const agentCommand = program ? [program] : [process.execPath, main]

export interface SpawnOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  /** A command that becomes the agent: what a service manager sets up before. */
  readonly through?: (command: readonly string[]) => readonly string[]
}

/** The built agent as a process of its own, as users run it. */
export class SpawnedAgent {
  readonly child: ChildProcess
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Resolves when the agent has said that it has started, or has ended. */
  readonly started: Promise<void>
  #stderr = ''
  #stdout = ''

  constructor(args: readonly string[], options: SpawnOptions = {}) {
    const command = [...agentCommand, ...args]
    const [first, ...rest] = options.through?.(command) ?? command
    this.child = spawn(first!, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    this.child.stdin!.on('error', () => {})
    if (options.input !== undefined) this.child.stdin!.end(options.input)
    this.child.stderr!.on('data', (data: Buffer) => (this.#stderr += data.toString()))
    this.child.stdout!.on('data', (data: Buffer) => (this.#stdout += data.toString()))
    this.exited = new Promise((resolve) =>
      this.child.on('close', (code, signal) => resolve({ code, signal })),
    )
    this.started = new Promise((resolve) => {
      this.child.stderr!.on('data', () => {
        if (this.#stderr.includes('"msg":"started"')) resolve()
      })
      this.child.on('close', () => resolve())
    })
  }

  get stderr(): string {
    return this.#stderr
  }

  get stdout(): string {
    return this.#stdout
  }

  async kill(
    signal: NodeJS.Signals = 'SIGKILL',
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.kill(signal)
    return this.exited
  }
}
