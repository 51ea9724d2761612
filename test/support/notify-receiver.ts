import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

/** What the service manager hears: one datagram, and the process that sent it. */
export interface Heard {
  readonly pid: number
  readonly lines: readonly string[]
}

/** Like systemd's end: a datagram socket that asks the kernel who sent. Ends when its stdin does. */
const receiver = `
import json, os, select, socket, struct, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listener.bind(sys.argv[1])
print('"listening"', flush=True)
while True:
    ready, _, _ = select.select([listener, sys.stdin], [], [])
    if sys.stdin in ready: break
    data, ancillary, _, _ = listener.recvmsg(8192, 1024)
    pid = 0
    for level, kind, value in ancillary:
        if kind == socket.SCM_CREDENTIALS: pid = struct.unpack('iii', value[:12])[0]
        if kind == socket.SCM_RIGHTS:
            for at in range(0, len(value) // 4 * 4, 4): os.close(struct.unpack('i', value[at:at + 4])[0])
    print(json.dumps({'pid': pid, 'lines': data.decode().split('\\n')}), flush=True)
`

/** Like systemd's fork: connects a socket, makes it descriptor 3, and becomes the program. */
const handOver = `
import os, socket, sys
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sender.connect(os.environ['NOTIFY_SOCKET'])
if sender.fileno() != 3: os.dup2(sender.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='notify')
os.execvp(sys.argv[1], sys.argv[1:])
`

export const hasPython = spawnSync('python3', ['-c', '']).status === 0
export const hasSystemdNotify = spawnSync('systemd-notify', ['--version']).status === 0

/** A program and its arguments that start `command` with the manager's socket handed over, under the same process id. */
export const handedOver = (command: readonly string[]): string[] => ['python3', '-c', handOver, ...command]

export class NotifyReceiver {
  readonly heard: Heard[] = []
  readonly socket: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'logferry-notify-'))
  readonly #child: ChildProcess

  private constructor() {
    this.socket = join(this.#folder, 'notify')
    this.#child = spawn('python3', ['-c', receiver, this.socket], { stdio: ['pipe', 'pipe', 'inherit'] })
  }

  static async open(context: TestContext): Promise<NotifyReceiver> {
    const opened = new NotifyReceiver()
    context.after(() => opened.#close())
    const lines = createInterface({ input: opened.#child.stdout! })
    await new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        const value: unknown = JSON.parse(line)
        if (value === 'listening') resolve()
        else if (isHeard(value) && value.lines[0] !== 'BARRIER=1') opened.heard.push(value)
      })
    })
    return opened
  }

  /** The first lines of what was heard: `READY=1`, `WATCHDOG=1`, … */
  get words(): string[] {
    return this.heard.map(({ lines }) => lines[0] ?? '')
  }

  async #close(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.on('close', resolve))
    this.#child.stdin!.end()
    await closed
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function isHeard(value: unknown): value is Heard {
  return typeof value === 'object' && value !== null && 'pid' in value && 'lines' in value
}
