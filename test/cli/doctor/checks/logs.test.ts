import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { describe, it } from 'node:test'
import { descriptorsCheck } from '../../../../src/cli/doctor/checks/descriptors.ts'
import { fileSystemsCheck } from '../../../../src/cli/doctor/checks/file-systems.ts'
import { includesCheck } from '../../../../src/cli/doctor/checks/includes.ts'
import { inotifyCheck } from '../../../../src/cli/doctor/checks/inotify.ts'
import { journaldCheck } from '../../../../src/cli/doctor/checks/journald.ts'
import { loopsCheck } from '../../../../src/cli/doctor/checks/loops.ts'
import { unreadableCheck } from '../../../../src/cli/doctor/checks/unreadable.ts'
import { vanishingCheck } from '../../../../src/cli/doctor/checks/vanishing.ts'
import { allWell, findingsOf, onlyTrouble } from '../fake-subject.ts'

const source = (settings: object): object => ({ type: 'file', ...settings })

describe('what the sources match', () => {
  it('a plain host is well', async () => {
    const [found] = await allWell(includesCheck)
    assert.equal(found!.seen, 'the sources match 1 file in 1 folder')
  })

  it('a pattern that matches nothing is named, with the folder that is not there', async () => {
    const config = { sources: { web: source({ include: ['/var/log/app/*.log', '/srv/web/*.log'] }) } }
    const expected = {
      severity: 'warning',
      seen: /sources\.web: \/srv\/web\/\*\.log matches no file, as there is no folder \/srv\/web/,
    } as const
    await onlyTrouble(includesCheck, { config }, expected)
  })

  it('a file that two sources match belongs to the first', async () => {
    const config = {
      sources: {
        a: source({ include: ['/var/log/app/*.log'] }),
        b: source({ include: ['/var/log/*/app.log'] }),
      },
    }
    const { why } = await onlyTrouble(
      includesCheck,
      { config },
      { severity: 'warning', seen: /sources\.a and sources\.b both match/ },
    )
    assert.match(why!, /"a" reads it, "b" gets nothing/)
  })

  it('packed files and ignore_older are told', async () => {
    const config = { sources: { app: source({ include: ['/var/log/app/*'], ignore_older: '1d' }) } }
    const day = 86_400_000
    const files = {
      '/var/log/app/app.log': { text: 'x', ageMs: 3 * day },
      '/var/log/app/app.log.2.gz': { text: gzipSync('x'), ageMs: 9 * day },
    }
    const seen = (await findingsOf(includesCheck, { config, files }))
      .map((finding) => finding.seen)
      .join('\n')
    assert.match(seen, /all of 2 files were not written to for 24 h/)
    assert.match(seen, /1 packed file matched: \/var\/log\/app\/app\.log\.2\.gz/)
  })
})

describe('what may be read', () => {
  it('a file that its group may read: join the group', async () => {
    const files = { '/var/log/app/app.log': { text: 'x', mode: 0o640, group: 4 } }
    await onlyTrouble(
      unreadableCheck,
      { files },
      {
        severity: 'problem',
        seen: /user alice may not read \/var\/log\/app\/app\.log \(mode 0640, group adm\)/,
        mend: /usermod -aG adm alice/,
      },
    )
  })

  it('one that its owner alone may read: an ACL', async () => {
    const files = { '/var/log/app/app.log': { text: 'x', mode: 0o600 } }
    await onlyTrouble(
      unreadableCheck,
      { files },
      { severity: 'problem', seen: /mode 0600/, mend: /setfacl -R -m u:alice:rX \/var\/log\/app/ },
    )
  })

  it('a folder that may not be listed, once', async () => {
    const files = { '/var/log/app/': { mode: 0o700 } }
    const config = { sources: { app: source({ include: ['/var/log/**/*.log', '/var/log/app/*.log'] }) } }
    await onlyTrouble(
      unreadableCheck,
      { files, config },
      { severity: 'problem', seen: /may not list \/var\/log\/app \(EACCES\)/ },
    )
  })

  it('a link that leads elsewhere', async () => {
    const files = { '/var/log/app/link.log': { link: '/etc/passwd' } }
    await onlyTrouble(
      unreadableCheck,
      { files },
      {
        severity: 'problem',
        seen: /link\.log leads to \/etc\/passwd/,
        mend: /"sources\.app\.follow_symlinks": \["\/etc"\]/,
      },
    )
  })

  it('root reads all', async () => {
    await allWell(unreadableCheck, {
      account: { id: 0, name: 'root', groups: [0] },
      files: { '/var/log/app/app.log': { mode: 0 } },
    })
  })
})

describe('where the logs lie', () => {
  const at = (folder: string) => ({
    config: { sources: { app: source({ include: [`${folder}/*.log`] }) } },
    files: { [`${folder}/a.log`]: 'x' },
  })
  it('a network has no events', async () => {
    await onlyTrouble(fileSystemsCheck, at('/mnt/nas/logs'), {
      severity: 'warning',
      seen: /\/mnt\/nas\/logs on nfs4 \(mounted at \/mnt\/nas\)/,
    })
  })
  it('memory is gone with a reboot', async () => {
    await onlyTrouble(fileSystemsCheck, at('/run/app'), { severity: 'warning', seen: /\/run\/app on tmpfs/ })
  })
  it('a disk is well', async () => {
    await allWell(fileSystemsCheck)
  })
})

describe('limits of the kernel', () => {
  it('watches that others of the same user have taken', async () => {
    const options = { inotify: { instances: 3, watches: 65_536 } }
    await onlyTrouble(inotifyCheck, options, {
      severity: 'problem',
      seen: /inotify watches: 65,536 of 65,536 in use \(fs\.inotify\.max_user_watches\)/,
      mend: /sysctl -p/,
    })
    await onlyTrouble(
      inotifyCheck,
      { inotify: { instances: 128, watches: 5 } },
      { severity: 'problem', seen: /inotify instances: 128 of 128/ },
    )
    await allWell(inotifyCheck)
  })

  it('more files than may be open', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`/var/log/app/${index}.log`, 'x']),
    )
    await onlyTrouble(
      descriptorsCheck,
      { files, descriptorLimit: 140 },
      {
        severity: 'warning',
        seen: /41 files are matched and 12 may be open at once/,
        mend: /ulimit -n 65536/,
      },
    )
    await allWell(descriptorsCheck)
    await onlyTrouble(
      descriptorsCheck,
      { files: { '/proc/sys/fs/file-nr': '9900\t0\t10000\n' } },
      { severity: 'warning', seen: /9,900 of 10,000 files open/ },
    )
  })
})

describe('files that vanish', () => {
  const minute = 60_000
  const olds = (ages: readonly number[]) =>
    Object.fromEntries(
      ages.map((age, index) => [`/var/log/app/app.log.${index + 1}`, { text: 'x', ageMs: age * minute }]),
    )

  it('soon after they were rotated', async () => {
    await onlyTrouble(
      vanishingCheck,
      { files: olds([5, 10, 15]) },
      { severity: 'warning', seen: /app\.log: 3 old files kept, which reach back 15 min/ },
    )
  })

  it("after hours, or another program's file beside it: nothing to say", async () => {
    await allWell(vanishingCheck, { files: olds([60, 600]) })
    const others = {
      '/var/log/app/app-worker.log': { text: 'x', ageMs: minute },
      '/var/log/app/app-api.log': { text: 'x', ageMs: minute },
    }
    await allWell(vanishingCheck, { files: others })
  })
})

describe('the journal', () => {
  const include = { sources: { system: source({ include: ['/var/log/syslog', '/var/log/app/*.log'] }) } }
  const journal = { '/run/systemd/journal/': {} }

  it('a host that keeps its log there alone', async () => {
    await onlyTrouble(
      journaldCheck,
      { config: include, files: journal },
      { severity: 'warning', seen: /in the journal alone/, mend: /rsyslog/ },
    )
  })

  it('a rate limit that drops lines', async () => {
    const files = {
      ...journal,
      '/var/log/syslog': 'x',
      '/etc/systemd/journald.conf': '[Journal]\nRateLimitBurst=200\n',
    }
    await onlyTrouble(
      journaldCheck,
      { config: include, files },
      { severity: 'warning', seen: /beyond 200 lines in 30s/ },
    )
    await allWell(journaldCheck, { config: include, files: { ...files, '/etc/systemd/journald.conf': '' } })
  })

  it('what is printed may come round again', async () => {
    await onlyTrouble(
      loopsCheck,
      { config: include, files: { '/var/log/syslog': 'x' } },
      { severity: 'warning', seen: /sinks\.screen prints events/ },
    )
    await allWell(loopsCheck)
  })
})
