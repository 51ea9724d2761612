import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { components } from '../src/components/manifest.ts'
import { errorTable } from '../src/core/errors.ts'
import { parserDefinitions } from '../src/parsers/registry.ts'
import { stepDefinitions } from '../src/steps/registry.ts'
import { metricsTable } from '../src/telemetry/metrics-table.ts'

/** The rules of style that a machine can check. An exception stands here with its reason, or the rule is wrong. */

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : path.endsWith('.ts') ? [path] : []
  })
}

// AssemblyScript has no tests of its own: its exports are tested through the loader.
const sources = filesIn('src')
  .filter((path) => !path.startsWith('src/kernel/wasm/'))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
const tests = filesIn('test')
const written = [...sources, ...tests.map((path) => ({ path, text: readFileSync(path, 'utf8') }))]

/** The paths that a file imports for more than their types. */
function relativeImports(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/^(?:import|export) (?!type\b)[^'"]*? from '(\.[^']+)'/gm)].map((match) =>
    join(dirname(path), match[1]!),
  )
}

/**
 * Files that a test imports or mirrors (test/enrich/trace.test.ts may ask src/enrich/trace.ts through a lane), and from
 * there on what they are made of within their own room: parts of one thing may share its test, but no room is tested by
 * the tests of another.
 */
function reachedByTests(): Set<string> {
  const roomOf = (path: string): string => path.split('/')[1] ?? ''
  const reached = new Set<string>()
  const reach = (path: string): void => {
    if (reached.has(path) || !existsSync(path)) return
    reached.add(path)
    for (const next of relativeImports(path)) if (roomOf(next) === roomOf(path)) reach(next)
  }
  for (const path of tests) {
    for (const imported of relativeImports(path)) if (imported.startsWith('src/')) reach(imported)
    if (path.endsWith('.test.ts')) reach(path.replace(/^test/, 'src').replace('.test.ts', '.ts'))
  }
  return reached
}

/** A file of types, words and numbers has nothing to run. */
function hasCode(text: string): boolean {
  return /\b(?:function|class)\b|=>/.test(
    codeOf(text).replaceAll(/^\s*(?:export )?(?:interface|type) [\s\S]*?^}?$/gm, ''),
  )
}

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

/** Files that no test reaches by imports, each with what tests it instead. A name that ends in / is a folder. */
const testedElsewhere: Readonly<Record<string, string>> = {
  'src/components/definition.ts':
    'returns what it is given, for the types: manifest.test.ts reads what comes out',
  'src/main.ts': 'hands argv to cli/: tests that start the agent as a process',
  'src/agent.ts': 'tests that start the agent as a process',
  'src/agent/': 'tests that start the agent as a process',
  'src/cli/': 'tests that start the agent as a process',
  'src/admin/page/browser/': 'the page in Chromium, test/real/page.test.ts',
}

/** Where a package may be imported: one folder, so that it can be replaced in one place. */
const homeOfPackage: Readonly<Record<string, RegExp>> = {
  '@marcbachmann/cel-js': /^src\/steps\//,
  chokidar: /^src\/sources\/file\//,
  picomatch: /^src\/sources\/file\//,
  split2: /^src\/sources\//,
  '@elastic/elasticsearch': /^src\/sinks\/elasticsearch\//,
  '@elastic/transport': /^src\/sinks\/elasticsearch\//,
  undici: /^src\/sinks\/http\//,
  pino: /^src\/telemetry\//,
  'prom-client': /^src\/telemetry\//,
  'p-queue': /^src\/delivery\//,
  'jsonc-parser': /^src\/config\//,
  // A schema stands beside what it describes.
  zod: /^src\//,
}

describe('files', () => {
  test('are reached by a test of their room, or stand on the list', () => {
    const reached = reachedByTests()
    const missing = sources
      .filter(({ path, text }) => hasCode(text) && !reached.has(path) && !isListed(path))
      .map(({ path }) => path)
    assert.deepEqual(missing, [])
  })

  test('on the list are there', () => {
    assert.deepEqual(
      Object.keys(testedElsewhere).filter((path) => !existsSync(path)),
      [],
    )
  })

  test('of tests lie in the mirrored folder', () => {
    const strays = tests
      .filter((path) => path.endsWith('.test.ts') && /^test\/[a-z]+\//.test(path))
      .filter((path) => !existsSync(dirname(path).replace(/^test/, 'src')))
      .filter(
        (path) => !/^test\/(?:model|real|examples|contract|torture|e2e|deploy|formats|bench)\b/.test(path),
      )
    assert.deepEqual(strays, [])
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
    const allowed = /^src\/(?:platform|cli|admin\/page\/browser)\/|^src\/(?:agent|main)\.ts$/
    assert.deepEqual(found(withoutMethods(world), allowed), [])
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

  test('know where they lie in platform/program-files.ts alone: in the one executable there is no such place', () => {
    // A package that is loaded late is named on the spot, where the packaging finds it.
    const place = /import\.meta(?!\.url\)\(['"])|createRequire\((?!import\.meta\.url\)\(['"])/
    assert.deepEqual(found(place, /^src\/platform\/program-files\.ts$/), [])
  })

  test('of packages are the dependencies of package.json, no more', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    assert.deepEqual(Object.keys(homeOfPackage).toSorted(), Object.keys(dependencies).toSorted())
  })
})

describe('documents', () => {
  const documents = readdirSync('.').filter((name) => name.endsWith('.md'))

  test('link to files that are there', () => {
    const links = [...documents, 'docs', 'systemd', 'deploy/kubernetes', 'servers', 'bench'].flatMap((name) =>
      (name.endsWith('.md') ? [name] : markdownIn(name)).flatMap((path) =>
        [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
          (match) => [path, match[1]!] as const,
        ),
      ),
    )
    const broken = links.filter(([path, link]) => !existsSync(join(dirname(path), link)))
    assert.deepEqual(broken, [])
  })

  test("ARCHITECTURE.md's paths are files and folders of src/", () => {
    const text = readFileSync('ARCHITECTURE.md', 'utf8')
    const rows = text.slice(text.indexOf('| I want to')).split('\n').slice(2)
    const named = [...text.matchAll(/`([a-z][a-z/-]*\.ts|[a-z]+(?:\/[a-z-]+)+\/?)`/g)].map(
      (match) => match[1]!,
    )
    const inRows = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
    const missing = [...named, ...inRows].filter(
      (path) => !existsSync(join('src', path)) && !existsSync(path),
    )
    assert.deepEqual(missing, [])
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

  test('every source, sink, parser and step that is written is listed', () => {
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
    assert.deepEqual(defined('Step'), types(stepDefinitions))
  })
})

function markdownIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

function isListed(path: string): boolean {
  return Object.keys(testedElsewhere).some((name) =>
    name.endsWith('/') ? path.startsWith(name) : path === name,
  )
}

function pathsOf(files: readonly { readonly path: string }[]): string[] {
  return files.map(({ path }) => path)
}

/** `server.setTimeout(…)` sets a limit of a socket, it starts no timer of ours. */
function withoutMethods(pattern: RegExp): RegExp {
  return new RegExp(`(?<![.\\w])(?:${pattern.source})`)
}
