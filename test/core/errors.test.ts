import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AgentError, errorTable } from '../../src/core/errors.ts'

describe('AgentError', () => {
  it('has the text, the hint and the exit status of its code', () => {
    const error = AgentError.of('admin_port_in_use', { port: 9465, listen: '127.0.0.1:9465' })
    assert.equal(error.message, 'port 9465 (admin.listen, 127.0.0.1:9465) is in use by another process')
    assert.deepEqual([error.code, error.exitStatus, error.name], ['admin_port_in_use', 1, 'AgentError'])
    assert.equal(AgentError.textOf(error), `${error.message}\n${error.hint}`)
  })

  it('fills parameters in once: what they hold is never a pattern', () => {
    const { message } = AgentError.of('data_dir_not_writable', { path: '{reason} $&', reason: '{path}' })
    assert.equal(message, 'data_dir {reason} $& cannot be used: {path}')
  })

  it('keeps its cause', () => {
    const cause = new Error('why')
    assert.equal(AgentError.of('internal', { reason: 'x' }, { cause }).cause, cause)
    assert.equal(AgentError.textOf(cause), 'why')
    assert.equal(AgentError.textOf('text'), 'text')
  })

  it('every hint is a sentence', () => {
    for (const [code, { hint }] of Object.entries(errorTable)) assert.match(hint, /[.`]$/, code)
  })
})
