import type { GrowthScenario, IdleScenario, Scenario, StartScenario } from './scenario.ts'

/** THE list of what is shipped. A new one is a line here; a new kind of line is a file in formats/. */
export const shipping: readonly Scenario[] = [
  { name: 'json-es', what: 'JSON → Elasticsearch', format: 'json', sinks: ['elasticsearch'] },
  { name: 'json-es-gzip', what: 'JSON → Elasticsearch, gzip', format: 'json', sinks: ['elasticsearch-gzip'] },
  { name: 'json-loki', what: 'JSON → Loki', format: 'json', sinks: ['loki'] },
  {
    name: 'json-steps-es',
    what: 'JSON, a third dropped, two edits → Elasticsearch',
    format: 'json-steps',
    sinks: ['elasticsearch'],
  },
  { name: 'cri-loki', what: 'CRI + JSON → Loki', format: 'cri', sinks: ['loki'] },
  { name: 'cri-es', what: 'CRI + JSON → Elasticsearch', format: 'cri', sinks: ['elasticsearch'] },
  { name: 'nginx-es', what: 'nginx → Elasticsearch', format: 'nginx', sinks: ['elasticsearch'] },
  { name: 'python-es', what: 'python → Elasticsearch', format: 'python', sinks: ['elasticsearch'] },
  {
    name: 'regex-es',
    what: 'regex with 6 groups → Elasticsearch',
    format: 'regex',
    sinks: ['elasticsearch'],
  },
  {
    name: 'json-both',
    what: 'JSON → Elasticsearch and Loki',
    format: 'json',
    sinks: ['elasticsearch', 'loki'],
  },
  {
    name: 'json-es-3',
    what: 'JSON → 3 × Elasticsearch',
    format: 'json',
    sinks: ['elasticsearch', 'elasticsearch', 'elasticsearch'],
  },
  {
    name: 'json-es-3-slow',
    what: 'JSON → 3 × Elasticsearch, each answer after 0.2 s',
    format: 'json',
    sinks: ['elasticsearch', 'elasticsearch', 'elasticsearch'],
    answerAfterMs: 200,
  },
  {
    name: 'json-es-1000',
    what: 'JSON in 1,000 files → Elasticsearch',
    format: 'json',
    sinks: ['elasticsearch'],
    files: 1_000,
  },
  {
    name: 'json-es-backlog',
    what: 'backlog of 5 × the input → Elasticsearch',
    format: 'json',
    sinks: ['elasticsearch'],
    backlog: 5,
  },
]

/** What agents cost that have nothing to do. */
export const idling: readonly IdleScenario[] = [
  { name: 'idle-1', what: '1 idle file', format: 'json', sinks: ['elasticsearch'], files: 1 },
  { name: 'idle-10000', what: '10,000 idle files', format: 'json', sinks: ['elasticsearch'], files: 10_000 },
]

/** What a little news in each of many files costs. */
export const growing: readonly GrowthScenario[] = [
  {
    name: 'many-lines-10000',
    what: 'a line more in each of 10,000 files → Elasticsearch',
    format: 'json',
    sinks: ['elasticsearch'],
    files: 10_000,
  },
]

/** How soon the first event is sent. */
export const starting: readonly StartScenario[] = [
  {
    name: 'start-es',
    what: 'first event → Elasticsearch',
    format: 'json',
    sinks: ['elasticsearch'],
    maxWait: '50ms',
  },
  { name: 'start-loki', what: 'first event → Loki', format: 'json', sinks: ['loki'], maxWait: '50ms' },
]
