#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

// SIGUSR1 first: without a listener Node opens its inspector on it, and imports take long enough to be hit by one.
process.on('SIGUSR1', () => {})

// So does Node with these two, which a manager sends to a daemon that it has just started: without a listener they end
// it. Nothing is missed: what they ask for (the config read, the buffer sent) is still to come.
if (process.argv[2] === 'run') for (const signal of ['SIGHUP', 'SIGUSR2']) process.on(signal, () => {})

// Compression takes up to four threads of the pool (one for each request in flight); with Node's four in all, opening a
// file waited behind them, and files that lived for 100 ms were missed. Read by libuv at the pool's first use.
process.env['UV_THREADPOOL_SIZE'] ??= '8'

// V8's nursery stays small while the modules are loaded; platform/nursery.ts has the reasons and lets it grow.
setFlagsFromString('--semi-space-growth-factor=1')

void start()

// Nothing is awaited outside of functions: the one executable is a CommonJS script.
async function start(): Promise<void> {
  const { main } = await import('./cli/cli.ts')
  process.exitCode = await main(process.argv.slice(2), process)

  // What nobody reads (a full pipe of a manager that hangs) keeps a process alive for ever: a daemon that was told to stop
  // had to be killed. Its lines had a second; what `--once` prints may wait for a person.
  if (process.argv[2] === 'run' && !process.argv.includes('--once')) setTimeout(endUnread, 1_000).unref()
}

function endUnread(): void {
  if (process.stderr.writableLength + process.stdout.writableLength > 0) process.exit()
}
