import type { PendingRange, SharedMember } from '../../src/core/chunk.ts'
import { Body, EventFlag, Severity, type DraftEvent, type Instant } from '../../src/core/event.ts'
import type { FileLane, Lane, LaneResult, LineBlock, Origin } from '../../src/lanes/lane.ts'

interface Fragment {
  readonly range: PendingRange
  readonly text: Buffer
}

/**
 * A lane that does next to nothing: each line is one event with `message`. Lines that begin with `P ` are fragments that
 * wait for an `F ` line, as CRI's do. With `autoLines` it waits for that many lines first, as `auto` does.
 */
export class FakeLane implements Lane {
  readonly kind = 'general'
  readonly opened: Origin[] = []
  readonly #autoLines: number
  readonly #deadline: () => number | undefined

  constructor(options: { autoLines?: number; deadline?: () => number } = {}) {
    this.#autoLines = options.autoLines ?? 0
    this.#deadline = options.deadline ?? (() => Number.MAX_SAFE_INTEGER)
  }

  open(origin: Origin): FileLane {
    this.opened.push(origin)
    return new FakeFileLane(origin, origin.resume?.parser ? 0 : this.#autoLines, this.#deadline)
  }
}

class FakeFileLane implements FileLane {
  readonly host = 'test-host'
  readonly shared: readonly SharedMember[]
  readonly #generation: string
  readonly #deadline: () => number | undefined
  #linesWanted: number
  #fragments: Fragment[] = []
  #lastTime: Instant = { seconds: 0, nanos: 0 }

  constructor(origin: Origin, linesWanted: number, deadline: () => number | undefined) {
    this.#generation = origin.generation
    this.#linesWanted = linesWanted
    this.#deadline = deadline
    this.shared = [
      { name: 'host.name', json: '"test-host"' },
      { name: 'log.file.path', json: JSON.stringify(origin.path) },
    ]
  }

  process(block: LineBlock, mayWait: boolean): LaneResult | 'wait' {
    const lines = splitLines(block)
    if (mayWait && lines.length < this.#linesWanted) return 'wait'
    this.#linesWanted = 0
    return this.#result(lines.flatMap((line) => this.#event(line, block) ?? []))
  }

  resume(range: PendingRange, bytes: Uint8Array): void {
    this.#fragments.push({ range, text: textOf(Buffer.from(bytes)) })
  }

  deadline(): number | undefined {
    return this.#fragments.length > 0 ? this.#deadline() : undefined
  }

  flush(_everything: boolean): LaneResult {
    const [first] = this.#fragments
    if (!first) return this.#result([])
    const last = this.#fragments.at(-1)!.range.to
    return this.#result([
      this.#join({ from: first.range.from, to: last, line: Buffer.alloc(0) }, EventFlag.partial),
    ])
  }

  #event(line: Line, block: LineBlock): DraftEvent | undefined {
    const text = stripped(line.line)
    if (text.length === 0) return undefined
    if (text.subarray(0, 2).toString() === 'P ') {
      const range = { generation: this.#generation, from: line.from, to: line.to, stream: '' }
      this.#fragments.push({ range, text: textOf(Buffer.from(text)) })
      return undefined
    }
    if (text.subarray(0, 2).toString() === 'F ')
      return this.#join({ from: line.from, to: line.to, line: Buffer.from(text.subarray(2)) }, 0)
    const truncated = block.truncated ? EventFlag.truncated : 0
    return newEvent(line.from, line.to, text, truncated | (block.partial ? EventFlag.partial : 0))
  }

  #join(end: Line, flags: number): DraftEvent {
    const text = Buffer.concat([...this.#fragments.map((fragment) => fragment.text), end.line])
    this.#fragments = []
    return newEvent(end.from, end.to, text, flags)
  }

  #result(events: DraftEvent[]): LaneResult {
    const pending = this.#fragments.map((fragment) => fragment.range)
    return {
      events,
      pending,
      parser: 'fake',
      lastTime: this.#lastTime,
      lastBump: 0,
      filtered: 0,
      parseErrors: 0,
    }
  }
}

interface Line {
  readonly from: number
  readonly to: number
  readonly line: Buffer
}

function splitLines(block: LineBlock): Line[] {
  const bytes = Buffer.from(block.bytes.buffer, block.bytes.byteOffset, block.bytes.length)
  if (block.truncated || block.partial) return [{ from: block.from, to: block.to, line: bytes }]
  const lines: Line[] = []
  let start = 0
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push({ from: block.from + start, to: block.from + end + 1, line: bytes.subarray(start, end) })
    start = end + 1
  }
  if (start !== bytes.length) throw new Error('a block ends in the middle of a line')
  return lines
}

function stripped(line: Buffer): Buffer {
  let start = 0
  while (line[start] === 0) start++
  const end = line.at(-1) === 13 ? line.length - 1 : line.length
  return line.subarray(start, end)
}

/** `P text` or `P text\n` without its tag. */
const textOf = (fragment: Buffer): Buffer =>
  fragment.subarray(2, fragment.at(-1) === 10 ? fragment.length - 1 : fragment.length)

function newEvent(from: number, to: number, line: Uint8Array, flags: number): DraftEvent {
  return {
    from,
    to,
    time: { seconds: 0, nanos: 0 },
    precision: 0,
    bump: 0,
    severity: Severity.none,
    flags,
    body: Body.message,
    line,
    traceId: '',
    spanId: '',
    members: '',
    edits: [],
    suppressed: 0,
    routes: 1,
  }
}
