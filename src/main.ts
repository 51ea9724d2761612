#!/usr/bin/env node
// SIGUSR1 first: without a listener Node opens its inspector on it, and imports take long enough to be hit by one.
process.on('SIGUSR1', () => {})

const { main } = await import('./cli/cli.ts')
process.exitCode = await main(process.argv.slice(2), process)
