import { parseArgs } from 'node:util'
import { pipelines } from './pipelines/pipelines.ts'
import type { Pipeline } from './pipelines/pipeline.ts'
import { growing, idling, shipping, starting } from './scenarios.ts'
import type { GrowthScenario, IdleScenario, Scenario, StartScenario } from './scenario.ts'

export interface Options {
  readonly shipping: readonly Scenario[]
  readonly idling: readonly IdleScenario[]
  readonly starting: readonly StartScenario[]
  readonly growing: readonly GrowthScenario[]
  readonly pipelines: readonly Pipeline[]
  readonly bytes: number
  readonly runs: number
  /** Major versions of Node. */
  readonly nodes: readonly string[]
  readonly idleSeconds: number
  readonly isList: boolean
}

/** `--sinks` of old: JSON lines to these sinks. */
const scenariosBySink: Readonly<Record<string, string>> = {
  elasticsearch: 'json-es',
  'elasticsearch-gzip': 'json-es-gzip',
  loki: 'json-loki',
}

const ownMajor = process.versions.node.split('.')[0]!

/** What the command line asks for. Throws with a text for people. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string' },
      sinks: { type: 'string' },
      pipelines: { type: 'string' },
      gb: { type: 'string', default: '1' },
      runs: { type: 'string', default: '3' },
      nodes: { type: 'string', default: ownMajor },
      'idle-seconds': { type: 'string', default: '60' },
      list: { type: 'boolean', default: false },
    },
  })
  const bySinks = values.sinks?.split(',').map((sink) => scenariosBySink[sink] ?? sink)
  const names = values.scenario?.split(',') ?? bySinks
  const known = [...shipping, ...idling, ...starting, ...growing].map(({ name }) => name)
  for (const name of names ?? []) mustBeOneOf('scenario', name, known)
  const isWanted = ({ name }: Scenario): boolean => names?.includes(name) ?? true
  return {
    shipping: shipping.filter(isWanted),
    idling: idling.filter(isWanted),
    starting: starting.filter(isWanted),
    growing: growing.filter(isWanted),
    pipelines: pipelinesOf(values.pipelines),
    bytes: aboveZero('gb', values.gb) * 1e9,
    runs: Math.ceil(aboveZero('runs', values.runs)),
    nodes: values.nodes.split(','),
    idleSeconds: aboveZero('idle-seconds', values['idle-seconds']),
    isList: values.list,
  }
}

function pipelinesOf(names: string | undefined): readonly Pipeline[] {
  if (names === undefined) return pipelines
  const known = pipelines.map(({ name }) => name)
  for (const name of names.split(',')) mustBeOneOf('pipeline', name, known)
  return pipelines.filter(({ name }) => names.split(',').includes(name))
}

function mustBeOneOf(what: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw new Error(`there is no ${what} "${name}", only ${known.join(', ')}`)
}

function aboveZero(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} ${text}: it has to be a number above 0`)
  return value
}
