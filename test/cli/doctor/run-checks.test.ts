import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ok } from '../../../src/cli/doctor/finding.ts'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { reportLines } from '../../../src/cli/doctor/report.ts'
import { runChecks } from '../../../src/cli/doctor/run-checks.ts'
import type { Check } from '../../../src/cli/doctor/subject.ts'
import { styleOf } from '../../../src/cli/io.ts'
import { fakeSubject } from './fake-subject.ts'

const check = (name: string, ...findings: Finding[]): Check => ({
  name,
  run: () => Promise.resolve(findings),
})
const warning: Finding = {
  severity: 'warning',
  seen: 'something',
  why: 'it bites',
  mend: 'so',
  commands: ['do it now'],
}
const style = styleOf({ write: () => true }, {})

describe('the checks', () => {
  it('of a usual host are all made, and none of them fails', async () => {
    const subject = await fakeSubject()
    const { status, findings } = await runChecks(subject)
    assert.equal(status, 'ok', JSON.stringify(findings))
    assert.ok(findings.length > 10)
    assert.deepEqual(
      findings.filter(({ seen }) => seen.includes('could not be looked at')),
      [],
    )
  })

  it('end in the worst that one of them found', async () => {
    const subject = await fakeSubject()
    const statusOf = async (...checks: Check[]) => (await runChecks(subject, { checks })).status
    assert.equal(await statusOf(check('a', ok('x'))), 'ok')
    assert.equal(await statusOf(check('a', ok('x')), check('b', warning)), 'warning')
    assert.equal(
      await statusOf(check('a', { severity: 'problem', seen: 'x' }), check('b', warning)),
      'problem',
    )
  })

  it('that fail or hang say so, and take no other with them', async () => {
    const failing: Check = { name: 'failing', run: () => Promise.reject(new Error('EIO: /dev/x')) }
    const hanging: Check = { name: 'hanging', run: () => new Promise(() => {}) }
    const { status, findings } = await runChecks(await fakeSubject(), {
      checks: [failing, hanging, check('well', ok('fine'))],
      timeoutMs: 20,
    })
    assert.equal(status, 'ok')
    assert.deepEqual(
      findings.map(({ check: name, severity, seen }) => `${name} ${severity}: ${seen}`),
      [
        'failing unknown: could not be looked at: EIO: /dev/x',
        'hanging unknown: gave up after 0.02 s: a file system or a server does not answer',
        'well ok: fine',
      ],
    )
  })
})

describe('the report', () => {
  it('fits the terminal, the worst first; commands stay whole', async () => {
    const long = 'word '.repeat(40).trim()
    const { findings } = await runChecks(await fakeSubject(), {
      checks: [
        check('good', ok('fine')),
        check('bad', warning),
        check('worse', { severity: 'problem', seen: long, commands: [`run ${long}`] }),
      ],
    })
    const lines = reportLines({ findings }, { width: 60, style })
    for (const line of lines.filter((one) => !one.includes('$ run'))) assert.ok(line.length <= 60, line)
    assert.ok(lines.some((line) => line.endsWith(`$ run ${long}`)))
    assert.match(lines[0]!, /^problem {2}worse: word/)
    assert.deepEqual(lines.slice(-9), [
      '',
      'warning  bad: something',
      '         it bites',
      '         → so',
      '         $ do it now',
      '',
      'ok       good: fine',
      '',
      '1 problem, 1 warning.',
    ])
  })

  it('obeys no control character of a path', async () => {
    const { findings } = await runChecks(await fakeSubject(), {
      checks: [check('x', { severity: 'problem', seen: 'a\x1b[31m\nb', commands: ['rm a\nb'] })],
    })
    assert.deepEqual(reportLines({ findings }, { width: 80, style }).slice(0, 2), [
      'problem  x: a\\x1b[31m\\nb',
      '         $ rm a\\nb',
    ])
  })
})
