import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { CountedFile } from './counted-file.ts'
import { seen } from './sight.ts'
import type { RigOptions, TortureRig } from './torture-rig.ts'

/**
 * When a file may be rotated away, so that every line must arrive: at `any` time; once the agent has it `open`; once a
 * line of it was `seen` to arrive; once `all` lines have arrived.
 */
export type Moment = 'any' | 'open' | 'seen' | 'all'

/** A writer and its rotation. */
export interface Rotator {
  readonly app: CountedFile
  /** Where the lines go now. */
  readonly path: string
  write(count: number): void
  /** In one tick; the next file need not be there yet. */
  rotate(round: number): void
  /** What the rotation does later (gzip); called again and again. */
  tick?(): void
  /** Whether `tick` still has something to do. */
  readonly isWaiting?: boolean
}

export interface RotationKind {
  readonly id: string
  readonly sentence: string
  readonly options: RigOptions
  /** With an agent that is up the whole time. */
  readonly up: Moment
  /** With an agent that comes and goes: what was not read before a file left for good, nobody can know. */
  readonly down: Moment
  readonly make: (rig: TortureRig) => Rotator
}

const outside: RigOptions = { include: ['app.log'] }

type Rotate = (app: CountedFile, round: number, rig: TortureRig) => void

/** A rotator of a file app.log that is opened anew for each write. */
const ofApp =
  (rotate: Rotate) =>
  (rig: TortureRig): Rotator => {
    const app = rig.file('app.log')
    return {
      app,
      path: app.path,
      write: (count) => app.write(count),
      rotate: (round) => rotate(app, round, rig),
    }
  }

const renamed = ofApp((app, round, rig) => app.renameTo(rig.path(`app.log.${round}`)))

const copiedAndTruncated = ofApp((app, round, rig) => {
  copyFileSync(app.path, rig.path(`app.log.${round}`))
  app.truncate()
})

/** The program was not told: 20 lines more at once, 20 when the next rotation comes, and the new file is written beside. */
function staleWriter(rig: TortureRig): Rotator {
  const app = rig.file('app.log')
  let stale: ReturnType<CountedFile['open']> | undefined
  return {
    app,
    path: app.path,
    write: (count) => app.write(count),
    rotate(round) {
      stale?.write(20)
      stale?.close()
      stale = app.open()
      app.renameTo(rig.path(`app.log.${round}`))
      app.write(5)
      stale.write(20)
    },
  }
}

function dated(rig: TortureRig): Rotator {
  const app = rig.file('app')
  let name = rig.path('app-0.log')
  return {
    app,
    get path() {
      return name
    },
    write: (count) => appendFileSync(name, app.lines(count)),
    rotate(round) {
      const old = name
      name = rig.path(`app-${round + 1}.log`)
      app.rotations += 1
      appendFileSync(name, app.lines(5))
      appendFileSync(old, app.lines(5))
    },
  }
}

/** Truncated and written again with as many bytes: each line is as long as any other, and so is each block. */
function sameSize(rig: TortureRig): Rotator {
  // The same number of digits in every uid.
  const app = rig.file('app.log')
  const first = app.lines(1000)
  return {
    app,
    path: app.path,
    write() {
      if (app.rotations === 0) writeFileSync(app.path, first)
    },
    rotate() {
      truncateSync(app.path)
      appendFileSync(app.path, app.lines(20))
      app.rotations += 1
    },
  }
}

function switchedLink(rig: TortureRig): Rotator {
  const app = rig.file('current.log')
  mkdirSync(rig.path('targets'))
  let target = rig.path('targets/app-0.log')
  const lead = (): void => {
    symlinkSync(target, `${app.path}.new`)
    renameSync(`${app.path}.new`, app.path)
  }
  lead()
  return {
    app,
    path: app.path,
    write: (count) => app.write(count),
    rotate(round) {
      const old = target
      target = rig.path(`targets/app-${round + 1}.log`)
      writeFileSync(target, app.lines(5))
      lead()
      app.rotations += 1
      appendFileSync(old, app.lines(5))
    },
  }
}

const pod = 'shop_web-1_4f2a'
const containerId = '0123456789abcdef'.repeat(4)

/** /var/log/containers leads to /var/log/pods; the kubelet renames and makes anew, each fifth time the container starts anew. */
function kubelet(rig: TortureRig): Rotator {
  const app = rig.file('web')
  rig.configure({ source: { parse: ['cri', 'json'], follow_symlinks: [rig.path('var/log/pods')] } })
  const folder = rig.path(`var/log/pods/${pod}/web`)
  mkdirSync(folder, { recursive: true })
  mkdirSync(rig.path('var/log/containers'))
  const link = rig.path(`var/log/containers/web-1_shop_web-${containerId}.log`)
  let starts = 0
  const target = (): string => `${folder}/${starts}.log`
  const lead = (): void => {
    symlinkSync(target(), `${link}.new`)
    renameSync(`${link}.new`, link)
  }
  const cri = (lines: string): string =>
    lines.replaceAll(/^(?=.)/gm, `${new Date().toISOString().replace('Z', '000000Z')} stdout F `)
  lead()
  const write = (count: number): void => appendFileSync(target(), cri(app.lines(count)))
  return {
    app,
    path: link,
    write,
    rotate(round) {
      app.rotations += 1
      if (round % 5 === 4) {
        starts += 1
        write(5)
        return lead()
      }
      renameSync(target(), `${target()}.20260101-${String(round).padStart(6, '0')}`)
    },
  }
}

/** The file of the last rotations are packed and removed 1.5 s later, once they were read. */
function packed(rig: TortureRig): Rotator {
  const app = rig.file('app.log')
  const later: { readonly path: string; readonly from: number; readonly to: number; readonly at: number }[] =
    []
  let from = 0
  return {
    app,
    path: app.path,
    write: (count) => app.write(count),
    rotate(round) {
      const path = rig.path(`app.log.${round}`)
      app.renameTo(path)
      later.push({ path, from, to: app.written, at: Date.now() + 1500 })
      from = app.written
    },
    tick() {
      const next = later[0]
      if (!next || Date.now() < next.at) return
      // Its own lines: those of later files would let it go unread while the agent is away.
      if (seen(rig, app, next.from, next.to) < next.to - next.from) return
      later.shift()
      writeFileSync(`${next.path}.gz`, gzipSync(readFileSync(next.path)))
      rmSync(next.path)
    },
    get isWaiting() {
      return later.length > 0
    },
  }
}

export const rotationKinds: readonly RotationKind[] = [
  {
    id: 'ROT-RENAME',
    sentence: 'renamed out of the globs and made again',
    options: outside,
    up: 'open',
    down: 'seen',
    make: renamed,
  },
  {
    id: 'ROT-RENAME-GLOB',
    sentence: 'renamed inside the globs and made again',
    options: {},
    up: 'any',
    down: 'any',
    make: renamed,
  },
  {
    id: 'ROT-CHAIN',
    sentence: 'app.log to .1 to .2 and so on, all in the globs',
    options: {},
    up: 'any',
    down: 'any',
    make: ofApp((app) => app.rotateNumbered()),
  },
  {
    id: 'ROT-RENAME-STALE',
    sentence: 'renamed out of the globs, and 40 more lines by the old descriptor',
    options: outside,
    up: 'open',
    down: 'seen',
    make: staleWriter,
  },
  {
    id: 'ROT-COPYTRUNC',
    sentence: 'copied and truncated in a quiet moment',
    options: outside,
    up: 'all',
    down: 'all',
    make: copiedAndTruncated,
  },
  {
    id: 'ROT-COPYTRUNC-NOW',
    sentence: 'copied and truncated with lines that nobody has read yet: the copy has them',
    options: outside,
    up: 'seen',
    down: 'seen',
    make: copiedAndTruncated,
  },
  {
    id: 'ROT-REFILL',
    sentence: 'truncated and refilled beyond the old offset in one tick',
    options: outside,
    up: 'all',
    down: 'all',
    make: ofApp((app) => {
      const { size } = statSync(app.path)
      app.truncate()
      while (statSync(app.path).size <= size) app.write(10)
    }),
  },
  {
    id: 'ROT-SAMESIZE',
    sentence: 'truncated and refilled to exactly the same size',
    options: outside,
    up: 'all',
    down: 'all',
    make: sameSize,
  },
  {
    id: 'ROT-DATED',
    sentence: 'a new dated name each time, and late lines to the old one',
    options: { include: ['app-*.log'] },
    up: 'any',
    down: 'any',
    make: dated,
  },
  {
    id: 'ROT-DELETE',
    sentence: 'deleted and created again at the same path',
    options: outside,
    up: 'open',
    // A file that is deleted while no agent runs: what was written since its last read is gone, and nobody can know.
    down: 'all',
    make: ofApp((app) => {
      rmSync(app.path)
      app.rotations += 1
    }),
  },
  {
    id: 'ROT-MOVE',
    sentence: 'moved to another directory of the same file system',
    options: outside,
    up: 'open',
    // Nobody looks for a file in other directories after a start: that would be a search of the whole disk.
    down: 'all',
    make: ofApp((app, round, rig) => {
      mkdirSync(rig.path('old'), { recursive: true })
      app.renameTo(rig.path(`old/app.log.${round}`))
    }),
  },
  {
    id: 'ROT-MOVE-DEV',
    sentence: 'moved to another file system: copied there and deleted here',
    options: outside,
    up: 'open',
    down: 'all',
    make: ofApp((app, _round, rig) => {
      const other = `/dev/shm/${rig.folder.replaceAll('/', '-')}`
      copyFileSync(app.path, other)
      rmSync(other)
      rmSync(app.path)
      app.rotations += 1
    }),
  },
  {
    id: 'ROT-REPLACE',
    sentence: 'a new file with lines is renamed over the old one',
    options: outside,
    up: 'open',
    down: 'all',
    make: ofApp((app) => {
      writeFileSync(`${app.path}.new`, app.lines(10))
      renameSync(`${app.path}.new`, app.path)
      app.rotations += 1
    }),
  },
  {
    id: 'ROT-SYMLINK',
    sentence: 'a symlink is switched to a new target, and late lines to the old one',
    options: { include: ['current.log'] },
    up: 'open',
    down: 'seen',
    make: switchedLink,
  },
  {
    id: 'ROT-K8S',
    sentence: 'links of containers to pods, the kubelet renames and makes anew, the container starts anew',
    options: { include: ['var/log/containers/*.log'] },
    up: 'open',
    down: 'seen',
    make: kubelet,
  },
  {
    id: 'ROT-GZIP',
    sentence: 'packed and removed 1.5 s after the rename, packed files excluded',
    options: { source: { exclude: ['*.gz'] } },
    up: 'any',
    down: 'any',
    make: packed,
  },
  {
    id: 'ROT-GZIP-GLOB',
    sentence: 'packed and removed 1.5 s after the rename, and the packed files match the globs',
    options: {},
    up: 'any',
    down: 'any',
    make: packed,
  },
]
