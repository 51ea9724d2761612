import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { components } from '../src/components/manifest.ts'
import { errorTable } from '../src/core/errors.ts'
import { parserDefinitions } from '../src/parsers/registry.ts'
import { metricsTable } from '../src/telemetry/metrics-table.ts'

/** The rules of style that a machine can check. An exception stands here with its reason, or the rule is wrong. */

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : path.endsWith('.ts') ? [path] : []
  })
}

const sources = filesIn('src').map((path) => ({ path, text: readFileSync(path, 'utf8') }))
const tests = filesIn('test')
const written = [...sources, ...tests.map((path) => ({ path, text: readFileSync(path, 'utf8') }))]

/** Files that a test imports for more than their types. */
const importedByTests = new Set(
  tests
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type )[^'"]*? from '(\.[^']+)'/gm)].map(
        (match) => join(dirname(path), match[1]!),
      ),
    ),
)

/** Code without comments: what a rule about code is about. Strings stay, which errs on the strict side. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}

/** Where `pattern` occurs in the code of files outside `allowed`, for a message that says where. */
function found(pattern: RegExp, allowed: RegExp): string[] {
  return sources
    .filter(({ path, text }) => !allowed.test(path) && pattern.test(codeOf(text)))
    .map(({ path }) => path)
}

/** Files without a test of the mirrored name, each with what tests it instead. */
const testedElsewhere: Readonly<Record<string, string>> = {
  'src/main.ts': 'hands argv to cli/: test/cli starts it',
  'src/core/chunk.ts': 'types alone',
  'src/core/clock.ts': 'every test with a fake clock',
  'src/core/event.ts': 'words and numbers: the format tests pin them',
  'src/core/file-system.ts': 'types, and a line of code',
  'src/core/ledger.ts': 'test/ledger/',
  'src/core/limits.ts': 'numbers with their reasons',
  'src/core/log.ts': 'types alone',
  'src/core/outcome.ts': 'types and tables of words',
  'src/buffer/buffer.ts': 'types alone',
  'src/lanes/lane.ts': 'types alone',
  'src/sources/source.ts': 'types alone',
  'src/sinks/sink.ts': 'types alone',
  'src/telemetry/view.ts': 'types alone',
  'src/threads/protocol.ts': 'types alone',
  'src/components/definition.ts': 'types, and two functions that return what they are given',
  'src/telemetry/log-fields.ts': 'test/telemetry/log.test.ts',
  'src/telemetry/log-terminal.ts': 'test/telemetry/log.test.ts',
  'src/telemetry/metrics-table.ts': 'test/telemetry/metrics.test.ts',
  'src/telemetry/metrics-reference.ts': 'test/telemetry/metrics.test.ts',
  'src/admin/routes.ts': 'test/admin/server.test.ts',
}

/** Where a package may be imported: one folder, so that it can be replaced in one place. */
const homeOfPackage: Readonly<Record<string, RegExp>> = {
  chokidar: /^src\/sources\/file\//,
  picomatch: /^src\/sources\/file\//,
  split2: /^src\/sources\//,
  '@elastic/elasticsearch': /^src\/sinks\/elasticsearch\//,
  '@elastic/transport': /^src\/sinks\/elasticsearch\//,
  undici: /^src\/sinks\/loki\//,
  snappy: /^src\/sinks\/loki\//,
  pino: /^src\/telemetry\//,
  'prom-client': /^src\/telemetry\//,
  'p-queue': /^src\/delivery\//,
  'jsonc-parser': /^src\/config\//,
  // A schema stands beside what it describes.
  zod: /^src\//,
}

describe('files', () => {
  test('have a test of the mirrored name, one that imports them, or a reason', () => {
    const missing = sources
      .map(({ path }) => path)
      .filter((path) => !(path in testedElsewhere))
      .filter((path) => !isTested(path))
    assert.deepEqual(missing, [])
  })

  test('that have a reason are there and need it', () => {
    const idle = Object.keys(testedElsewhere).filter(
      (path) => !existsSync(path) || existsSync(mirrorOf(path)),
    )
    assert.deepEqual(idle, [])
  })

  test('are named after what they export, never utils, helpers, common, misc, types or manager', () => {
    const vague = written.filter(({ path }) =>
      /^(?:utils?|helpers?|common|misc|types|managers?)\b/.test(basename(path)),
    )
    assert.deepEqual(
      vague.map(({ path }) => path),
      [],
    )
  })

  test('have no line that has to be scrolled: code ends at 110 columns by oxfmt, comments at 130', () => {
    // A text that stands in one piece can be searched for: texts, patterns and URLs may be long.
    const isText = (line: string): boolean => /['"`/][^'"`]{50,}['"`/]|https?:\/\/|^\s*['"`]/.test(line)
    const wide = sources.flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        return line.length <= 130 || isText(line) ? [] : [`${path}:${index + 1}`]
      }),
    )
    assert.deepEqual(wide, [])
  })

  test('hold nothing left over, and no test that is skipped or alone', () => {
    const others = written.filter(({ path }) => path !== 'test/tidy.test.ts')
    const leftOver = /\b(?:TODO|FIXME|XXX|HACK)\b|\b(?:test|describe|it)\.(?:skip|only|todo)\(/
    assert.deepEqual(pathsOf(others.filter(({ text }) => leftOver.test(text))), [])
  })
})

describe('the world comes in through parameters', () => {
  test('timers, clocks and randomness only where time comes in', () => {
    const world = /\b(?:setTimeout|setInterval|Date\.now|Math\.random)\b|\bnew Date\(\)/
    assert.deepEqual(found(withoutMethods(world), /^src\/(?:platform|cli)\/|^src\/(?:agent|main)\.ts$/), [])
  })

  test('process. only in platform/, cli/, agent.ts and main.ts', () => {
    assert.deepEqual(
      found(/(?<![\w.'])process\.(?!stdout\b.*'|_)\w/, /^src\/(?:platform|cli)\/|^src\/(?:agent|main)\.ts$/),
      [],
    )
  })

  test('console. only in cli/ and the console sink', () => {
    assert.deepEqual(found(/(?<![\w./'])console\.\w+\(/, /^src\/cli\/|^src\/sinks\/console/), [])
  })
})

describe('imports', () => {
  const importsOf = (text: string): string[] =>
    [
      ...text.matchAll(
        /^(?:import|export)\b[^'";]*?from '([^'.][^']*)'|^import '([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm,
      ),
    ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
  const packageOf = (specifier: string): string =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')

  test('of a package come from its one folder', () => {
    const strays = sources.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((specifier) => !specifier.startsWith('node:'))
        .map(packageOf)
        .filter((name) => !homeOfPackage[name]?.test(path))
        .map((name) => `${path}: ${name}`),
    )
    assert.deepEqual(strays, [])
  })

  test('of packages are the dependencies of package.json, no more', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    assert.deepEqual(Object.keys(homeOfPackage).toSorted(), Object.keys(dependencies).toSorted())
  })
})

describe('tables', () => {
  test('every error code is used, and explained in docs/errors.md', () => {
    const code = sources
      .filter(({ path }) => path !== 'src/core/errors.ts')
      .map(({ text }) => text)
      .join('\n')
    const docs = readFileSync('docs/errors.md', 'utf8')
    const codes = Object.keys(errorTable)
    assert.deepEqual(
      codes.filter((name) => !code.includes(`'${name}'`)),
      [],
    )
    assert.deepEqual(
      codes.filter((name) => !docs.includes(`\`${name}\``)),
      [],
    )
  })

  test('every metric is in docs/metrics.md, and no file but the table names one', () => {
    const docs = readFileSync('docs/metrics.md', 'utf8')
    assert.deepEqual(
      metricsTable.filter(({ name }) => !docs.includes(`\`${name}\``)),
      [],
    )
    const strays = sources.filter(
      ({ path, text }) => !path.startsWith('src/telemetry/') && /'logferry_\w+'/.test(text),
    )
    assert.deepEqual(
      strays.map(({ path }) => path),
      [],
    )
  })

  test('every source, sink and parser that is written is listed', () => {
    const defined = (kind: string): string[] =>
      sources
        .flatMap(({ text }) => [
          ...codeOf(text).matchAll(new RegExp(`\\bdefine${kind}\\(\\{\\s*type: '([a-z_]+)'`, 'g')),
        ])
        .map((match) => match[1]!)
        .toSorted()
    const types = (list: readonly { readonly type: string }[]): string[] =>
      list.map(({ type }) => type).toSorted()
    assert.deepEqual(defined('Source'), types(components.sources))
    assert.deepEqual(defined('Sink'), types(components.sinks))
    assert.deepEqual(defined('Parser'), types(parserDefinitions))
  })
})

function mirrorOf(path: string): string {
  return path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
}

/** By a test of the mirrored name, or by one that imports the file itself: parts of one thing may share a test. */
function isTested(path: string): boolean {
  return existsSync(mirrorOf(path)) || importedByTests.has(path)
}

function pathsOf(files: readonly { readonly path: string }[]): string[] {
  return files.map(({ path }) => path)
}

/** `server.setTimeout(…)` sets a limit of a socket, it starts no timer of ours. */
function withoutMethods(pattern: RegExp): RegExp {
  return new RegExp(`(?<![.\\w])(?:${pattern.source})`)
}
