import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logrotateCheck } from '../../../../src/cli/doctor/checks/logrotate.ts'
import { allWell, findingsOf, onlyTrouble } from '../fake-subject.ts'

const conf = 'weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d\n'
const files = (block: string, more: object = {}) => ({
  files: { '/etc/logrotate.conf': conf, '/etc/logrotate.d/app': block, ...more },
})

describe('logrotate beside the agent', () => {
  it('rename, create and delaycompress lose nothing', async () => {
    const block = '/var/log/app/*.log {\n  daily\n  compress\n  delaycompress\n  create 0640 root adm\n}\n'
    const [found] = await allWell(logrotateCheck, files(block))
    assert.match(found!.seen, /^1 block of logrotate/)
    const none = await allWell(logrotateCheck)
    assert.equal(none[0]!.seen, 'no logrotate on this host')
  })

  it('copytruncate loses lines, for so long', async () => {
    const large = { '/var/log/app/app.log': { text: 'x', size: 2 * 1024 ** 3 } }
    const { why } = await onlyTrouble(logrotateCheck, files('/var/log/app/*.log { copytruncate }\n', large), {
      severity: 'warning',
      seen: /copytruncate for \/var\/log\/app\/app\.log \(\/etc\/logrotate\.d\/app:1\)/,
      mend: /create/,
    })
    assert.match(why!, /Copying the largest, 2 GiB, takes about 11 s/)
  })

  it('copies that are read too are sent twice', async () => {
    const config = { sources: { app: { type: 'file', include: ['/var/log/app/*'] } } }
    const found = await findingsOf(logrotateCheck, {
      ...files('/var/log/app/app.log { copytruncate }', { '/var/log/app/app.log.1': 'x' }),
      config,
    })
    const problem = found.find(({ severity }) => severity === 'problem')
    assert.match(
      problem!.seen,
      /copies that copytruncate makes are read as well: \/var\/log\/app\/app\.log\.1/,
    )
    assert.match(problem!.mend!, /"\*\.\[0-9\]"/)
  })

  it('globals hold, and a block takes them back', async () => {
    const global = { '/etc/logrotate.conf': `copytruncate\ncompress\n${conf}` }
    await onlyTrouble(logrotateCheck, files('/var/log/app/*.log { nocopytruncate\n }', global), {
      severity: 'warning',
      seen: /compress without delaycompress/,
    })
    await allWell(logrotateCheck, files('/var/log/app/*.log { nocopytruncate\nnocompress\n}', global))
  })

  it('rotate 0, and no rotate at all, delete what was not read', async () => {
    await onlyTrouble(logrotateCheck, files('/var/log/app/*.log { rotate 0\nsize 10M\n}'), {
      severity: 'problem',
      seen: /^rotate 0 for/,
      mend: /rotate 7/,
    })
    await onlyTrouble(
      logrotateCheck,
      files('/var/log/app/*.log {\n}', { '/etc/logrotate.conf': 'include /etc/logrotate.d\n' }),
      { severity: 'problem', seen: /^no `rotate` for/ },
    )
  })

  it("blocks for files of others, and of editors, are nobody's business", async () => {
    await allWell(
      logrotateCheck,
      files('/var/log/other/*.log { copytruncate\nrotate 0\n}', {
        '/etc/logrotate.d/app.dpkg-old': '/var/log/app/*.log { copytruncate }',
      }),
    )
  })
})
