import type { Io } from '../../src/cli/io.ts'
import { main } from '../../src/cli/cli.ts'

export interface Said {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface Surroundings {
  readonly env?: Record<string, string>
  readonly stdin?: string | Buffer
  readonly isTerminal?: boolean
  /** Pressed in the terminal as soon as somebody listens. */
  readonly keys?: string
}

/** Runs a command line in this process and collects what it says. */
export async function say(argv: readonly string[], surroundings: Surroundings = {}): Promise<Said> {
  const { env = {}, stdin = '', isTerminal = false, keys } = surroundings
  const texts = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr'): Io['stdout'] => ({
    write: (text) => (texts[name] += text),
    isTTY: isTerminal,
  })
  const io: Io = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: Object.assign(lines(stdin), keys !== undefined && keyboard(keys)),
    env,
  }
  return { status: await main(argv, io), ...texts }
}

async function* lines(text: string | Buffer): AsyncGenerator<Uint8Array> {
  // In small pieces, as a pipe may bring them.
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
}

function keyboard(keys: string): Omit<Io['stdin'], typeof Symbol.asyncIterator> {
  return {
    isTTY: true,
    setRawMode() {},
    on: (_event, listener) => queueMicrotask(() => listener(keys)),
    off() {},
    resume() {},
    pause() {},
  }
}
