/** The line at hand. Its stretch of the file is `[lineAt, lineEnd]`, newline included; its content has no wrapper and no CR. */
let at: usize = 0
let newlineAt: usize = 0
let content: usize = 0
let contentEnd: usize = 0
let stream: u32 = 0

/** A line without a wrapper. */
export function setLine(lineAt: usize, newline: usize, end: usize): void {
  at = lineAt
  newlineAt = newline
  content = lineAt
  contentEnd = end
  stream = 0
}

/** Takes its wrapper off: `newStream` is 1 for stdout and 2 for stderr. */
export function setContent(newContent: usize, newEnd: usize, newStream: u32): void {
  content = newContent
  contentEnd = newEnd
  stream = newStream
}

/** It reads otherwise now. */
export function setEdited(newContent: usize, newContentEnd: usize): void {
  content = newContent
  contentEnd = newContentEnd
}

export function lineAt(): usize {
  return at
}

/** Behind the newline. */
export function nextLineAt(): usize {
  return newlineAt + 1
}

export function lineContent(): usize {
  return content
}

export function lineContentEnd(): usize {
  return contentEnd
}

/** 0 for a line without a wrapper, 1 for stdout, 2 for stderr. */
export function lineStream(): u32 {
  return stream
}
