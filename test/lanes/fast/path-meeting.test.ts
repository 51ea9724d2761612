import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentPaths } from '../../../src/enrich/agent-paths.ts'
import * as table from '../../../src/kernel/wasm/meeting-table.ts'
import { meetingOf } from '../../../src/lanes/fast/path-meeting.ts'

const paths = agentPaths([{ name: 'host.name' }, { name: 'service' }], true)
const met = (key: string, findsTrace = true): readonly [number | undefined, string] | undefined => {
  const meeting = meetingOf(paths, key, findsTrace)
  return meeting && [meeting.kind, meeting.name]
}

test('a name makes room at the segment where it meets a path of ours', () => {
  assert.deepEqual(met('host'), [table.meetingOuter, 'host_original'])
  assert.deepEqual(met('host.os'), [table.meetingOuter, 'host.os_original'])
  assert.deepEqual(met('host.name.first'), [table.meetingRenamed, 'host.name_original.first'])
  assert.deepEqual(met('kubernetes.labels.app'), [table.meetingRenamed, 'kubernetes.labels.app_original'])
})

test('what may say the same as we do is compared before it makes room', () => {
  assert.deepEqual(met('host.name'), [table.meetingSame, 'host.name_original'])
  assert.deepEqual(met('log.level'), [table.meetingLevel, 'log.level_original'])
  assert.deepEqual(met('stream'), [table.meetingStream, 'stream_original'])
  assert.deepEqual(met('trace.id'), [table.meetingTrace, 'trace.id_original'])
  assert.deepEqual(met('trace.id', false), [table.meetingRenamed, 'trace.id_original'])
})

test('names that only begin like ours are in nobody’s way', () => {
  for (const key of ['', 'hostname', 'host.architecture', 'log.syslog.priority', 'http', 'services'])
    assert.equal(met(key), undefined)
})

test('where the new name would be ours too, and for the offset, only the general lane can tell', () => {
  const crowded = agentPaths([{ name: 'host_original' }], false)
  assert.equal(meetingOf(crowded, 'host', true)?.kind, undefined)
  assert.deepEqual(met('log.offset'), [undefined, 'log.offset_original'])
})
