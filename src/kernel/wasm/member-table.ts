/**
 * The members that lines of a source are taken apart into: u32 how many, then for each the address and length of its name as
 * it stands before the value (`"name":`), its `key…` meaning, its slot among the captures, and its type. A level that is the
 * same for many lines stands there with its value, and its severity in place of the meaning. Plain constants, as in `lane-state.ts`.
 */
export const memberHeadBytes = 16
export const memberBytes = 20
export const memberName = 0
export const memberNameLength = 4
export const memberMeaning = 8
export const memberSlot = 12
export const memberType = 16

export const typeText = 0
/** Digits stay as they are written; all else of such a member is the general lane's. */
export const typeInteger = 1
export const typeFloat = 2
