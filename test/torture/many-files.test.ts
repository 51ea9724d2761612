import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../support/fake-clock.ts'
import { scaled } from './harness/scale.ts'
import { scenario } from './harness/scenario.ts'
import { cpuSecondsOf, deletedOf, seen } from './harness/sight.ts'
import { descriptorsOf, memoryOf } from './harness/watch.ts'

const every = { include: ['**/*.log'] }

const manyFiles = scaled({ short: 600, full: 2000, long: 2000 })

scenario(
  'FD-MANY',
  `${manyFiles} files of which all are written to, at a limit of 512 descriptors: every line, below the limit`,
  every,
  async (rig) => {
    const files = Array.from({ length: manyFiles }, (_, i) => rig.file(`${i % 20}/${i}.log`))
    for (const file of files) file.write(1)
    await rig.start({ through: (command) => ['prlimit', '--nofile=512:512', ...command] })
    await rig.arrived()
    for (const file of files) file.write(2)
    await rig.arrived()
    assert.doesNotMatch(rig.agent!.stderr, /EMFILE/)
    return { maxDescriptors: 400 }
  },
)

scenario(
  'FD-LIMIT',
  'the same at a limit that is below the own bound: the agent learns it',
  { ...every, from: 'full' },
  async (rig) => {
    const files = Array.from({ length: 500 }, (_, i) => rig.file(`${i % 20}/${i}.log`))
    for (const file of files) file.write(1)
    await rig.start({ through: (command) => ['prlimit', '--nofile=160:160', ...command] })
    await rig.arrived()
    for (const file of files) file.write(2)
    await rig.arrived()
    return { maxDescriptors: 160 }
  },
)

const rotations = scaled({ short: 100, full: 400, long: 10_000 })

scenario(
  'FD-LEAK',
  `${rotations} rotations, ten old files kept: no more descriptors at the end than files and a few`,
  { include: ['app.log*'], from: 'full' },
  async (rig) => {
    const app = rig.file('app.log')
    app.write(2)
    await rig.start()
    const pid = rig.agent!.child.pid!
    for (let i = 0; i < rotations; i++) {
      // Half of the chain may wait to be read: a file that leaves by the other end was.
      const before = app.written - 10
      await until(() => seen(rig, app, Math.max(before, 0)) > 0, 'it keeps up')
      rmSync(`${app.path}.10`, { force: true })
      app.rotateNumbered()
      app.write(2)
    }
    await rig.arrived()
    // A deleted file is read for five more quiet seconds.
    await until(() => deletedOf(pid) === 0, 'the last of the deleted files is closed', 30_000)
    await until(
      async () => (await rig.status()).files.length === 11,
      'only the files that are there are followed',
    )
    // 256 files in the pool, of which most are deleted ones in their five quiet seconds, 64 that were grabbed, and what Node has.
    return { maxDescriptors: 400 }
  },
)

scenario(
  'DIR-10K',
  '10,000 files, a line each second in 100 of them: every line, memory and idle CPU flat',
  { ...every, from: 'full' },
  async (rig) => {
    const files = Array.from({ length: 10_000 }, (_, i) => rig.file(`${i % 100}/${i}.log`))
    for (const file of files) file.write(1)
    await rig.start()
    await rig.arrived(undefined, 120_000)
    for (let second = 0; second < 5; second++) {
      for (let i = 0; i < 100; i++) files[i * 97]!.write(1)
      await sleep(1000)
    }
    await rig.arrived()
    const pid = rig.agent!.child.pid!
    const before = cpuSecondsOf(pid)
    await sleep(5000)
    const idle = (cpuSecondsOf(pid) - before) / 5
    console.log(
      `DIR-10K: ${(idle * 100).toFixed(1)} % of a core idle, ${memoryOf(pid, 'VmRSS') >> 20} MiB, ${descriptorsOf(pid)} descriptors`,
    )
    return { maxDescriptors: 500 }
  },
)
