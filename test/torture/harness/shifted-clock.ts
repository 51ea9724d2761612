import { readFileSync } from 'node:fs'

/**
 * Loaded into the agent before anything else (`--import`): its wall clock is off by the milliseconds that the file says.
 * Timers go on, as they do when somebody sets a host's clock.
 */
const path = process.env['LOGFERRY_TORTURE_CLOCK']!
const real = Date.now
let shiftMs = 0

function look(): void {
  try {
    shiftMs = Number(readFileSync(path, 'utf8'))
  } catch {
    // Not shifted yet.
  }
}

look()
setInterval(look, 20).unref()
Date.now = () => real() + shiftMs
