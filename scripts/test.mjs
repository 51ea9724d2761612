// Runs the compiled tests: `node scripts/test.mjs` all that need no server, `node scripts/test.mjs real|torture` those.
// Node 20 has no globs in --test, and a folder given to it would run the helpers too.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const [suite] = process.argv.slice(2)
const find = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return find(path)
    return entry.name.endsWith('.test.js') ? [path] : []
  })

// No test may hang for ever. A file counts as a test here too; the suites that are long by nature get longer.
const limitMs = suite ? 3_600_000 : 300_000

const isIn = (path, name) => path.startsWith(join('out/test', name))
const files = find('out/test').filter((path) => (suite ? isIn(path, suite) : !isIn(path, 'real')))
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', `--test-timeout=${limitMs}`, ...files],
  {
    stdio: 'inherit',
  },
)
process.exit(status ?? 1)
