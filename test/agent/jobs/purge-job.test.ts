import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PurgeJob } from '../../../src/agent/jobs/purge-job.ts'
import { silentLog } from '../../../src/core/log.ts'
import { encodeLetter } from '../../../src/delivery/letters/dead-letter.ts'
import { openDeadLetters } from '../../../src/delivery/dead-letters.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fakeLetter } from '../../support/letters.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'

test('a file that the disk does not let be purged is named, and what went before it is told', async () => {
  const disk = new MemoryFileSystem()
  const directory = '/data/dead_letters'
  await disk.mkdir(`${directory}/es`, { recursive: true })
  await disk.mkdir('/data/cursors', { recursive: true })
  for (const number of [1, 2])
    disk.put(`${directory}/es/00${number}.ndjson`, encodeLetter(fakeLetter({ id: `a-${number}-1` })))
  const clock = new FakeClock()
  const deadLetters = await openDeadLetters({
    directory,
    maxBytes: 1024 ** 2,
    maxAgeMs: Infinity,
    fileSystem: disk,
    clock,
    log: silentLog,
  })
  disk.fault = ({ kind, path }) => (kind === 'read' && path.endsWith('002.ndjson') ? 'EIO' : undefined)
  const job = new PurgeJob(
    {},
    {
      deadLetters,
      sinks: { names: [], running: () => undefined },
      config: () => ({ data_dir: '/data' }),
      fileSystem: disk,
      betweenReloads: (work) => work(),
    },
  )
  await assert.rejects(
    job.run(new AbortController().signal),
    /\/data\/dead_letters\/es\/002\.ndjson cannot be written anew: .*EIO/,
  )
  assert.deepEqual([job.progress(), deadLetters.stored('es')], [{ purged: 1 }, 1])
  await deadLetters.close()
})
