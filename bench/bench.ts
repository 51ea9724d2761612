import { cpus, loadavg } from 'node:os'
import { BenchFloor } from './measuring/bench-floor.ts'
import { coldStart } from './measuring/cold-start.ts'
import { messageOf } from './measuring/failure.ts'
import { growth } from './measuring/growth.ts'
import { idle } from './measuring/idle.ts'
import { ship } from './measuring/ship.ts'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { findRsyslog } from './peers/rsyslog-program.ts'
import { isDaemon } from './pipelines/pipeline.ts'
import type { Daemon } from './pipelines/pipeline.ts'
import { nodeProgram } from './processes/node-program.ts'
import { growthTable } from './report/growth-table.ts'
import { idleTable } from './report/idle-table.ts'
import { emptyCells, shipTable } from './report/ship-table.ts'
import { startTable } from './report/start-table.ts'
import type { Scenario } from './scenario.ts'
import { growing, idling, shipping, starting } from './scenarios.ts'

/**
 * What it costs to ship, to wait and to start: whole processes in interleaved runs, the agent as it is built against the
 * naive pipeline and rsyslog. Progress goes to stderr, tables for Markdown to stdout. See bench/README.md.
 *   npm run bench -- [--scenario json-es,cri-loki] [--gb 1] [--runs 3] [--nodes 24,20] [--pipelines logferry,naive]
 *                    [--idle-seconds 60] [--list]
 */
const floor = new BenchFloor()
try {
  const options = readOptions(process.argv.slice(2))
  if (options.isList) list()
  else await measure(options)
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`)
  process.exitCode = 2
} finally {
  floor.close()
}

function list(): void {
  for (const { name, what } of [...shipping, ...idling, ...starting, ...growing]) {
    process.stdout.write(`${name.padEnd(16)} ${what}\n`)
  }
}

async function measure(options: Options): Promise<void> {
  const rsyslog = findRsyslog()
  const which = typeof rsyslog === 'string' ? `not here: ${rsyslog}` : rsyslog.version
  process.stdout.write(
    `${options.shipping.length > 0 ? `${(options.bytes / 1e9).toFixed(2)} GB, ` : ''}medians of ${options.runs} interleaved runs, ${cpus().length} cores ` +
      `(load ${loadavg()[0]!.toFixed(1)} at the start), ${new Date().toISOString().slice(0, 10)}; rsyslog ${which}\n\n`,
  )
  await shipAll(options)
  await startAll(options)
  await growAll(options)
  await idleAll(options)
}

async function shipAll({ nodes, ...options }: Options): Promise<void> {
  const results = []
  for (const scenario of options.shipping) {
    for (const node of nodes) {
      const result = await ship(floor, scenario, { ...options, node: nodeProgram(node) })
      results.push({ node, result })
    }
  }
  if (results.length === 0) return
  process.stdout.write(`${shipTable(results)}\n`)
  for (const line of emptyCells(results.map(({ result }) => result))) process.stdout.write(`- ${line}\n`)
  process.stdout.write('\n')
}

async function startAll({ runs, ...options }: Options): Promise<void> {
  const rows = await eachOf(options.starting, options, async ({ scenario, pipeline, node }) => {
    const parts = { pipeline, node: nodeProgram(node), runs }
    const milliseconds = await coldStart(floor, scenario, parts)
    return { what: scenario.what, pipeline: pipeline.name, node, milliseconds }
  })
  if (rows.length > 0) process.stdout.write(`${startTable(rows)}\n`)
}

async function growAll({ runs, ...options }: Options): Promise<void> {
  const rows = await eachOf(options.growing, options, async ({ scenario, pipeline, node }) => {
    const results = await growth(floor, scenario, { pipeline, node: nodeProgram(node), runs })
    return { what: scenario.what, pipeline: pipeline.name, node, files: scenario.files, results }
  })
  if (rows.length > 0) process.stdout.write(`${growthTable(rows)}\n`)
}

async function idleAll({ idleSeconds, ...options }: Options): Promise<void> {
  const rows = await eachOf(options.idling, options, async ({ scenario, pipeline, node }) => {
    const parts = { pipeline, node: nodeProgram(node), seconds: idleSeconds }
    const result = await idle(floor, scenario, parts)
    return { what: scenario.what, pipeline: pipeline.name, node, result }
  })
  if (rows.length > 0) process.stdout.write(`${idleTable(rows)}\n`)
}

interface Combination<Kind> {
  readonly scenario: Kind
  readonly pipeline: Daemon
  readonly node: string
}

/** Rows of what runs until it is stopped, one after the other. One that fails is told and left out. */
async function eachOf<Kind extends Scenario, Row>(
  wanted: readonly Kind[],
  { pipelines, nodes }: Pick<Options, 'pipelines' | 'nodes'>,
  measureOne: (combination: Combination<Kind>) => Promise<Row>,
): Promise<Row[]> {
  const daemons = pipelines.filter(isDaemon)
  const combinations = wanted.flatMap((scenario) =>
    daemons
      .filter((pipeline) => pipeline.cannot(scenario) === undefined)
      .flatMap((pipeline) => nodes.map((node) => ({ scenario, pipeline, node }))),
  )
  const rows: Row[] = []
  for (const combination of combinations) {
    const name = `${combination.scenario.name} · ${combination.pipeline.name}`
    process.stderr.write(`${name}\n`)
    try {
      rows.push(await measureOne(combination))
    } catch (error) {
      process.stdout.write(`- ${name}: ${messageOf(error)}\n`)
    }
  }
  return rows
}
