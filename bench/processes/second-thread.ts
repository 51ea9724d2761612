import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { Kernel } from '../../src/kernel/kernel.ts'

/**
 * What the reader's half of the agent takes before it has read a line: its modules and its kernel, in a thread of its own with
 * the argument `worker`, beside the whole agent's in the first one. Prints what the process has used.
 */
async function loadReader(): Promise<Kernel> {
  await import('../../src/threads/reader.ts')
  await import('../../src/sources/file/index.ts')
  await import('../../src/lanes/fast/fast.ts')
  return new Kernel()
}

if (isMainThread) {
  await import('../../src/agent.ts')
  await loadReader()
  if (process.argv.includes('worker')) {
    const worker = new Worker(new URL(import.meta.url))
    await once(worker, 'message')
    print()
    await worker.terminate()
  } else print()
} else {
  await loadReader()
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
  parentPort!.postMessage('loaded')
}

function print(): void {
  const { user, system } = process.cpuUsage()
  const rssMiB = process.memoryUsage.rss() / 1024 ** 2
  process.stdout.write(JSON.stringify({ cpuSeconds: (user + system) / 1e6, rssMiB }))
}
