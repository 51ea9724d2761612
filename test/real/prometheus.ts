import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { unpackPackages } from '../../bench/peers/debian-packages.ts'
import { monitoringFolder } from '../support/dashboards.ts'
import { until } from '../support/fake-clock.ts'
import { freePort } from '../support/free-port.ts'

/** Programs of Debian's packages, unpacked in the cache and not installed. */
export interface Tools {
  readonly promtool: string
  readonly prometheus: string
  readonly amtool: string
  readonly alertmanager: string
  /** Where the packages are unpacked: Alertmanager has to run there. */
  readonly root: string
}

const none: Tools = { promtool: '', prometheus: '', amtool: '', alertmanager: '', root: '' }

/** Where they are, or why the tests that need them are skipped. Only asked for in a run with real servers. */
export function findTools(): Tools & { readonly why: string | false } {
  if ((process.env['LOGFERRY_ES_URL'] ?? '') === '')
    return { ...none, why: 'needs the servers of npm run test:real' }
  const found = unpack()
  return typeof found === 'string' ? { ...none, why: found } : { ...found, why: false }
}

function unpack(): Tools | string {
  try {
    const root = unpackPackages('prometheus', ['prometheus', 'prometheus-alertmanager'])
    const tool = (name: string): string => join(root, 'usr/bin', name)
    execFileSync(tool('promtool'), ['--version'], { stdio: 'pipe' })
    return {
      promtool: tool('promtool'),
      prometheus: tool('prometheus'),
      amtool: tool('amtool'),
      alertmanager: relocated(root, tool('prometheus-alertmanager')),
      root,
    }
  } catch (error) {
    return `Debian's prometheus could not be fetched or started: ${String(error).split('\n')[0]}`
  }
}

/**
 * Debian's Alertmanager looks for its templates under /usr/share, where nothing is installed. A copy of it whose path is
 * as long and relative finds them where the package is unpacked.
 */
function relocated(root: string, program: string): string {
  const copy = join(root, 'alertmanager')
  if (existsSync(copy)) return copy
  const text = readFileSync(program).toString('latin1')
  const changed = text.replaceAll('/usr/share/prometheus/alertmanager', 'usr//share/prometheus/alertmanager')
  writeFileSync(`${copy}.part`, Buffer.from(changed, 'latin1'), { mode: 0o755 })
  renameSync(`${copy}.part`, copy)
  return copy
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

/** Starts one of the servers on a port of its own and waits until it is ready; it ends with the test. Returns its URL. */
export async function startServer(
  context: TestContext,
  program: string,
  args: readonly string[],
  cwd = '.',
): Promise<string> {
  const port = await freePort()
  const listen = [`--web.listen-address=127.0.0.1:${port}`]
  const child = spawn(program, [...args, ...listen], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
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

/** A Prometheus that scrapes `target` each second, with the rules of deploy/monitoring. */
export async function scrapeWithRules(
  context: TestContext,
  { prometheus }: Tools,
  { folder, target }: { readonly folder: string; readonly target: string },
): Promise<string> {
  copyFileSync(join(monitoringFolder, 'rules.yml'), join(folder, 'rules.yml'))
  const config = join(folder, 'prometheus.yml')
  writeFileSync(
    config,
    [
      'global: { scrape_interval: 1s, evaluation_interval: 1s }',
      'rule_files: [rules.yml]',
      'scrape_configs:',
      `  - { job_name: logferry, static_configs: [{ targets: ['${target}'] }] }`,
      '',
    ].join('\n'),
  )
  const storage = `--storage.tsdb.path=${join(folder, 'tsdb')}`
  return startServer(context, prometheus, [`--config.file=${config}`, storage])
}

export interface RuleState {
  readonly name: string
  readonly health: string
  readonly state: string
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly state: string
  }[]
}

export async function rulesOf(prometheus: string): Promise<RuleState[]> {
  const { groups } = await askPrometheus(prometheus, 'rules')
  return groups.flatMap(({ rules }: { rules: RuleState[] }) => rules)
}

/** `NAME SINK STATE` of each alert that is pending or fires; `-` where it is about no sink. */
export async function ruleStates(prometheus: string): Promise<string[]> {
  return (await rulesOf(prometheus)).flatMap(({ name, alerts }) =>
    alerts.map(({ labels, state }) => `${name} ${labels['sink'] ?? '-'} ${state}`),
  )
}
