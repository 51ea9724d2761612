/**
 * What JavaScript and the kernel tell each other about the lines of a block: places in one stretch of the kernel's memory.
 * Plain constants, so that this file is TypeScript as well as AssemblyScript.
 */

/** u32: address of the next line, and where the block ends: behind a newline. */
export const stateAt = 0
export const stateEnd = 4
/** u64: what has to be added to an address to get its place in the file generation. */
export const stateFileBase = 8
/** u32: where the next event's entry goes, and where entries must end. */
export const stateEntryAt = 16
export const stateEntriesEnd = 20
/** u32: where the next event's bytes go, where they began (an entry counts from there), and where they must end. */
export const stateHeapAt = 24
export const stateHeap = 28
export const stateHeapEnd = 32
/** u32: the memos of keys, and of levels; `stateLevelNumbers` has those that are OpenTelemetry's numbers. */
export const stateKeys = 36
export const stateLevels = 40
export const stateLevelNumbers = 124
/** u32: bits of `LineMode`. */
export const stateMode = 44
export const stateMaxLineBytes = 48
/** u32: of every event. */
export const stateRoutes = 52
/** u32, u32: the time of reading. */
export const stateNowSeconds = 56
export const stateNowNanos = 60
/** u32, u32, u64: the last time that a line named and Loki's copy of it; the same of the newest time of reading that was given out. */
export const stateLastSeconds = 64
export const stateLastNanos = 68
export const stateLastBump = 72
export const stateReadingSeconds = 80
export const stateReadingNanos = 84
export const stateReadingBump = 88
/** u32, each: earliest and latest time of the events, seconds and nanoseconds; meaningful where there are any. */
export const stateLowSeconds = 96
export const stateLowNanos = 100
export const stateHighSeconds = 104
export const stateHighNanos = 108
/** u32, u32: the bytes that the kernel asks about: a key, or a level's value. */
export const stateAskedAt = 112
export const stateAskedEnd = 116
/** u32: bit 1 while fragments of stdout wait for their rest, bit 2 the same of stderr. */
export const stateOpenStreams = 120
/** u32: the table of members that lines are taken apart into (`member-table.ts`). */
export const stateMembers = 128
/** u32, u32: a span program, and where its captures go. */
export const stateProgram = 132
export const stateSlots = 136
/** u32: the memo of levels that are captured, without quotes. */
export const stateLevelTexts = 140
/** u32: the table of the zone's offsets (`zone-table.ts`). */
export const stateZone = 144
/** u32, u32, u32: names that meet something, the file's shared members (`meeting-table.ts`), and the memo of keys in objects. */
export const stateMeetings = 148
export const stateShared = 152
export const stateNestedKeys = 156
/** u32: where texts go that are written anew before they are looked at; there is room for a block's. */
export const stateScratch = 160
/** u32, u32: the step program, 0 for none (`step-layout.ts`), and what it may take for granted of the file. */
export const stateSteps = 176
export const stateFacts = 180
/** u32: events that steps have filtered out since the block began. */
export const stateFiltered = 184
/** u32: the number of the comparison that is asked about. */
export const stateAskedTest = 188
export const stateBytes = 192

/** Lines that begin with a brace are looked at as JSON. */
export const modeJson = 1
/** A line that is no JSON is an error, which is the general lane's. */
export const modeStrict = 2
/** Lines are what containerd wrote: time, stream, tag, content. */
export const modeCri = 4
/** Ids of traces are looked for, in texts too. */
export const modeTrace = 8
/** Lines are those of an access log; the members of the table stand in the order of `access-line.ts`. */
export const modeAccess = 16
/** Lines are what a span program matches; each member of the table names its slot. */
export const modeProgram = 32
/** Lines are what a preset takes apart: the members of the table stand in the order of its file here. */
export const modeKlog = 256
export const modePython = 512
export const modeLevelMessage = 1024
export const modeSyslog = 2048
export const modeLogfmt = 4096
/** Lines are what Docker's json-file driver wrote. */
export const modeDocker = 8192

/** Why `readLines` stopped. */
export const stopEnd = 0
/** The line at `stateAt` is the general lane's. */
export const stopRefused = 1
/** The memo of keys does not know the one at `stateAskedAt`. */
export const stopKey = 2
/** The same of a level's value, a string with its quotes or a number; and of one that is OpenTelemetry's number. */
export const stopLevel = 3
export const stopLevelNumber = 4
/** There is no room for one more event. */
export const stopFull = 5
/** The memo of captured levels does not know the text at `stateAskedAt`. */
export const stopLevelText = 6
/** The table of offsets has none for the wall clock's reading `stateAskedAt`, in seconds. */
export const stopZone = 16
/** The memo of keys in objects does not know the one at `stateAskedAt`: u32 what the object is looked at as, then the key. */
export const stopNestedKey = 17
/** The memo of a step's comparison does not know the value at `stateAskedAt`. */
export const stopTest = 18

/** In the memo of captured levels, beside the severity: the word is a level at the start of a line too (`parsers/level-words.ts`). */
export const levelIsWord = 8
/** In the memo of levels: the value is the very name by which the agent calls that level. */
export const levelIsName = 16

/** What a key means, in the memos of keys: bits, two ranks, and a place in the list of names that meet something. */
export const keyTime = 1
export const keyLevel = 2
export const keyTrace = 4
export const keySpan = 8
/** The document's own `@timestamp`. */
export const keyTimestamp = 16
/** Lines that have it are the general lane's. */
export const keyRefused = 32
/** W3C's traceparent, which has both ids. */
export const keyParent = 64
/** A level by OpenTelemetry's numbers, and not by its name. */
export const keyLevelNumber = 128
export const keyTimeRankShift = 8
export const keyLevelRankShift = 16
/** Its name meets a path of the agent's: the entry at the index says what becomes of it. */
export const keyMeets = 1 << 13
/** Something is looked for in its object. */
export const keyInner = 1 << 14
/** It is called as a member that makes room may be called then. */
export const keyTaken = 1 << 15
export const keyIndexShift = 21
/** So many bits has the place in the list. */
export const keyIndexMask = 511
/** Steps ask for the member: the entry at the index has its number among the watched keys. */
export const keyWatched = 1 << 30
/** Ranks are below this. */
export const mostRanks = 32
