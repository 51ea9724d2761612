/**
 * A step program: what the kernel does with each event before it is kept (`lanes/fast/step-program.ts` writes it, `steps.ts` runs
 * it). Plain constants, as in `lane-state.ts`; all words are u32, all places are addresses.
 */

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

/** Texts: how many, then address and length of each. */
export const textsFirst = 4
export const textBytes = 8

/** Number: f64, the relations that are true (bits), and whether values may have a fraction. */
export const numberRelations = 8
export const numberFractions = 12
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
