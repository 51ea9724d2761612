// The files that tarball and .deb have in common, and how they are laid so that equal sources make equal packages.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Seconds: the time of every file of a package. That of the commit, or what whoever builds says. */
export function sourceTime() {
  return Number(
    process.env.SOURCE_DATE_EPOCH ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }),
  )
}

/** Copies `from` into a folder of a package; 0644 unless `mode` says otherwise. */
export function place(from, to, mode = 0o644) {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to)
  chmodSync(to, mode)
}

export function placeText(text, to, mode = 0o644) {
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, text)
  chmodSync(to, mode)
}

/** The guides, README and all that they link to of these. */
export function placeGuides(folder) {
  for (const name of ['README.md', 'CHANGELOG.md', 'SECURITY.md']) place(name, join(folder, name))
  for (const name of readdirSync('docs'))
    if (name.endsWith('.md')) place(join('docs', name), join(folder, 'docs', name))
}

/** What the shells complete, as the built program tells: `names` has a file for each shell. */
export function placeCompletions(root, names) {
  for (const [shell, name] of Object.entries(names))
    placeText(execFileSync('node', ['dist/main.js', 'completion', shell]), join(root, name))
}

/** systemd/logferry.service for a program at `program`, with its guides in `guides`. */
export function unit({ program, guides }) {
  const text = readFileSync('systemd/logferry.service', 'utf8')
  const ours = text
    .replaceAll('/usr/bin/env node /opt/logferry/dist/main.js', program)
    .replace(/^Documentation=.*$/m, `Documentation=file:${guides}/README.md file:${guides}/docs/hosts.md`)
  if (/\bnode\b|\/opt\//.test(ours.replaceAll(/^#.*$/gm, '')))
    throw new Error('systemd/logferry.service names a program that the package does not have')
  return ours
}
