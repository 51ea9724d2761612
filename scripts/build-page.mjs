// `node scripts/build-page.mjs FOLDER`: compiles the status page's scripts and writes them, its HTML, style and icon to
// FOLDER/assets.json, by their paths below src/admin. One file, so that the program reads it in one place.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

const [folder] = process.argv.slice(2)
const browser = 'src/admin/page/browser'
const compiled = mkdtempSync(join(tmpdir(), 'logferry-page-'))
try {
  execFileSync('node_modules/.bin/tsc', ['-p', browser, '--outDir', compiled], { stdio: 'inherit' })
  const scripts = readdirSync(compiled, { recursive: true }).filter((name) => name.endsWith('.js'))
  const others = readdirSync(browser, { recursive: true }).filter((name) => /\.(?:css|html|svg)$/.test(name))
  const files = [
    ...scripts.map((name) => [name, join(compiled, name)]),
    ...others.map((name) => [relative('src/admin', join(browser, name)), join(browser, name)]),
  ]
  const assets = Object.fromEntries(files.map(([name, path]) => [name, readFileSync(path, 'utf8')]))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'assets.json'), `${JSON.stringify(assets, undefined, 1)}\n`)
} finally {
  rmSync(compiled, { recursive: true, force: true })
}
