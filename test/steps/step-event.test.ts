import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentFieldProblem } from '../../src/steps/agent-fields.ts'
import { EventFinder, sharedFields } from '../../src/steps/event-finder.ts'
import { StepEvent } from '../../src/steps/step-event.ts'
import { JsonLine } from '../../src/parsers/json-line.ts'
import { CleanLine } from '../../src/lanes/clean-line.ts'

const shared = [
  { name: 'host.name', json: '"web-1"' },
  { name: 'kubernetes.container.name', json: '"cart"' },
  { name: 'weight', json: '1.50' },
]

function eventOf(text: string): StepEvent {
  const line = new CleanLine()
  line.setWhole(Buffer.from(text))
  const json = new JsonLine()
  const own = json.scan(line.bytes, line.start, line.end) ? json : undefined
  const event = new StepEvent(new EventFinder(true))
  event.begin(line, { own, isTakenApart: false, added: [], parseError: '' }, sharedFields(shared))
  return event
}

test('a name is the finding of the agent first, then a member spelled so, then a path', () => {
  const event = eventOf(
    '{"level":"WARNING","host.name":"x","a":{"b":1},"a.b":2,"a.b":3,"c":{"d.e":{"f":1.50}}}',
  )
  assert.deepEqual(event.find('level'), { text: 'warn' })
  assert.deepEqual(event.findOwn('level'), { text: 'WARNING' })
  assert.deepEqual(event.find('host.name'), { text: 'web-1' })
  assert.deepEqual(event.find('host_name'), { text: 'web-1' })
  assert.deepEqual(event.find('app'), { text: 'cart' })
  assert.deepEqual(event.find('weight'), { json: '1.50' })
  assert.deepEqual(event.find('a.b'), { json: '3' })
  assert.deepEqual(event.find('c.d.e.f'), { json: '1.50' })
  assert.equal(event.find('constructor'), undefined)
})

test('a level that means nothing is the member as it stands', () => {
  assert.deepEqual(eventOf('{"level":"purple"}').find('level'), { text: 'purple' })
})

test('what the agent finds follows the edits', () => {
  const event = eventOf('{"lvl2":"error"}')
  assert.equal(event.find('level'), undefined)
  event.rename('lvl2', 'level')
  assert.deepEqual(event.find('log.level'), { text: 'error' })
})

test('fields that the agent writes are told from those that it decides by members', () => {
  const none = new Set<string>()
  assert.equal(agentFieldProblem('make', 'log.level', none), undefined)
  assert.match(agentFieldProblem('take', 'log.level', none)!, /remove or rename/)
  assert.equal(agentFieldProblem('take', 'host', none), undefined)
  assert.equal(agentFieldProblem('take', 'log.logger', none), undefined)
})
