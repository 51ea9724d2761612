import { systemErrorCode } from '../core/file-system.ts'
import type { TextOutput } from '../core/text-output.ts'

let isWatched = false

/** Standard output of this process. */
export const standardOutput: TextOutput = {
  get isTerminal() {
    // Undefined for pipes, whatever its type says.
    return (process.stdout.isTTY ?? false) && process.env['NO_COLOR'] === undefined
  },
  write(text) {
    // Without a listener the EPIPE of `logferry run | head` would end the process.
    if (!isWatched) process.stdout.on('error', () => {})
    isWatched = true
    return new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => {
        if (!error) resolve(true)
        else if (['EPIPE', 'ERR_STREAM_DESTROYED', 'EIO'].includes(systemErrorCode(error))) resolve(false)
        else reject(error)
      })
    })
  },
}
