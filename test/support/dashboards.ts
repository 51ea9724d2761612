import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const monitoringFolder = 'deploy/monitoring'

const settings = z.looseObject({
  limit: z.string().optional(),
  interval: z.string().optional(),
  min_doc_count: z.string().optional(),
  size: z.string().optional(),
  order: z.string().optional(),
  orderBy: z.string().optional(),
  percents: z.array(z.string()).optional(),
  filters: z.array(z.object({ query: z.string(), label: z.string() })).optional(),
})
/** A part of a query to Elasticsearch: a metric, or what makes buckets. */
const aggregation = z.looseObject({
  id: z.string(),
  type: z.string(),
  field: z.string().optional(),
  settings: settings.default({}),
})
const target = z.looseObject({
  refId: z.string(),
  datasource: z.object({ type: z.string(), uid: z.string() }),
  expr: z.string().optional(),
  query: z.string().optional(),
  queryType: z.string().optional(),
  timeField: z.string().default('@timestamp'),
  metrics: z.array(aggregation).default([]),
  bucketAggs: z.array(aggregation).default([]),
})
const panel = z.looseObject({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  gridPos: z.object({ h: z.int(), w: z.int(), x: z.int(), y: z.int() }),
  targets: z.array(target).optional(),
})
const variable = z.looseObject({
  name: z.string(),
  type: z.string(),
  /** Text, or an object of the data source's own. */
  query: z.union([z.string(), z.looseObject({ query: z.string().optional() })]),
  allValue: z.string().optional(),
})
const dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.int(),
  panels: z.array(panel),
  templating: z.object({ list: z.array(variable) }),
})

export type Target = z.infer<typeof target>
export type Aggregation = z.infer<typeof aggregation>
export type Panel = z.infer<typeof panel>
export type Dashboard = z.infer<typeof dashboard>

export const dashboardNames = readdirSync(join(monitoringFolder, 'dashboards'))

/** One of `dashboards/`, in the shape that these tests rely on. */
export function readDashboard(name: string): Dashboard {
  return dashboard.parse(JSON.parse(readFileSync(join(monitoringFolder, 'dashboards', name), 'utf8')))
}

/** Each query of a dashboard with its panel. */
export function targetsOf({ panels }: Dashboard): { readonly panel: Panel; readonly target: Target }[] {
  return panels.flatMap((one) => (one.targets ?? []).map((each) => ({ panel: one, target: each })))
}

export interface Alert {
  readonly name: string
  /** The expression, on one line. */
  readonly expr: string
  /** The whole entry, as it stands in the file. */
  readonly text: string
}

/** The alerts of rules.yml, which is written evenly enough to be read without a parser of YAML. */
export function readAlerts(): Alert[] {
  const [, ...entries] = readFileSync(join(monitoringFolder, 'rules.yml'), 'utf8').split(/^ {6}- alert: /m)
  return entries.map((text) => {
    const expr = /^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/m.exec(text)
    return {
      name: text.slice(0, text.indexOf('\n')),
      expr: (expr?.[1] ?? expr?.[2] ?? '').replaceAll(/\s+/g, ' ').trim(),
      text,
    }
  })
}
