import { addAccessEvent } from './access-line'
import { criContentAt, criStream, readCri } from './cri-line'
import { lineContent, lineContentEnd, nextLineAt, setContent, setLine } from './current-line'
import { hasRoom } from './event-entry'
import { addJsonEvent } from './json-event'
import {
  askedKeyAt,
  askedKeyEnd,
  endOfObject,
  objectAsks,
  objectFound,
  objectRefused,
  scanObject,
} from './json-line'
import { endOfSpace } from './json-value'
import {
  modeAccess,
  modeCri,
  modeJson,
  modeProgram,
  modeStrict,
  modeTrace,
  stateAskedAt,
  stateAskedEnd,
  stateAt,
  stateEnd,
  stateFileBase,
  stateKeys,
  stateMaxLineBytes,
  stateMode,
  stateOpenStreams,
  stopEnd,
  stopFull,
  stopKey,
  stopRefused,
} from './lane-state'
import { endOfLine } from './lines'
import { addProgramEvent } from './program-event'
import { addJsonThroughSteps, beginSteps, endSteps, hasSteps } from './steps'
import { addTextEvent, streamMemberBytes } from './text-event'
import { isBlank, isPlainText } from './text-line'

/**
 * Makes events of the lines from `stateAt` on, until the block ends or something has to be asked: see the `stop` codes. The
 * line at which it stops is looked at again when it is called the next time.
 */
export function readLines(state: usize): u32 {
  const end: usize = load<u32>(state, stateEnd)
  let at: usize = load<u32>(state, stateAt)
  let stop: u32 = stopEnd
  while (at < end) {
    stop = readLine(state, at, end)
    if (stop != stopEnd) break
    at = nextLineAt()
  }
  store<u32>(state, <u32>at, stateAt)
  return stop
}

function readLine(state: usize, at: usize, end: usize): u32 {
  const newline = endOfLine(at, end)
  const contentEnd = newline > at && load<u8>(newline - 1) == 0x0d ? newline - 1 : newline
  setLine(at, newline, contentEnd)
  const length = contentEnd - at
  if (length > <usize>load<u32>(state, stateMaxLineBytes) || beginsStrangely(state, at)) return stopRefused
  if (!hasRoom(state, length + streamMemberBytes)) return stopFull
  const mode = load<u32>(state, stateMode)
  if ((mode & modeCri) != 0 && !unwrap(state, at, contentEnd))
    return isBlank(at, contentEnd) ? stopEnd : stopRefused
  return isBlank(lineContent(), contentEnd) ? stopEnd : readWithSteps(state, mode)
}

/** NULs that a truncated file's hole left, and what may be a byte order mark. */
function beginsStrangely(state: usize, at: usize): bool {
  const first: u32 = load<u8>(at)
  return first == 0 || (first == 0xef && load<u64>(state, stateFileBase) + <u64>at == 0)
}

/** False for a line without the wrapper, and for one whose first parts wait in the general lane. */
function unwrap(state: usize, at: usize, end: usize): bool {
  if (!readCri(at, end) || (load<u32>(state, stateOpenStreams) & criStream()) != 0) return false
  setContent(criContentAt(), criStream())
  return true
}

function readWithSteps(state: usize, mode: u32): u32 {
  if (!hasSteps(state)) return readContent(state, mode)
  beginSteps(state)
  return endSteps(state, readContent(state, mode))
}

function readContent(state: usize, mode: u32): u32 {
  if ((mode & modeJson) != 0 && mayBeObject(mode)) {
    const found = scanObject(lineContent(), load<u32>(state, stateKeys))
    if (found == objectRefused) return stopRefused
    if (found == objectAsks) {
      store<u32>(state, <u32>askedKeyAt(), stateAskedAt)
      store<u32>(state, <u32>askedKeyEnd(), stateAskedEnd)
      return stopKey
    }
    if (found == objectFound && endOfSpace(endOfObject()) >= lineContentEnd())
      return hasSteps(state) ? addJsonThroughSteps(state) : addJsonEvent(state)
  }
  if ((mode & modeStrict) != 0) return stopRefused
  if (!isPlainText(lineContent(), lineContentEnd(), (mode & modeTrace) != 0)) return stopRefused
  if ((mode & modeAccess) != 0) return addAccessEvent(state)
  if ((mode & modeProgram) != 0) return addProgramEvent(state)
  addTextEvent(state)
  return stopEnd
}

/** Where JSON is not asked for by name, only a brace that is the first byte makes a line JSON. */
function mayBeObject(mode: u32): bool {
  return (mode & modeStrict) != 0 || load<u8>(lineContent()) == 0x7b
}
