import { levelWords } from './level-words.ts'

/** How a group of a preset's program becomes a member. */
export interface PresetMember {
  readonly key: string
  readonly group: string
  /** Digits as a whole number, or text. */
  readonly as: 'number' | 'text'
  /** Texts that stand for others. */
  readonly words?: Readonly<Record<string, string>>
  /** Nothing and `-` are no member. */
  readonly isLeftOut?: boolean
}

export interface PresetProgram {
  readonly pattern: string
  /** In the preset's order. A group that took no part is no member. */
  readonly members: readonly PresetMember[]
}

const text = (key: string, group: string): PresetMember => ({ key, group, as: 'text' })
const number = (key: string, group: string): PresetMember => ({ key, group, as: 'number' })
const unlessDash = (member: PresetMember): PresetMember => ({ ...member, isLeftOut: true })

/**
 * Common and combined format. By the preset (access-log.ts) lines may be much more than this; no backslash, no further
 * bracket and one form of time is what most lines are, and then there is one way to read them.
 */
const accessLog: PresetProgram = {
  pattern: [
    String.raw`^(?<address>[\w.:-]+) - (?<user>[^\s[]+) `,
    String.raw`\[(?<time>\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] `,
    String.raw`"(?<method>[A-Za-z_-]{1,32}) (?<url>[^ "\\]+) HTTP\/(?<version>[\d.]+)" `,
    String.raw`(?<status>\d{3}) (?<bytes>\d{1,18}|-)(?: "(?<referrer>[^"\\]*)" "(?<agent>[^"\\]*)")?$`,
  ].join(''),
  members: [
    text('@timestamp', 'time'),
    text('source.address', 'address'),
    unlessDash(text('user.name', 'user')),
    text('http.request.method', 'method'),
    text('url.original', 'url'),
    text('http.version', 'version'),
    number('http.response.status_code', 'status'),
    unlessDash(number('http.response.body.bytes', 'bytes')),
    unlessDash(text('http.request.referrer', 'referrer')),
    unlessDash(text('user_agent.original', 'agent')),
  ],
}

/** File names of what Go and C++ programs call their sources. */
const klog: PresetProgram = {
  pattern: [
    String.raw`^(?<level>[IWEF])(?<time>\d{4}(?:\d{4})? \d{2}:\d{2}:\d{2}\.\d{6}) +(?<thread>\d{1,18}) `,
    String.raw`(?<file>[\w.\/-]{1,200}):(?<line>\d{1,9})\] ?(?<message>.*)$`,
  ].join(''),
  members: [
    text('@timestamp', 'time'),
    { ...text('level', 'level'), words: { I: 'INFO', W: 'WARNING', E: 'ERROR', F: 'FATAL' } },
    number('process.thread.id', 'thread'),
    text('log.origin.file.name', 'file'),
    number('log.origin.file.line', 'line'),
    text('message', 'message'),
  ],
}

/** asctime, name, levelname, message; or without the name, where the first word is a level: so those are tried first. */
const python: PresetProgram = {
  pattern: [
    String.raw`(?i)^(?<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{3}) - (?:`,
    `(?<word>${levelWords.toSorted().join('|')}) - (?<text>.*)|`,
    String.raw`(?<logger>[\w.]{1,200}) - (?<level>[a-z]{1,32}) - (?<message>.*))$`,
  ].join(''),
  members: [
    text('@timestamp', 'time'),
    text('log.logger', 'logger'),
    text('level', 'word'),
    text('level', 'level'),
    text('message', 'text'),
    text('message', 'message'),
  ],
}

/**
 * For presets, by name: a pattern for the kernel that takes the most common lines of the preset apart just as the preset
 * does. Of a line that it does not match nothing is said: that one is the preset's own.
 */
export const presetPrograms: Readonly<Record<string, PresetProgram>> = {
  nginx: accessLog,
  apache: accessLog,
  klog,
  python,
}
