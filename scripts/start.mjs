// npm start: builds if a source is newer than dist/, starts the sample app as a child, and becomes the agent.
// The child ends with this process: it reads our end of its stdin and stops when that closes, however we die.
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const main = join(root, 'dist/main.js')

const newest = (folder) =>
  Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs
    }),
  )

if (!existsSync(main) || newest(join(root, 'src')) > statSync(main).mtimeMs) {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
}

const args = process.argv.slice(2)
const sample = spawn(
  process.execPath,
  [join(root, 'examples/sample-app/app.mjs'), join(root, 'data/sample')],
  {
    stdio: ['pipe', 'ignore', 'inherit'],
  },
)
sample.stdin.on('error', () => {})
sample.unref()
sample.stdin.unref()

// SIGHUP reloads an agent. Where it means that the terminal was closed there is nobody left to stop us: that is a stop.
function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
if (hasTerminal()) process.on('SIGHUP', () => hasTerminal() || process.kill(process.pid, 'SIGTERM'))

process.chdir(root)
process.argv.splice(2, args.length, 'run', '-c', join(root, 'agent.config.json'), ...args)
await import(main)
