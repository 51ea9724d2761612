/**
 * What is done about a member of a JSON line whose name meets a path of the agent's, or in whose object something is looked for:
 * an entry for each such name. u32 kind, u32 address and length of the name that it gets instead, quotes included, u32 what its
 * object is looked at as, 0 for nothing, u32 which of the file's shared members it meets, u32 its number among the keys that steps look for. Plain constants, as in `lane-state.ts`.
 */
export const meetingBytes = 24
export const meetingKind = 0
export const meetingName = 4
export const meetingNameLength = 8
export const meetingContext = 12
export const meetingShared = 16
export const meetingWatched = 20

/** Only its object is looked into. */
export const meetingNone = 0
/** It makes room, whatever it holds. */
export const meetingRenamed = 1
/** It makes room, unless it is an object: then what is in it is looked at. */
export const meetingOuter = 2
/** It may say what the agent would write: a member of all events of the file, the level, ids, the stream. */
export const meetingSame = 3
export const meetingLevel = 4
export const meetingTrace = 5
export const meetingSpan = 6
export const meetingStream = 7

/** What keys of logfmt are looked at as. */
export const logfmtContext = 0xffff

/** So many names that meet something are kept; with one more all but those that steps look for are forgotten. */
export const mostMeetingNames = 512
/** Bytes of all names that they get instead. */
export const meetingNamesBytes = 65_536

/** The shared members of a file: u32 how many, then for each u32 address and length of its JSON text. */
export const sharedHeadBytes = 4
export const sharedEntryBytes = 8
