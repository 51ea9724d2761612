// npm run package [-- x64 arm64]: builds, then writes into packages/ for each architecture the one executable, a tarball and
// a .deb, and SHA256SUMS over all of them. Default: both. docs/install.md tells what is in them, CONTRIBUTING.md how to release.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { bundle } from './bundle.mjs'
import { writeDebianPackage } from './debian-package.mjs'
import { writeExecutable } from './executable.mjs'
import { thirdPartyLicenses } from './licenses.mjs'
import { architectures, nodeBinary, nodeVersion } from './node-binaries.mjs'
import { writeTarball } from './tarball.mjs'

const output = 'packages'
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(architectures)
const unknown = wanted.filter((name) => !Object.hasOwn(architectures, name))
if (unknown.length > 0) {
  process.stderr.write(
    `package: no such architecture: ${unknown.join(', ')}; there are ${Object.keys(architectures).join(', ')}\n`,
  )
  process.exit(2)
}

/** All that is made for one architecture: paths. */
async function packagesFor(architecture, { script, licenses, work }) {
  const name = `logferry-${version}-linux-${architecture}`
  const executable = join(output, name)
  await writeExecutable({ architecture, script, path: executable, work })
  const { debian } = architectures[architecture]
  const tarball = writeTarball({ name, executable, licenses, work, output })
  return [executable, tarball, writeDebianPackage({ version, debian, executable, licenses, work, output })]
}

const work = mkdtempSync(join(tmpdir(), 'logferry-package-'))
try {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output)
  const { script, packages } = await bundle()
  const nodeLicense = nodeBinary(wanted[0]).license
  const licenses = thirdPartyLicenses(packages, { nodeLicense, nodeVersion })
  const written = []
  for (const architecture of wanted)
    written.push(...(await packagesFor(architecture, { script, licenses, work })))
  const sums = written.map(
    (path) => `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${basename(path)}\n`,
  )
  writeFileSync(join(output, 'SHA256SUMS'), sums.join(''))
  process.stdout.write(`${written.join('\n')}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
