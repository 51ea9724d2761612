import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'

/** Room by room, what may be imported whole, and single files where only an interface is open. Nothing else is. */
const mayImport: Readonly<Record<string, string>> = {
  core: '',
  platform: 'core platform',
  buffer: 'core platform buffer',
  parsers: 'core parsers enrich lanes components/definition components/fields',
  enrich: 'core parsers enrich lanes',
  kubernetes: 'core enrich kubernetes telemetry/view',
  steps: 'core parsers enrich steps',
  lanes: 'core parsers enrich steps lanes components/definition components/fields',
  render: 'core render buffer/buffer',
  sources: 'core sources buffer/buffer lanes/lane components/definition components/fields',
  sinks: 'core render sinks buffer/buffer components/definition components/fields',
  components: 'core sources sinks components',
  config: 'core platform buffer parsers enrich kubernetes steps lanes render sources sinks components config',
  delivery: 'core delivery buffer/buffer sinks/sink telemetry/view components/fields',
  ledger: 'core ledger telemetry/view',
  threads: 'core threads buffer/buffer lanes/lane sources/source components/manifest',
  telemetry: 'core telemetry buffer/buffer sources/source',
  admin: 'core ledger telemetry admin config/listen platform/program-files',
  agent:
    'core platform buffer parsers enrich kubernetes steps lanes render sources sinks components config delivery ledger ' +
    'threads telemetry agent',
  cli:
    'core platform buffer parsers enrich kubernetes steps lanes render sources sinks components config delivery ledger ' +
    'threads telemetry admin agent cli',
}

const rooms = Object.keys(mayImport)
const interfaces = [
  'buffer/buffer',
  'lanes/lane',
  'sources/source',
  'sinks/sink',
  'telemetry/view',
  'config/listen',
  'platform/program-files',
].concat(['definition', 'fields', 'manifest'].map((name) => `components/${name}`))
const tree = mkdtempSync(join(tmpdir(), 'logferry-fences-'))
after(() => rmSync(tree, { recursive: true }))

function plant(path: string, text: string): void {
  mkdirSync(join(tree, dirname(path)), { recursive: true })
  writeFileSync(join(tree, path), text)
}

/** Lints the planted tree; the paths in which a fence was crossed. */
function crossed(): Set<string> {
  copyFileSync('.oxlintrc.json', join(tree, '.oxlintrc.json'))
  const oxlint = resolve('node_modules/.bin/oxlint')
  const { stdout } = spawnSync(oxlint, ['--format', 'json'], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const found: { code: string; filename: string }[] = JSON.parse(stdout).diagnostics
  return new Set(
    found.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename),
  )
}

test('every fence between rooms holds, for types too', () => {
  const targets = [...rooms.map((room) => `${room}/inside`), ...interfaces]
  for (const room of rooms) {
    for (const target of targets) {
      const file = `src/${room}/planted/${target.replace('/', '-')}.ts`
      plant(file, `import type { Target } from '../../${target}.ts'\nexport type Planted = Target\n`)
    }
  }
  const refused = crossed()
  for (const room of rooms) {
    const open = mayImport[room]!.split(' ')
    const allowed = targets.filter(
      (target) => !refused.has(`src/${room}/planted/${target.replace('/', '-')}.ts`),
    )
    const expected = targets.filter((target) => open.includes(target) || open.includes(target.split('/')[0]!))
    assert.deepEqual(allowed, expected, `what ${room}/ may import`)
  }
})

test('main.ts may import the commands alone, and nothing may import main.ts', () => {
  plant('src/main.ts', "import { agent } from './agent.ts'\nexport { agent }\n")
  plant('src/cli/from-main.ts', "import { main } from '../main.ts'\nexport { main }\n")
  const refused = crossed()
  assert.ok(refused.has('src/main.ts'))
  assert.ok(refused.has('src/cli/from-main.ts'))
})

test('what must be pure may not open files, and no sink knows another', () => {
  for (const room of ['core', 'parsers', 'steps', 'lanes', 'render']) {
    plant(`src/${room}/impure.ts`, "import { readFileSync } from 'node:fs'\nexport { readFileSync }\n")
  }
  plant('src/sinks/loki/other.ts', "import { other } from '../elasticsearch/index.ts'\nexport { other }\n")
  plant('src/sinks/loki/shared.ts', "import { shared } from '../http/tls.ts'\nexport { shared }\n")
  const refused = crossed()
  for (const room of ['core', 'parsers', 'steps', 'lanes', 'render'])
    assert.ok(refused.has(`src/${room}/impure.ts`), room)
  assert.ok(refused.has('src/sinks/loki/other.ts'))
  assert.ok(!refused.has('src/sinks/loki/shared.ts'))
})
