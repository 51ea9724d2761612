import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseMetricsFormat, toOpenMetrics } from '../../src/telemetry/open-metrics.ts'

const prometheus =
  'application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
  'text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

test('OpenMetrics is for those who name it', () => {
  for (const accept of [
    prometheus,
    'application/openmetrics-text',
    'text/plain;q=0.5, Application/OpenMetrics-Text',
  ]) {
    assert.equal(chooseMetricsFormat(accept).isOpenMetrics, true, accept)
  }
  const others = [
    undefined,
    '',
    '*/*',
    'text/html,*/*;q=0.8',
    'application/openmetrics-text;q=0',
    'text/plain',
  ]
  for (const accept of [...others, 'application/openmetrics-text;q=0.2,text/plain']) {
    assert.equal(chooseMetricsFormat(accept).isOpenMetrics, false, accept)
  }
})

test('counters lose _total in their family and keep it in their samples', () => {
  const text = [
    '# HELP a_total Counts.\n# TYPE a_total counter\na_total{x="a_total "} 1',
    '# HELP b Gauge.\n# TYPE b gauge\nb 2',
    '# HELP c Odd.\n# TYPE c counter\nc 3',
  ].join('\n\n')
  assert.equal(
    toOpenMetrics(`${text}\n`),
    [
      '# HELP a Counts.\n# TYPE a counter\na_total{x="a_total "} 1',
      '# HELP b Gauge.\n# TYPE b gauge\nb 2',
      '# HELP c Odd.\n# TYPE c counter\nc_total 3',
      '# EOF\n',
    ].join('\n'),
  )
})
