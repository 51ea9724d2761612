import { addAccessEvent } from './access-line'
import { readCri } from './cri-line'
import { lineContent, lineContentEnd, nextLineAt, setLine } from './current-line'
import { readDocker } from './docker-line'
import { hasRoom } from './event-entry'
import { addJsonEvent } from './json-event'
import {
  askedKeyAt,
  askedKeyEnd,
  endOfObject,
  keyQuestion,
  objectAsks,
  objectFound,
  objectRefused,
  scanObject,
} from './json-line'
import { endOfSpace } from './json-value'
import {
  modeAccess,
  modeCri,
  modeDocker,
  modeJson,
  modeKlog,
  modeLevelMessage,
  modeLogfmt,
  modeProgram,
  modePython,
  modeStrict,
  modeSyslog,
  modeTrace,
  stateAskedAt,
  stateAskedEnd,
  stateAt,
  stateEnd,
  stateFileBase,
  stateMaxLineBytes,
  stateMode,
  stateOpenStreams,
  stopEnd,
  stopFull,
  stopRefused,
  stopZone,
} from './lane-state'
import { endOfLine } from './lines'
import { addKlogEvent } from './klog-line'
import { addLevelMessageEvent } from './level-message-line'
import { addLogfmtEvent } from './logfmt-line'
import { presetMisfit } from './preset-event'
import { addProgramEvent } from './program-event'
import { addPythonEvent } from './python-line'
import { addSyslogEvent } from './syslog-line'
import { addJsonThroughSteps, beginSteps, endSteps, hasSteps } from './steps'
import { addTextEvent, streamMemberBytes } from './text-event'
import { isBlank, isPlainText } from './text-line'
import { isUtf8 } from './utf8'
import { askedLocal, beginZone, zoneIsAsked } from './zone'

/**
 * Makes events of the lines from `stateAt` on, until the block ends or something has to be asked: see the `stop` codes. The
 * line at which it stops is looked at again when it is called the next time.
 */
export function readLines(state: usize): u32 {
  const end: usize = load<u32>(state, stateEnd)
  let at: usize = load<u32>(state, stateAt)
  let stop: u32 = stopEnd
  beginZone(state)
  while (at < end) {
    stop = readLine(state, at, end)
    if (stop != stopEnd) break
    at = nextLineAt()
  }
  store<u32>(state, <u32>at, stateAt)
  if (stop != stopRefused || !zoneIsAsked()) return stop
  store<u32>(state, askedLocal(), stateAskedAt)
  return stopZone
}

function readLine(state: usize, at: usize, end: usize): u32 {
  const newline = endOfLine(at, end)
  const contentEnd = newline > at && load<u8>(newline - 1) == 0x0d ? newline - 1 : newline
  setLine(at, newline, contentEnd)
  const length = contentEnd - at
  if (length > <usize>load<u32>(state, stateMaxLineBytes) || beginsStrangely(state, at)) return stopRefused
  if (!hasRoom(state, length + streamMemberBytes)) return stopFull
  const mode = load<u32>(state, stateMode)
  if ((mode & (modeCri | modeDocker)) != 0 && !unwrap(state, mode, at, contentEnd))
    return isBlank(at, contentEnd) ? stopEnd : stopRefused
  return isBlank(lineContent(), lineContentEnd()) ? stopEnd : readWithSteps(state, mode)
}

/** NULs that a truncated file's hole left, and what may be a byte order mark. */
function beginsStrangely(state: usize, at: usize): bool {
  const first: u32 = load<u8>(at)
  return first == 0 || (first == 0xef && load<u64>(state, stateFileBase) + <u64>at == 0)
}

/** False for a line without the wrapper, and for one whose first parts wait in the general lane. */
function unwrap(state: usize, mode: u32, at: usize, end: usize): bool {
  const stream = (mode & modeCri) != 0 ? readCri(at, end) : readDocker(state, at, end)
  return stream != 0 && (load<u32>(state, stateOpenStreams) & stream) == 0
}

function readWithSteps(state: usize, mode: u32): u32 {
  if (!hasSteps(state)) return readContent(state, mode)
  beginSteps(state)
  return endSteps(state, readContent(state, mode))
}

function readContent(state: usize, mode: u32): u32 {
  if ((mode & modeJson) != 0 && mayBeObject(mode)) {
    const found = scanObject(state, lineContent())
    if (found == objectRefused) return stopRefused
    if (found == objectAsks) {
      store<u32>(state, <u32>askedKeyAt(), stateAskedAt)
      store<u32>(state, <u32>askedKeyEnd(), stateAskedEnd)
      return keyQuestion()
    }
    if (found == objectFound && endOfSpace(endOfObject()) >= lineContentEnd())
      return hasSteps(state) ? addJsonThroughSteps(state) : addJsonEvent(state)
  }
  if ((mode & modeStrict) != 0) return stopRefused
  return readText(state, mode)
}

function readText(state: usize, mode: u32): u32 {
  const at = lineContent()
  const end = lineContentEnd()
  if ((mode & modeLogfmt) != 0) {
    // Its ids are members, as a rule.
    if (!isUtf8(at, end)) return stopRefused
    const stop = addLogfmtEvent(state)
    if (stop != presetMisfit) return stop
  }
  if (!isPlainText(at, end, (mode & modeTrace) != 0)) return stopRefused
  if ((mode & modeAccess) != 0) return addAccessEvent(state)
  if ((mode & modeProgram) != 0) return addProgramEvent(state)
  const stop = addOfPreset(state, mode)
  if (stop != presetMisfit) return stop
  // Where a preset was asked for by name, what is none of its lines is an error.
  if ((mode & modePresets) != 0 && (mode & modeJson) == 0) return stopRefused
  addTextEvent(state)
  return stopEnd
}

const modePresets: u32 = modeKlog | modePython | modeLevelMessage | modeSyslog | modeLogfmt

/** `presetMisfit` where there is none, too. */
function addOfPreset(state: usize, mode: u32): u32 {
  if ((mode & modeKlog) != 0) return addKlogEvent(state)
  if ((mode & modePython) != 0) return addPythonEvent(state)
  if ((mode & modeSyslog) != 0) return addSyslogEvent(state)
  return (mode & modeLevelMessage) != 0 ? addLevelMessageEvent(state) : presetMisfit
}

/** Where JSON is not asked for by name, only a brace that is the first byte makes a line JSON. */
function mayBeObject(mode: u32): bool {
  return (mode & modeStrict) != 0 || load<u8>(lineContent()) == 0x7b
}
