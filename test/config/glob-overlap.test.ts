import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import picomatch from 'picomatch'
import { globsOverlap } from '../../src/config/glob-overlap.ts'

describe('globsOverlap', () => {
  const cases: readonly (readonly [a: string, b: string, overlap: boolean])[] = [
    ['/a/*.log', '/a/x.log', true],
    ['/a/*.log', '/a/x.txt', false],
    ['/a/*.log', '/a/b/x.log', false],
    ['/a/**/*.log', '/a/x.log', true],
    ['/a/**/*.log', '/a/b/c/x.log', true],
    ['/a/**', '/b/**', false],
    ['/a/app-*.log', '/a/*-1.log', true],
    ['/a/?.log', '/a/ab.log', false],
    ['/a/{x,y}.log', '/a/{y,z}.log', true],
    ['/a/{x,y}.log', '/a/{v,w}.log', false],
    ['/a/[xy].log', '/a/x.log', true],
    ['/a/x', '/a/x', true],
    ['/a/@(x|y).log', '/a/x.log', true],
    ['/var/log/pods/*/*/*.log', '/var/log/*.log', false],
  ]
  for (const [a, b, overlap] of cases) {
    it(`${a} and ${b}: ${overlap}`, () => {
      assert.equal(globsOverlap(a, b), overlap)
      assert.equal(globsOverlap(b, a), overlap)
    })
  }

  it('never says no where a path matches both', () => {
    const part = fc.constantFrom('a', 'b', '*', '**', '?', 'a*', '{a,b}', '[ab]', 'ab')
    const glob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
    const path = fc
      .array(fc.constantFrom('a', 'b', 'ab', 'aa'), { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`)
    fc.assert(
      fc.property(glob, glob, path, (a, b, file) => {
        const matchesBoth = picomatch(a, { dot: true })(file) && picomatch(b, { dot: true })(file)
        assert.ok(!matchesBoth || globsOverlap(a, b), `${a} and ${b} both match ${file}`)
      }),
      { numRuns: 2000 },
    )
  })
})
