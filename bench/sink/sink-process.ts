import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { tallyPath } from './tally.ts'
import type { Tally } from './tally.ts'

const program = fileURLToPath(new URL('counting-sink.js', import.meta.url))

/** A counting sink in its process. */
export class SinkProcess {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  static async start(): Promise<SinkProcess> {
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [port]: Buffer[] = await once(child.stdout, 'data')
    return new SinkProcess(child, `http://127.0.0.1:${port!.toString().trim()}`)
  }

  async tally(): Promise<Tally> {
    const answer = await fetch(this.url + tallyPath)
    return JSON.parse(await answer.text())
  }

  /** From now on it answers so many ms after it has taken a body. */
  async forget(answerAfterMs: number): Promise<void> {
    const url = `${this.url}${tallyPath}?answer_after_ms=${answerAfterMs}`
    await (await fetch(url, { method: 'DELETE' })).text()
  }

  stop(): void {
    this.#child.stdin!.end()
  }
}
