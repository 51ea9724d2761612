import { lineStream } from './current-line'
import { addMembers, beginEntry, setBody, setOwnTime, setTimeOfReading } from './event-entry'
import { bodyMessage } from './event-layout'
import { stateNowSeconds } from './lane-state'
import { isPlausible } from './read-time'
import { setWrapperTime } from './wrapper-time'

/** `"stream":"stdout"`, which is added to each line out of a container. */
export const streamMemberBytes: usize = 17
const stdoutMember = memory.data<u8>([
  0x22, 0x73, 0x74, 0x72, 0x65, 0x61, 0x6d, 0x22, 0x3a, 0x22, 0x73, 0x74, 0x64, 0x6f, 0x75, 0x74, 0x22, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
])
const stderrMember = memory.data<u8>([
  0x22, 0x73, 0x74, 0x72, 0x65, 0x61, 0x6d, 0x22, 0x3a, 0x22, 0x73, 0x74, 0x64, 0x65, 0x72, 0x72, 0x22, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
])

/** Makes the line at hand an event that is its text. */
export function addTextEvent(state: usize): void {
  const entry = beginEntry(state)
  setBody(entry, bodyMessage, 0, 0)
  if (takeWrapperTime(state)) setOwnTime(state, entry)
  else setTimeOfReading(state, entry)
  addStream(state, entry)
}

/** Whether the line has a wrapper with a time that an event may carry; it is then the one that was read last. */
export function takeWrapperTime(state: usize): bool {
  if (lineStream() == 0) return false
  setWrapperTime()
  return isPlausible(load<u32>(state, stateNowSeconds))
}

/** Only right behind `beginEntry`. */
export function addStream(state: usize, entry: usize): void {
  if (lineStream() != 0) addMembers(state, entry, streamMember(), streamMemberBytes)
}

/** Of a line out of a container. */
export function streamMember(): usize {
  return lineStream() == 1 ? stdoutMember : stderrMember
}
