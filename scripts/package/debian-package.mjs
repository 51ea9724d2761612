// The .deb. What its scripts do, and why the agent is not started by an installation: docs/install.md.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { place, placeCompletions, placeGuides, placeText, sourceTime, unit } from './staged-files.mjs'

const maintainer = 'the authors of logferry <logferry@localhost>'
const conffiles = ['/etc/logferry/agent.config.json']

/** Writes `OUTPUT/logferry_VERSION_DEBIAN.deb`. Returns its path. */
export function writeDebianPackage({ version, debian, executable, licenses, work, output }) {
  const root = join(work, `deb-${debian}`)
  placeFiles(root, { version, executable, licenses })
  const files = filesIn(root)
  const control = join(root, 'DEBIAN')
  placeText(controlText({ version, debian, files }), join(control, 'control'))
  placeText(conffiles.map((path) => `${path}\n`).join(''), join(control, 'conffiles'))
  placeText(files.map((path) => `${md5(path)}  ${relative(root, path)}\n`).join(''), join(control, 'md5sums'))
  for (const name of ['postinst', 'prerm', 'postrm'])
    place(join('deploy/debian', name), join(control, name), 0o755)

  const path = join(output, `logferry_${version}_${debian}.deb`)
  execFileSync('chmod', ['-R', 'u+rwX,go+rX,go-w', root])
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z3', '--build', root, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(sourceTime()) },
  })
  return path
}

function placeFiles(root, { version, executable, licenses }) {
  const guides = '/usr/share/doc/logferry'
  place(executable, join(root, 'usr/bin/logferry'), 0o755)
  place('deploy/debian/agent.config.json', join(root, 'etc/logferry/agent.config.json'))
  place('agent.config.schema.json', join(root, 'usr/share/logferry/agent.config.schema.json'))
  placeText(
    unit({ program: '/usr/bin/logferry', guides }),
    join(root, 'usr/lib/systemd/system/logferry.service'),
  )
  for (const file of ['notify-socket.conf', 'credentials.conf'])
    place(join('systemd', file), join(root, guides, 'examples', file))
  placeGuides(join(root, guides))
  placeCompletions(join(root, 'usr/share'), {
    bash: 'bash-completion/completions/logferry',
    zsh: 'zsh/vendor-completions/_logferry',
    fish: 'fish/vendor_completions.d/logferry.fish',
  })
  placeText(gzipSync(changelog(version), { level: 9 }), join(root, guides, 'changelog.gz'))
  placeText(copyright, join(root, guides, 'copyright'))
  placeText(licenses, join(root, guides, 'THIRD-PARTY-LICENSES'))
  place('deploy/debian/lintian-overrides', join(root, 'usr/share/lintian/overrides/logferry'))
}

const copyright = `logferry is Copyright 2026 its authors.

License: Apache-2.0, in /usr/share/common-licenses/Apache-2.0.

Node.js and the packages inside of /usr/bin/logferry, with their licenses: THIRD-PARTY-LICENSES beside this file.
`

/** In Debian's form, for its tools; what changed stands in CHANGELOG.md. */
function changelog(version) {
  const date = new Date(sourceTime() * 1000).toUTCString().replace('GMT', '+0000')
  return `logferry (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${maintainer}  ${date}\n`
}

function controlText({ version, debian, files }) {
  const kibibytes = files.reduce((sum, path) => sum + Math.ceil(statSync(path).size / 1024), 0)
  return `Package: logferry
Version: ${version}
Architecture: ${debian}
Maintainer: ${maintainer}
Installed-Size: ${kibibytes}
Pre-Depends: init-system-helpers (>= 1.54)
Depends: adduser, libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 9)
Section: admin
Priority: optional
Description: log shipping agent that loses nothing
 Tails files, understands their lines (JSON, containers, access logs, your
 regexes), keeps all in a checksummed buffer on disk, and ships to
 Elasticsearch, OpenSearch and Loki, with a ledger that says what became of
 every event.
`
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

function md5(path) {
  return createHash('md5').update(readFileSync(path)).digest('hex')
}
