import { execFile } from 'node:child_process'
import { fstatSync, write } from 'node:fs'

/** The way to the service manager's socket. Each message is one datagram of lines `NAME=value`. */
export interface NotifyChannel {
  /** Rejects when the message cannot have arrived. */
  send(lines: readonly string[]): Promise<void>
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What a unit calls the socket that it hands over (`OpenFile=/run/systemd/notify:notify`). */
const handedOverName = 'notify'
/** The first descriptor that systemd hands over (SD_LISTEN_FDS_START). */
const firstDescriptor = 3
/** systemd-notify itself waits five seconds for the manager to have read the message. */
const helperTimeoutMs = 10_000

/**
 * Node cannot open a datagram socket of the file system. Either systemd (253 or newer) opened and connected it for us, then a
 * write(2) is a datagram that bears our own process id and costs nothing; or `systemd-notify`, a part of every systemd, sends
 * it: 5 ms of CPU, and the unit has to let children speak (`NotifyAccess=all`). `undefined`: nobody listens.
 */
export function openNotifyChannel(env: Environment, pid: number): NotifyChannel | undefined {
  const socket = env['NOTIFY_SOCKET']
  if (!socket) return undefined
  const descriptor = handedOver(env, pid)
  return descriptor === undefined ? byHelper(socket, env['PATH']) : byDescriptor(descriptor)
}

function handedOver(env: Environment, pid: number): number | undefined {
  // Another process's: a shell between systemd and us has passed its environment on, but not its descriptors.
  if (env['LISTEN_PID'] !== String(pid)) return undefined
  const index = (env['LISTEN_FDNAMES'] ?? '').split(':').indexOf(handedOverName)
  if (index < 0) return undefined
  try {
    return fstatSync(firstDescriptor + index).isSocket() ? firstDescriptor + index : undefined
  } catch {
    return undefined
  }
}

function byDescriptor(descriptor: number): NotifyChannel {
  return {
    // Not in the main thread: the socket blocks while the manager's queue is full.
    send: (lines) =>
      new Promise((resolve, reject) => {
        write(descriptor, lines.join('\n'), (error) => (error ? reject(error) : resolve()))
      }),
  }
}

function byHelper(socket: string, path: string | undefined): NotifyChannel {
  // Nothing else of our environment: it may hold secrets. And the helper needs none of it.
  const env = { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) }
  return {
    send: (lines) =>
      new Promise((resolve, reject) => {
        const options = { env, timeout: helperTimeoutMs }
        execFile('systemd-notify', lines, options, (error) => (error ? reject(error) : resolve()))
      }),
  }
}
