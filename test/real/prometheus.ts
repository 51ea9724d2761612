import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { unpackPackages } from '../../bench/peers/debian-packages.ts'
import { until } from '../support/fake-clock.ts'

/** Programs of Debian's packages, unpacked in the cache and not installed. */
export interface Tools {
  readonly promtool: string
  readonly prometheus: string
  readonly amtool: string
  readonly alertmanager: string
}

let found: Tools | string | undefined

/** Where they are, or why they are not to be had. */
export function findTools(): Tools | string {
  found ??= unpack()
  return found
}

function unpack(): Tools | string {
  try {
    const bin = join(unpackPackages('prometheus', ['prometheus', 'prometheus-alertmanager']), 'usr/bin')
    const tool = (name: string): string => join(bin, name)
    execFileSync(tool('promtool'), ['--version'], { stdio: 'pipe' })
    return {
      promtool: tool('promtool'),
      prometheus: tool('prometheus'),
      amtool: tool('amtool'),
      alertmanager: tool('prometheus-alertmanager'),
    }
  } catch (error) {
    return `Debian's prometheus could not be fetched or started: ${String(error).split('\n')[0]}`
  }
}

/** Runs a command to its end; what it said, and its exit status. */
export function say(
  program: string,
  args: readonly string[],
  input?: string,
): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** Starts one of the servers on a port of its own and waits until it is ready; it ends with the test. Returns its URL. */
export async function startServer(
  context: TestContext,
  program: string,
  args: readonly string[],
): Promise<string> {
  const port = await freePort()
  const listen = [`--web.listen-address=127.0.0.1:${port}`]
  const child = spawn(program, [...args, ...listen], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (data: Buffer) => (log += data.toString()))
  const exited = once(child, 'exit')
  context.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const url = `http://127.0.0.1:${port}`
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${log.slice(-2000)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    return fetch(`${url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    )
  }
  await until(isReady, `${program} is ready`, 60_000)
  return url
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The answer to a request of its API; a refused query throws with the server's words. */
export async function askPrometheus(
  url: string,
  path: string,
  query: Record<string, string> = {},
): Promise<any> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query).toString()}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} ${JSON.stringify(query)}: ${answer.status} ${text}`)
  return JSON.parse(text).data
}

/** What an expression is now. */
export async function evaluate(url: string, expr: string): Promise<Series[]> {
  const data = await askPrometheus(url, 'query', { query: expr })
  return data.result.map(
    ({ metric, value }: { metric: Record<string, string>; value: [number, string] }) => ({
      labels: metric,
      value: Number(value[1]),
    }),
  )
}
