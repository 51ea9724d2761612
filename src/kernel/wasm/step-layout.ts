/**
 * A step program: what the kernel does with each event before it is kept (`lanes/fast/step-program.ts` writes it, `steps.ts` runs
 * it). Plain constants, as in `lane-state.ts`; all words are u32, all places are addresses.
 */

/**
 * Program: its first instruction, what it refuses, what a line of text gets (address and length of members without braces), and
 * two stretches for lines that are edited, with how long each is.
 */
export const programFirst = 0
export const programRefuses = 4
export const programTextMembers = 8
export const programTextMembersLength = 12
export const programScratch = 16
export const programOtherScratch = 20
export const programScratchBytes = 24

/** Edits decide something about such lines that the kernel does not look at again. */
export const refusesTexts = 1
export const refusesMembers = 2
/** Members that lines are taken apart into are edited. */
export const editsMembers = 4

/** Instruction: operation, what it is about, where to go on if that is true, and if it is not. */
export const stepOperation = 0
export const stepAbout = 4
export const stepYes = 8
export const stepNo = 12

/** The event goes on behind the steps. */
export const stepKeep = 0
/** It is filtered out. */
export const stepFilter = 1
/** About: a comparison, see below. */
export const stepTest = 2
/** About: a bit of `stateFacts`, which hold for the whole file. */
export const stepFact = 3
/** About: an edit, see below. Goes on at `stepYes`. */
export const stepAdd = 4
export const stepRename = 5
export const stepRemove = 6
/** What was edited is looked at anew: what follows asks about it. */
export const stepLookAgain = 7
/** About: a guard. The line is refused if it may have something to redact. Goes on at `stepYes`. */
export const stepGuard = 8

/** Guard: a table of hints (0: every line has one), whether the whole event or the line's text is meant; and fields that are. */
export const guardHints = 0
export const guardWhole = 4
export const guardText = 8
export const guardFields = 12
export const guardFirstField = 16

/** Hints: buckets (bits) that may have a text with this first byte, by its low half and its high one; second byte, third byte. */
export const hintFirstLow = 0
export const hintHighBytes = 16
export const hintSecondLow = 32
export const hintThirdLow = 64
/** For each of 8 buckets the address of its texts: how many, then address and length of each, and its first four bytes as a number. */
export const hintBuckets = 96
export const hintBucketBytes = 4
export const hintTextsFirst = 4
export const hintTextBytes = 20
export const hintTextStart = 8
/** Bits that make letters small, and those of the bytes that it has. */
export const hintTextSmall = 12
export const hintTextMask = 16
/** As a length: as many digits as a card number has. */
export const cardLength = 0xffff_ffff

/** Edit: the field that it is about; what a new name was before; and texts, address and length of each. */
export const editField = 0
export const editOther = 4
/** Of an added member: its value. Of a renamed one: the name in quotes. */
export const editText = 8
export const editTextLength = 12
/** `"name":`, for what stands behind the others. */
export const editName = 16
export const editNameLength = 20
/** How long the key is that is renamed. */
export const editKeyLength = 24
/** So many of them between two looks. */
export const mostEdits = 64

/** Comparison: the field that it asks about, what it says where there is none (a verdict). */
export const testField = 0
export const testMissing = 4
/** What the kernel can judge by itself, of which literals, and whether the opposite is meant. */
export const testKind = 8
export const testOperand = 12
export const testIsOpposite = 16
/** What TypeScript has said about values: a memo of verdicts. */
export const testMemo = 20
/** Verdicts about the agent's level (by severity) and stream (1 stdout, 2 stderr): 2 bits each, from the lowest on. */
export const testOfLevels = 24
export const testOfStreams = 28
/** Its number, to ask about it. */
export const testNumber = 32
/** What it says about a line of text, unless that is its field. */
export const testOfText = 36

export const verdictNo = 0
export const verdictYes = 1
/** Only the general lane can tell, and count what goes wrong. */
export const verdictUnsure = 2

/** Nothing: all values are asked about. */
export const kindNone = 0
/** Operand: texts; the value is one of them, begins, ends with, or contains the only one. */
export const kindEqual = 1
export const kindStarts = 2
export const kindEnds = 3
export const kindContains = 4
/** Operand: a number. */
export const kindNumber = 5
/** That it is there is enough. */
export const kindPresent = 6
/** Operand: address of a span program, and where its captures go. */
export const kindPattern = 7

/** Texts: how many, then address and length of each. */
export const textsFirst = 4
export const textBytes = 8

/** Number: f64, and the relations that are true (bits). */
export const numberRelations = 8
export const relationLess = 1
export const relationEqual = 2
export const relationGreater = 4

/** Field: bits of what the agent makes of the name, the number under which its key is watched (0: it is not). */
export const fieldSources = 0
export const fieldWatched = 4
/** How many keys may hold it as a path; for each its number, and address and length of the rest of the path. */
export const fieldHolders = 8
export const fieldFirstHolder = 12
export const holderBytes = 12

export const sourceLevel = 1
export const sourceStream = 2
/** A line of text is this field. */
export const sourceText = 4
