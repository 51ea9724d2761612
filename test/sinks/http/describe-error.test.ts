import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeError } from '../../../src/sinks/http/describe-error.ts'
test('what an error and its cause say alike is said once', () => {
  const cause = new Error('connect ECONNREFUSED 127.0.0.1:9')
  const error = new Error('connect ECONNREFUSED 127.0.0.1:9', { cause })
  error.name = 'ConnectionError'
  assert.equal(describeError(error), 'ConnectionError connect ECONNREFUSED 127.0.0.1:9')
  const wrapped = new Error('request failed', { cause: error })
  assert.equal(describeError(wrapped), 'request failed ConnectionError connect ECONNREFUSED 127.0.0.1:9')
})
