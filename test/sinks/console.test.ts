import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Severity } from '../../src/core/event.ts'
import type { TextOutput } from '../../src/core/text-output.ts'
import { ConsoleSink, consoleSink } from '../../src/sinks/console.ts'
import { batchItem, batchItems, eventsOfLines, storedEvent } from '../support/stored-event.ts'

class FakeOutput implements TextOutput {
  text = ''
  isRead = true
  readonly isTerminal: boolean

  constructor(isTerminal = false) {
    this.isTerminal = isTerminal
  }

  write(text: string): Promise<boolean> {
    this.text += text
    return Promise.resolve(this.isRead)
  }
}

function sinkOn(output: TextOutput, settings: object = {}): ConsoleSink {
  return new ConsoleSink(consoleSink.schema.parse(settings), output)
}

test('an event is one readable line', async () => {
  const output = new FakeOutput()
  const sink = sinkOn(output)
  const event = storedEvent({ line: '{"level":"warn","msg":"disk is \\"full\\""}', severity: Severity.warn })
  await sink.send(await sink.encode([batchItem(event)], ''))
  assert.equal(output.text, '2026-11-20T18:00:00.123Z WARN  app disk is "full"\n')
})

test('control characters in a line cannot reach the terminal', async () => {
  const output = new FakeOutput(true)
  const sink = sinkOn(output)
  await sink.send(await sink.encode([batchItem(storedEvent({ line: 'a\u001b[2J\r\nb\u202e\u009b' }))], ''))
  const own = output.text.replace(/\u001b\[\d(;\d+)?m/g, '')
  assert.equal(own.includes('\u001b'), false)
  assert.equal(own.split('\n').length, 2)
  assert.match(own, /a\\x1b\[2J\\r\\nb\\u202e\\x9b\n$/)
})

test('colour is for terminals only', async () => {
  for (const isTerminal of [true, false]) {
    const output = new FakeOutput(isTerminal)
    const sink = sinkOn(output)
    await sink.send(await sink.encode([batchItem(storedEvent({ severity: Severity.error }))], ''))
    assert.equal(output.text.includes('\u001b[31mERROR\u001b[0m'), isTerminal)
  }
})

test('as JSON it is the document, one on each line', async () => {
  const output = new FakeOutput()
  const sink = sinkOn(output, { format: 'json' })
  const items = batchItems(eventsOfLines(['one', 'two']))
  const result = await sink.send(await sink.encode(items, ''))
  assert.ok(result.kind === 'items' && result.outcomes.length === 2)
  const lines = output.text.trimEnd().split('\n')
  assert.deepEqual(
    lines,
    items.map((item) => sink.describe(item).body),
  )
})

test('a reader that went away holds the events and ends nothing', async () => {
  const output = new FakeOutput()
  output.isRead = false
  const sink = sinkOn(output)
  const result = await sink.send(await sink.encode(batchItems(eventsOfLines(['one'])), ''))
  assert.ok(result.kind === 'all' && result.outcome.kind === 'hold')
  assert.equal(result.code, 'epipe')
})

test('a screen that lags drops its oldest events rather than stop the others', () => {
  assert.equal(consoleSink.schema.parse({}).when_full, 'drop_oldest')
})
