import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { frameOf } from '../../../bench/profile/perf.ts'
import { functionOf, roomOf } from '../../../bench/profile/rooms.ts'
import type { Sample } from '../../../bench/profile/sample.ts'

/** Lines as `perf script` prints them, innermost first. */
function sampleOf(...lines: readonly string[]): Sample {
  return { seconds: 1, thread: 'main', frames: lines.map(frameOf) }
}

const write = '\t7f89 JS:*#write file:///srv/out/src/sinks/elasticsearch/encode.js:91:11 (/tmp/perf-1.map)'
const invoke = '\t c494db v8::internal::(anonymous namespace)::Invoke (/usr/bin/node)'
const undici = '\t7f8a JS:^parse file:///srv/node_modules/undici/lib/client.js:5:1 (/tmp/perf-1.map)'

describe('a sample counts for', () => {
  test('the room of the innermost function of ours, with what that calls', () => {
    const sample = sampleOf('\t14c6 Builtins_LoadIC (/usr/bin/node)', write, invoke)
    assert.equal(roomOf(sample), 'sinks')
    assert.equal(functionOf(sample), '#write (sinks/elasticsearch/encode.ts)')
  })

  test('a room also in a system call that goes through Node', () => {
    const system = '\tffffffff81 ext4_da_write_begin ([kernel.kallsyms])'
    const node = '\t7f1a JS:~writev node:fs:900:10 (/tmp/perf-1.map)'
    assert.equal(roomOf(sampleOf(system, node, write)), 'sinks')
    assert.equal(roomOf(sampleOf(system, node, invoke)), 'node')
    assert.equal(functionOf(sampleOf(system)), 'ext4_da_write_begin [system]')
  })

  test('a package that is in between', () => {
    assert.equal(roomOf(sampleOf(undici, write)), 'package undici')
  })

  test('the kernel, where ours called the wasm', () => {
    const wasm = '\t3d33 JS:wasm-function[12]-12-turbofan (/tmp/perf-1.map)'
    assert.equal(roomOf(sampleOf(wasm, write)), 'kernel (wasm)')
    assert.equal(functionOf(sampleOf(wasm, write)), 'wasm-function[12] (kernel.wasm)')
    assert.equal(roomOf(sampleOf(wasm, undici, write)), 'package undici')
    const named = '\t3d33 JS:src/kernel/wasm/lines/endOfLine-1-turbofan (/tmp/perf-1.map)'
    assert.equal(functionOf(sampleOf(named, write)), 'lines/endOfLine (kernel.wasm)')
  })

  test("V8's and Node's own work, whoever waits for it", () => {
    const scavenge = '\t1f0 v8::internal::Scavenger::ScavengePage (/usr/bin/node)'
    assert.equal(roomOf(sampleOf(scavenge, write)), 'gc')
    assert.equal(
      roomOf(sampleOf('\t1 v8::internal::compiler::GraphReducer::ReduceTop (/usr/bin/node)')),
      'optimising',
    )
    assert.equal(
      roomOf(sampleOf('\t1 v8::internal::wasm::GenerateLiftoff (/usr/bin/node)')),
      'compiling wasm',
    )
    assert.equal(roomOf(sampleOf('\t1 v8::internal::Parser::ParseFunction (/usr/bin/node)')), 'compiling')
    const loader = '\t2 JS:~link node:internal/modules/esm/module_job:12:3 (/tmp/perf-1.map)'
    assert.equal(roomOf(sampleOf(invoke, loader)), 'start-up')
    assert.equal(functionOf(sampleOf(invoke, loader)), '(start-up)')
  })
})
