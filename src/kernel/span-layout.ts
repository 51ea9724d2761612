/**
 * The bytes of a span program, for the compiler that writes them (src/parsers/span-program) and the kernel that runs them
 * (wasm/span-program.ts): plain numbers without types, as TypeScript and AssemblyScript read them both.
 *
 * A program is a header, instructions of one size, then the sets and shapes that they name. Every offset is a u32 from
 * the start of the program; every number is little-endian.
 */

/** Header: how many u32 the captures take, `header…` flags, and the sets where matches may begin and cannot begin. */
export const headerBytes = 32
export const headerSlots = 0
export const headerFlags = 4
export const headerNoStart = 8
export const headerLeadingRun = 12

/** The pattern can only match at the start of the line. */
export const startsAtLineStart = 1
/** The pattern can match nothing at the end of the line. */
export const startsAtLineEnd = 2
/** The pattern begins with a run without an upper bound: what fails within the run fails in all of it. */
export const startsWithRun = 4

/** Instruction: u8 operation, u8 length of a shape, u16 slot, then u32 each. */
export const instructionBytes = 32
export const fieldLength = 1
export const fieldSlot = 2
/** Where a choice goes first, and else; the first slot behind those that are reset. */
export const fieldTarget = 4
export const fieldOther = 8
/** What a run or choice takes; what may stand behind it; what a lazy run takes beyond that. */
export const fieldSet = 12
export const fieldNext = 16
export const fieldBeyond = 20
/** How many characters a run takes at least and at most. */
export const fieldLeast = 24
export const fieldMost = 28
/** As `fieldMost`: without bound. */
export const unbounded = 0xffff_ffff
/** As `fieldSlot` of a run: nobody captures it. */
export const noSlot = 0xffff

export const opMatched = 0
/** Up to 16 characters in a row, each within a range of bytes. */
export const opShape = 1
/** One character of a set. */
export const opCharacter = 2
/** As many of a set as there are, none or one at least: no other length can match. */
export const opRun = 3
/** The same, counted. */
export const opCountedRun = 4
/** As many as there are, then less and less. */
export const opGreedyRun = 5
/** As few as match, then more and more. */
export const opLazyRun = 6
/** Two ways to go on: by what may stand first on each, the other one kept if that is possible too. */
export const opChoice = 7
export const opJump = 8
/** The position goes to a slot. */
export const opSave = 9
/** Slots are as if their groups had not matched. */
export const opReset = 10
export const opLineStart = 11
export const opLineEnd = 12
export const opWordBoundary = 13
export const opNoWordBoundary = 14
/** Fails if nothing was taken since the position went to a slot. */
export const opProgress = 15
/** A choice between ways that never begin alike: what stands first on one of them decides. */
export const opBranch = 16

/**
 * Set: 16 bytes by the low half of an ASCII byte, a bit in each by its high half (so that 16 bytes of a line are looked
 * up by two shuffles), then a byte of the bits below.
 */
export const setBytes = 32
export const setBeyondAscii = 16
/** U+2028 and U+2029: `.` does not take them. */
export const holdsSeparators = 1
/** The other white space beyond ASCII: `\s` takes it. */
export const holdsWideSpaces = 2
/** Every other character beyond ASCII. */
export const holdsOthers = 4
/** Some characters beyond ASCII, not all of a kind: nothing is said of a line that has one here. */
export const holdsSome = 8
/** In a set of what may follow: the end of the line. */
export const holdsLineEnd = 16

/** What a run of a program answers. */
export const answerNoMatch = 0
export const answerMatch = 1
/** The kernel cannot judge this line: the guarded RegExp does. */
export const answerNotMine = 2

/** In the captures: the group did not match. */
export const unmatched = 0xffff_ffff
