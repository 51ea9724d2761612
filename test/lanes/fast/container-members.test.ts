import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, constantFrom, oneof, option, property, tuple } from 'fast-check'
import { compareTurns, path } from './compare-lanes.ts'
import type { ComparedOptions } from './compare-lanes.ts'
import { containerLines, plainLines } from './hostile-lines.ts'

/** Names that lines meet, more of them than bits for them, and values that lines have too. */
const manyLabels = Array.from({ length: 30 }, (_, n) => ({ name: `kubernetes.labels.l${n}`, json: `"${n}"` }))
const knownMembers = constantFrom(
  [{ name: 'kubernetes.node.name', json: '"node-1"' }],
  [
    { name: 'kubernetes.owner.kind', json: '"Deployment"' },
    { name: 'kubernetes.owner.name', json: '"cart"' },
    { name: 'kubernetes.labels.app', json: '"cart"' },
    { name: 'kubernetes.labels.app_kubernetes_io/name', json: '"a\\"b"' },
    { name: 'kubernetes.annotations.note', json: `"${'x'.repeat(1000)}"` },
  ],
  manyLabels,
)
const kubernetesKeys = constantFrom(
  ...'kubernetes.labels.app kubernetes.labels kubernetes.owner.name kubernetes.labels.other kubernetes.labels.l29'.split(
    ' ',
  ),
  'kubernetes.labels.app_kubernetes_io/name',
)
const kubernetesValues = constantFrom(
  '"cart"',
  '"29"',
  '"a\\"b"',
  '"x"',
  '7',
  '{"app":"cart"}',
  '{"app":{"x":1}}',
  '[]',
)
const kubernetesNested = constantFrom(
  '{"labels":{"app":"cart","l3":"3","l29":"29"}}',
  '{"labels":{"app":"cart"},"owner":{"kind":"Deployment","name":"x"}}',
  '{"labels":{"app.kubernetes.io/name":"x"},"node":{"name":"node-1"}}',
  '{"annotations":{"note":"x"},"labels":["app"]}',
)
const kubernetesLines = oneof(
  array(tuple(kubernetesKeys, kubernetesValues), { maxLength: 3 }).map(
    (members) => `{${['"msg":"m"', ...members.map(([key, value]) => `"${key}":${value}`)].join(',')}}`,
  ),
  kubernetesNested.map((value) => `{"kubernetes":${value},"level":"info"}`),
).map((text) => Buffer.from(text))

test('both lanes make the same events whatever is known of their container, and when that changes', (context) => {
  const container = option(
    knownMembers.map((members) => ({ members, parse: undefined, isLeftOut: false })),
    { nil: undefined },
  )
  const lines = oneof(containerLines(kubernetesLines), containerLines(plainLines))
  const turns = array(tuple(container, array(lines, { minLength: 1, maxLength: 20 })), {
    minLength: 1,
    maxLength: 4,
  })
  const config = constantFrom<ComparedOptions>(
    { parse: 'auto' },
    { parse: ['cri', 'json'], enrich: { kubernetes: true } },
    { parse: ['cri', 'json'], enrich: { kubernetes: true }, fields: { 'kubernetes.labels.app': 'ours' } },
    {
      parse: ['cri', 'json'],
      stepConfigs: [{ drop: { if: 'app == "x" || kubernetes.labels.app == "29"' } }, { add: { team: 'x' } }],
    },
  )
  const seed = Number(process.env['LOGFERRY_SEED'] ?? Date.now() % 2 ** 31)
  context.diagnostic(`seed ${seed}`)
  let encoded = 0
  const same = property(tuple(config, turns), ([options, blocks]) => {
    const all = blocks.map(([known, block]) => {
      const bytes = Buffer.concat(block.flatMap((line) => [line, Buffer.from('\n')]))
      return { path, bytes, container: known }
    })
    encoded += compareTurns(options, all).byKernel
  })
  check(same, { numRuns: 150, seed, includeErrorInReport: true })
  context.diagnostic(`${encoded} lines made by the kernel`)
  assert.ok(encoded > 100)
})
