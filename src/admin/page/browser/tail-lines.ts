/** One event of the live tail, taken apart for a line on the page. */
export interface TailLine {
  readonly time: string
  readonly level: string
  readonly source: string
  readonly message: string
  /** What else the event says. */
  readonly rest: string
}

/** What has come of the stream: events, and how many the agent has left out. */
export interface TailPart {
  readonly lines: readonly string[]
  readonly leftOut: number
}

/** Cuts a stream of text into lines; what has no end yet waits for the next piece, and one without end is let go. */
export class TailCutter {
  #rest = ''
  readonly #mostChars: number

  constructor(mostChars = 1024 ** 2) {
    this.#mostChars = mostChars
  }

  cut(text: string): TailPart {
    const pieces = (this.#rest + text).split('\n')
    this.#rest = pieces.pop() ?? ''
    if (this.#rest.length > this.#mostChars) this.#rest = ''
    let leftOut = 0
    const lines: string[] = []
    for (const piece of pieces) {
      const said = /^\{"left_out":(\d+)\}$/.exec(piece)
      if (said) leftOut += Number(said[1])
      else if (piece !== '') lines.push(piece)
    }
    return { lines, leftOut }
  }
}

/** What the agent has found or added stands elsewhere in the line, or is the same in all of them. */
const known = new Set(['@timestamp', 'host.name', 'log.file.path', 'log.offset', 'log.level', 'log.flags'])
const own = new Set(['time', 'ts', 'timestamp', 'level'])
const messageNames = ['message', 'msg', 'log'] as const

/** A line of JSON of the tap; one that cannot be read is shown as it is. */
export function tailLine(line: string): TailLine {
  try {
    const said: unknown = JSON.parse(line)
    if (isObject(said) && isObject(said['event'])) return eventLine(textOf(said['source']), said['event'])
  } catch {
    // Redaction can break JSON: the text is still worth a look.
  }
  return { time: '', level: '', source: '', message: line, rest: '' }
}

/** What a person reads first of a document, or of a line. */
export function eventText(body: string): string {
  try {
    const said: unknown = JSON.parse(body)
    if (!isObject(said)) return body
    const { message, rest } = eventLine('', said)
    return `${message} ${rest}`.trim()
  } catch {
    return body
  }
}

function eventLine(source: string, event: Readonly<Record<string, unknown>>): TailLine {
  const name = messageNames.find((each) => typeof event[each] === 'string')
  const others = Object.entries(event).filter(([key]) => key !== name && !known.has(key) && !own.has(key))
  return {
    time: textOf(event['@timestamp']),
    level: textOf(event['log.level']),
    source,
    message: name === undefined ? '' : textOf(event[name]),
    rest: others.map(([key, value]) => `${key}=${textOf(value)}`).join(' '),
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
