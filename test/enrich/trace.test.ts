import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventOf } from '../lanes/lane-under-test.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'
const parent = `00-${trace}-${span}-01`
const xray = '5759e988bd862e3fe1be46a994272793'

/** [what, line, trace id, span id] */
const forms: readonly (readonly [string, string, string, string])[] = [
  ['W3C', `{"traceparent":"${parent}"}`, trace, span],
  ['W3C in capitals', `{"Traceparent":"00-${trace.toUpperCase()}-${span}-00"}`, trace, span],
  ['W3C of a later version', `{"traceparent":"01-${trace}-${span}-01-more"}`, trace, span],
  ['W3C of the forbidden version', `{"traceparent":"ff-${trace}-${span}-01"}`, '', ''],
  ['OpenTelemetry', `{"trace_id":"${trace}","span_id":"${span}"}`, trace, span],
  ['camel case', `{"traceId":"${trace}","spanId":"${span}"}`, trace, span],
  ['capitals', `{"TraceId":"${trace.toUpperCase()}","SpanID":"${span.toUpperCase()}"}`, trace, span],
  ['ECS', `{"trace.id":"${trace}","span.id":"${span}"}`, trace, span],
  ['ECS nested', `{"trace":{"id":"${trace}"},"span":{"id":"${span}"}}`, trace, span],
  ['a SpanContext', `{"SpanContext":{"TraceID":"${trace}","SpanID":"${span}"}}`, trace, span],
  ['MDC', `{"mdc":{"trace_id":"${trace}","span_id":"${span}"}}`, trace, span],
  ['Python', `{"otelTraceID":"${trace}","otelSpanID":"${span}"}`, trace, span],
  ['Serilog', `{"@tr":"${trace}","@sp":"${span}"}`, trace, span],
  ['a UUID', `{"trace_id":"4bf92f35-77b3-4da6-a3ce-929d0e0e4736"}`, trace, ''],
  ['request headers', `{"req":{"headers":{"traceparent":"${parent}"}}}`, trace, span],
  ['B3', `{"X-B3-TraceId":"${trace}","X-B3-SpanId":"${span}"}`, trace, span],
  ['B3 of 64 bits', `{"x-b3-traceid":"a3ce929d0e0e4736"}`, 'a3ce929d0e0e4736', ''],
  ['B3 in one', `{"b3":"${trace}-${span}-1"}`, trace, span],
  ['B3 with its parent', `{"b3":"${trace}-${span}-d-05e3ac9a4f6e3b90"}`, trace, span],
  ['B3, decision alone', `{"b3":"0"}`, '', ''],
  [
    'Datadog',
    `{"dd":{"trace_id":"10000","span_id":"18446744073709551615"}}`,
    '0000000000002710',
    'ffffffffffffffff',
  ],
  ['Datadog, dotted', `{"dd.trace_id":"10000","dd.span_id":"1"}`, '0000000000002710', '0000000000000001'],
  ['Datadog, numbers beyond 2^53', `{"dd":{"trace_id":9223372036854775807}}`, '7fffffffffffffff', ''],
  ['Datadog, a number', `{"dd.trace_id":255}`, '00000000000000ff', ''],
  ['Datadog of 128 bits', `{"dd.trace_id":"${trace}"}`, trace, ''],
  ['Datadog, too large', `{"dd.trace_id":"18446744073709551616"}`, '', ''],
  ['Datadog, none', `{"dd":{"trace_id":"0","span_id":"0"}}`, '', ''],
  [
    'X-Ray',
    `{"X-Amzn-Trace-Id":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${span};Sampled=1"}`,
    xray,
    span,
  ],
  ['X-Ray, root alone', `{"xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793"}`, xray, ''],
  ["X-Ray in another's field", `{"trace_id":"1-5759e988-bd862e3fe1be46a994272793"}`, xray, ''],
  ['Google', `{"logging.googleapis.com/trace":"projects/p/traces/${trace}"}`, trace, ''],
  ['all zero', `{"trace_id":"${'0'.repeat(32)}","span_id":"${'0'.repeat(16)}"}`, '', ''],
  ['no hex', `{"trace_id":"${'x'.repeat(32)}"}`, '', ''],
  ['wrong length', `{"trace_id":"abc"}`, '', ''],
  ['a number', `{"trace_id":12}`, '', ''],
  ['a word', `{"trace":"x"}`, '', ''],
  [
    'OpenTelemetry before Datadog',
    `{"dd":{"trace_id":"1","span_id":"2"},"trace_id":"${trace}"}`,
    trace,
    '0000000000000002',
  ],
  [
    'ids of one form stay together',
    `{"dd":{"trace_id":"1","span_id":"2"},"trace_id":"${trace}","span_id":"${span}"}`,
    trace,
    span,
  ],
  ['a span alone', `{"span_id":"${span}"}`, '', span],
  ['text: traceparent', `GET / traceparent=${parent} done`, trace, span],
  ['text: a header', `traceparent: ${parent}`, trace, span],
  ['text: trace_id=', `order done trace_id=${trace} span_id=${span}`, trace, span],
  ['text: traceId=', `order done [traceId=${trace}, spanId=${span}]`, trace, span],
  ['text: trace.id=', `trace.id="${trace}"`, trace, ''],
  ['text: another name', `mytrace_id=${trace}`, '', ''],
  ['text: a colon', `trace_id: ${trace}`, '', ''],
  ['text: all zero', `trace_id=${'0'.repeat(32)}`, '', ''],
  ['text: too long', `trace_id=${trace}ab`, '', ''],
]

for (const [what, line, traceId, spanId] of forms) {
  test(`trace ids are found: ${what}`, () => {
    const event = eventOf(line)
    assert.deepEqual([event.traceId, event.spanId], [traceId, spanId])
  })
}

test('no trace id is looked for where it is switched off', () => {
  const event = eventOf(`{"trace_id":"${trace}"}`, { enrich: { trace: false } })
  assert.equal(event.traceId, '')
  assert.equal(eventOf(`trace_id=${trace}`, { enrich: { trace: false } }).traceId, '')
})
