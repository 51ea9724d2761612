import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

/** The files that are loaded with `path`, and the packages that they load: imports that wait for nothing, and are no types. */
function loadedWith(path: string, files = new Set<string>(), packages = new Set<string>()) {
  if (files.has(path)) return { files, packages }
  files.add(path)
  const text = readFileSync(path, 'utf8')
  for (const [, name = ''] of text.matchAll(/^(?:import|export) (?!type\b)(?:[^'"]*? from )?'([^']+)'/gm)) {
    if (name.startsWith('.')) loadedWith(join(dirname(path), name), files, packages)
    else if (!name.startsWith('node:')) packages.add(name)
  }
  return { files, packages }
}

const { files, packages } = loadedWith('src/cli/run.ts')

test('the agent loads no package at its start that its config may not need: it took 0.6 s of CPU and 50 MB', () => {
  assert.deepEqual([...packages].toSorted(), ['jsonc-parser', 'p-queue', 'pino', 'zod'])
})

test('sinks and the reading of files are loaded for the configs that name them', () => {
  for (const path of [
    'src/sinks/elasticsearch/index.ts',
    'src/sinks/loki/loki-sink.ts',
    'src/sources/file/runner.ts',
  ]) {
    assert.ok(existsSync(path), path)
    assert.ok(!files.has(path), path)
  }
  assert.ok(files.has('src/sinks/elasticsearch/schema.ts'))
})

test("node:http is not imported, only required: Node 24 loads its own undici with the import's names", () => {
  for (const path of files)
    assert.doesNotMatch(readFileSync(path, 'utf8'), /^import \{.*'node:https?'/m, path)
})
