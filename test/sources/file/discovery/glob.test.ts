import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PathFilter } from '../../../../src/sources/file/discovery/glob.ts'

const includes = (pattern: string, path: string): boolean => new PathFilter([pattern], []).matches(path)
const mayContain = (pattern: string, folder: string, isLink = false): boolean =>
  new PathFilter([pattern], []).mayContain(folder, isLink)

test('wildcards match as people write them', () => {
  assert.ok(includes('/var/log/*.log', '/var/log/a.log'))
  assert.ok(!includes('/var/log/*.log', '/var/log/sub/a.log'))
  assert.ok(includes('/var/log/**/*.log', '/var/log/a.log'))
  assert.ok(includes('/var/log/**/*.log', '/var/log/x/y/a.log'))
  assert.ok(includes('/var/log/app[12].log', '/var/log/app2.log'))
  assert.ok(includes('/v/{a,b/c}/*.log', '/v/b/c/x.log'))
  assert.ok(includes('/v/*.log', '/v/.hidden.log'))
  assert.ok(includes('/v/*.log', '/v/new\nline ü.log'))
  assert.ok(includes('/v/app.log', '/v/app.log'))
})

test('a folder with a newline in its name hides no file, nor saves it from an exclude', () => {
  assert.ok(includes('/v/**/*.log', '/v/a\nb/c\rd/e\u2028f.log'))
  assert.ok(mayContain('/v/a*/*.log', '/v/a\nb'))
  assert.ok(!new PathFilter(['/v/**/*'], ['**/*.gz']).matches('/v/a\nb/c.gz'))
})

test('an exclude without a slash is about the name alone', () => {
  const filter = new PathFilter(['/v/**/*'], ['*.gz', '/v/tmp/**'])
  assert.deepEqual(
    ['/v/a', '/v/x/a.gz', '/v/tmp/a', '/v/a.gz/b'].map((path) => filter.matches(path)),
    [true, false, false, true],
  )
})

test('the walk starts before the first wildcard, and at the folder of a plain path', () => {
  const parts = (pattern: string): readonly string[] => new PathFilter([pattern], []).fixedParts
  assert.deepEqual(parts('/var/log/*/a.log'), ['/var/log'])
  assert.deepEqual(parts('/var/log/app.log'), ['/var/log'])
  assert.deepEqual(parts('/*.log'), ['/'])
  assert.deepEqual(parts('/v/a\\[1\\]/x*'), ['/v/a[1]'])
})

test('only folders that can hold a match are walked', () => {
  assert.ok(mayContain('/v/*/logs/*.log', '/v'))
  assert.ok(mayContain('/v/*/logs/*.log', '/v/app'))
  assert.ok(mayContain('/v/*/logs/*.log', '/v/app/logs'))
  assert.ok(!mayContain('/v/*/logs/*.log', '/v/app/data'))
  assert.ok(!mayContain('/v/*/logs/*.log', '/v/app/logs/old'))
  assert.ok(!mayContain('/v/*.log', '/value'))
  assert.ok(mayContain('/v/{a,b/c}/*.log', '/v/b/c'))
})

test('below ** links are not followed, and kernel file systems never walked', () => {
  assert.ok(mayContain('/v/**/*.log', '/v/a/b'))
  assert.ok(!mayContain('/v/**/*.log', '/v/a/b', true))
  assert.ok(mayContain('/v/*/x.log', '/v/link', true))
  assert.deepEqual(
    ['/proc', '/sys/x', '/dev', '/opt'].map((folder) => mayContain('/**/*.log', folder)),
    [false, false, false, true],
  )
})
