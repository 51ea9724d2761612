// The tarball: the executable, and what somebody needs who installs it by hand.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { place, placeCompletions, placeGuides, placeText, sourceTime, unit } from './staged-files.mjs'

/** Writes `OUTPUT/NAME.tar.gz`, all of it in one folder NAME. Returns its path. */
export function writeTarball({ name, executable, licenses, work, output }) {
  const root = join(work, name)
  place(executable, join(root, 'bin/logferry'), 0o755)
  place('deploy/debian/agent.config.json', join(root, 'etc/agent.config.json'))
  place('agent.config.schema.json', join(root, 'share/agent.config.schema.json'))
  const guides = '/usr/local/share/doc/logferry'
  placeText(unit({ program: '/usr/local/bin/logferry', guides }), join(root, 'systemd/logferry.service'))
  for (const file of ['logferry.sysusers.conf', 'notify-socket.conf', 'credentials.conf'])
    place(join('systemd', file), join(root, 'systemd', file))
  placeGuides(root)
  placeCompletions(join(root, 'completions'), { bash: 'logferry', zsh: '_logferry', fish: 'logferry.fish' })
  place('LICENSE', join(root, 'LICENSE'))
  placeText(licenses, join(root, 'THIRD-PARTY-LICENSES'))

  const path = join(output, `${name}.tar.gz`)
  const plain = [
    '--sort=name',
    `--mtime=@${sourceTime()}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u+w,go-w',
  ]
  execFileSync('tar', [...plain, '--use-compress-program=gzip -9n', '-C', work, '-cf', path, name])
  return path
}
