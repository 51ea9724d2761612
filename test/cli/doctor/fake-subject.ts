import assert from 'node:assert/strict'
import { examine } from '../../../src/cli/doctor/examine.ts'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import type { Check, SinkContact, Subject } from '../../../src/cli/doctor/subject.ts'
import { FakeHost } from '../host/fake-host.ts'
import type { FakeFile, FakeHostOptions } from '../host/fake-host.ts'

export const configPath = '/etc/logferry/agent.config.json'

export interface FakeSubjectOptions extends FakeHostOptions {
  /** Members of the config beside a source `app` of /var/log/app and a console sink. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly files?: Readonly<Record<string, string | FakeFile>>
  /** What the servers of sinks answer by path; a sink of that type is in the config then. */
  readonly answers?: Readonly<Record<string, { status?: number; text?: string; date?: string }>>
  readonly sink?: Readonly<Record<string, unknown>> & { readonly type: string }
}

const mounts = `22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
23 22 0:20 / /run rw - tmpfs tmpfs rw
24 22 0:30 / /mnt/nas rw,relatime - nfs4 nas:/ rw,vers=4.2
`

/** A host in memory with a config, as `doctor` would look at it. */
export async function fakeSubject(options: FakeSubjectOptions = {}): Promise<Subject> {
  const { config = {}, files = {}, answers, sink } = options
  const whole = {
    sources: { app: { type: 'file', include: ['/var/log/app/*.log'] } },
    sinks: sink ? { far: sink } : { screen: { type: 'console' } },
    ...config,
  }
  const host = new FakeHost(
    {
      '/etc/passwd':
        'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nlogferry:x:990:990::/:/bin/false\n',
      '/etc/group': 'root:x:0:\nadm:x:4:syslog\nalice:x:1000:\nlogferry:x:990:\n',
      '/proc/self/mountinfo': mounts,
      '/proc/sys/fs/inotify/max_user_watches': '65536\n',
      '/proc/sys/fs/inotify/max_user_instances': '128\n',
      '/proc/sys/fs/file-nr': '2000\t0\t9223372036854775807\n',
      [configPath]: JSON.stringify(whole),
      '/var/log/app/app.log': 'a line\n',
      '/var/lib/': { mode: 0o777 },
      ...files,
    },
    options,
  )
  const subject = await examine(configPath, { host, env: {} })
  return { ...subject, sinks: subject.sinks.map((contact) => answering(contact, answers)) }
}

function answering(contact: SinkContact, answers: FakeSubjectOptions['answers'] = {}): SinkContact {
  return {
    ...contact,
    probe: async () => ({ isReached: true, text: 'Elasticsearch 9.5.3' }),
    async ask({ path }) {
      const [, answer] = Object.entries(answers).find(([begin]) => path.startsWith(begin)) ?? []
      if (!answer) throw new Error('no route')
      const { status = 200, text = '', date } = answer
      return { status, text, date }
    },
  }
}

/** What a check says of a host. */
export async function findingsOf(
  check: Check,
  options: FakeSubjectOptions = {},
): Promise<readonly Finding[]> {
  return check.run(await fakeSubject(options))
}

/** The only finding that is no good news; its text and advice have to match. */
export async function onlyTrouble(
  check: Check,
  options: FakeSubjectOptions,
  expected: { readonly severity: Finding['severity']; readonly seen: RegExp; readonly mend?: RegExp },
): Promise<Finding> {
  const troubles = (await findingsOf(check, options)).filter(({ severity }) => severity !== 'ok')
  assert.equal(troubles.length, 1, JSON.stringify(troubles, undefined, 1))
  const [trouble] = troubles
  assert.equal(trouble!.severity, expected.severity)
  assert.match(trouble!.seen, expected.seen)
  if (expected.mend)
    assert.match(`${trouble!.mend ?? ''} ${(trouble!.commands ?? []).join(' ')}`, expected.mend)
  return trouble!
}

/** Nothing but good news. */
export async function allWell(check: Check, options: FakeSubjectOptions = {}): Promise<readonly Finding[]> {
  const findings = await findingsOf(check, options)
  assert.deepEqual(
    findings.filter(({ severity }) => severity !== 'ok'),
    [],
  )
  return findings
}
