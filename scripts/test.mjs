// Runs the compiled tests: `node scripts/test.mjs` all that need no server, `node scripts/test.mjs real|torture` those.
// Node 20 has no globs in --test, and a folder given to it would run the helpers too.
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const [suite] = process.argv.slice(2)
const find = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return find(path)
    return entry.name.endsWith('.test.js') ? [path] : []
  })

// No test may hang for ever. A file counts as a test here too; the suites that are long by nature get longer.
const limitMs = { torture: 4 * 3_600_000, real: 3_600_000 }[suite] ?? 300_000

const isIn = (path, name) => path.startsWith(join('out/test', name))
// The models have more of their random steps there.
const folders = suite === 'torture' ? ['torture', 'model'] : [suite]
const files = find('out/test').filter((path) =>
  suite ? folders.some((name) => isIn(path, name)) : !isIn(path, 'real'),
)
// Torture ends in a table: each scenario writes a line of it.
const reportPath = 'out/torture.ndjson'
if (suite === 'torture') rmSync(reportPath, { force: true })

const runner = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    '--test',
    '--test-reporter=spec',
    // The real servers have rates: tests beside each other would meet each other's 429s.
    `--test-concurrency=${suite === 'real' ? 1 : 2}`,
    `--test-timeout=${limitMs}`,
    ...files,
  ],
  // spec says the failures again at the end, also without a terminal. A process group of its own: what a test forgot to end can be told from everything else on this machine.
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: { ...process.env, ...(suite === 'torture' && { LOGFERRY_TORTURE_REPORT: resolve(reportPath) }) },
  },
)

/** Command lines of the live processes that the tests left behind. */
function leftBehind() {
  return readdirSync('/proc').flatMap((id) => {
    if (!/^\d+$/.test(id)) return []
    try {
      const [state, , group] = readFileSync(`/proc/${id}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      const isLeft = group === String(runner.pid) && state !== 'Z'
      return isLeft ? [`${id} ${readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')}`] : []
    } catch {
      return [] // It ended while we looked.
    }
  })
}

function endGroup(signal) {
  try {
    process.kill(-runner.pid, signal)
  } catch {
    // Nobody is left.
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => endGroup(signal))
runner.on('exit', (code) => {
  const left = leftBehind()
  endGroup('SIGKILL')
  if (suite === 'torture')
    spawnSync(process.execPath, ['out/scripts/torture-table.js', reportPath], { stdio: 'inherit' })
  if (left.length > 0) process.stderr.write(`processes left behind, ended now:\n${left.join('\n')}\n`)
  process.exit(left.length > 0 ? 1 : (code ?? 1))
})
