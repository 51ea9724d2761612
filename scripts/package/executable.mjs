// The one executable: Node with the script and all other files of dist/ inside (https://nodejs.org/api/single-executable-applications.html).
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { inject } from 'postject'
import { nodeBinary } from './node-binaries.mjs'

/** Writes the executable of an architecture to `path`. `work` is a folder for what comes in between. */
export async function writeExecutable({ architecture, script, path, work }) {
  const blob = join(work, `${architecture}.blob`)
  const config = join(work, `${architecture}.json`)
  const main = join(work, 'logferry.cjs')
  writeFileSync(main, script)
  writeFileSync(
    config,
    JSON.stringify({
      // A plain name: the path would be a part of the executable, another one each time.
      main: basename(main),
      output: blob,
      assets: programFiles(),
      disableExperimentalSEAWarning: true,
      // Compiled code is of use to the same Node and kind of machine alone.
      useCodeCache: architecture === process.arch,
      // SIGUSR1 never opens Node's inspector, not even before the first line has run. One thread for V8's own work instead of
      // four: what each has compiled or marked with stays with malloc (10 MiB at the peak), and they took no less CPU.
      execArgv: ['--disable-sigusr1', '--v8-pool-size=1'],
    }),
  )
  // The seed: else hashes in the compiled code differ each time. V8 takes such code as its own with any seed.
  execFileSync(nodeBinary(process.arch).program, ['--random-seed=1', '--experimental-sea-config', config], {
    stdio: 'pipe',
    cwd: work,
  })
  copyFileSync(nodeBinary(architecture).program, path)
  chmodSync(path, 0o755)
  await inject(path, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
  })
}

/** What `readProgramFile` may be asked for: its path there, and where it lies. */
function programFiles() {
  const files = readdirSync('dist', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.js(\.map)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  return {
    ...Object.fromEntries(files.map((file) => [relative('dist', file), resolve(file)])),
    '../package.json': resolve('package.json'),
  }
}
