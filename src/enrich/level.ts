import { Severity } from '../core/event.ts'

const spellings: Readonly<Record<string, Severity>> = Object.fromEntries([
  ...spelt(Severity.trace, 'trace trc t verbose v vrb finest finer silly all'),
  ...spelt(Severity.debug, 'debug dbg debu d fine config'),
  ...spelt(
    Severity.info,
    'info inf i information informational informative notice note n log default ok success',
  ),
  ...spelt(Severity.warn, 'warn warning wrn w wrng caution'),
  ...spelt(Severity.error, 'error err eror errors e severe fail failed failure exception'),
  ...spelt(Severity.fatal, 'fatal ftl f critical crit crt c panic dpanic alert a emergency emerg emer'),
])

function spelt(severity: Severity, names: string): [string, Severity][] {
  return names.split(' ').map((name) => [name, severity])
}

/** 0 to 7 as syslog has them: emerg, alert, crit, err, warning, notice, info, debug. */
const syslog = [
  Severity.fatal,
  Severity.fatal,
  Severity.fatal,
  Severity.error,
  Severity.warn,
  Severity.info,
  Severity.info,
  Severity.debug,
]

/** 10 to 60 as pino and bunyan have them. */
const tens = [
  Severity.none,
  Severity.trace,
  Severity.debug,
  Severity.info,
  Severity.warn,
  Severity.error,
  Severity.fatal,
]

/** Four of OpenTelemetry's numbers to each. */
const sixths = tens.slice(1)

/** Loggers have few levels; hostile lines have many, so what is remembered is bounded. */
const remembered = new Map<string, Severity>()
/** By the bytes of the word as one number, which up to six bytes are exactly. No word begins with a NUL. */
const byBytes = new Map<number, Severity>()
const longestInBytes = 6
const mostRemembered = 512
/** V8 makes longer texts as slices of the text that they came from, here a whole block: they would keep it alive. */
const longestRemembered = 12

/** The severity that a member's value stands for; `none` if it can't be read. */
export function severityOf(value: unknown): Severity {
  if (typeof value === 'string') return severityOfText(value)
  return typeof value === 'number' ? severityOfNumber(value) : Severity.none
}

/** The same for text that is not decoded yet. */
export function severityOfBytes(bytes: Buffer, from: number, to: number): Severity {
  const length = to - from
  if (length === 0 || length > longestInBytes) return severityOfText(bytes.toString('utf8', from, to))
  let code = 0
  for (let at = from; at < to; at++) code = code * 256 + bytes[at]!
  const known = byBytes.get(code)
  if (known !== undefined) return known
  const severity = severityOfText(bytes.toString('utf8', from, to))
  if (byBytes.size >= mostRemembered) byBytes.clear()
  byBytes.set(code, severity)
  return severity
}

/** OpenTelemetry's SeverityNumber, 1 to 24, four to each level. */
export function severityOfOpenTelemetry(value: unknown): Severity {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 24)
    return Severity.none
  return sixths[Math.ceil(number / 4) - 1]!
}

function severityOfNumber(value: number): Severity {
  if (!Number.isInteger(value) || value < 0) return Severity.none
  if (value < syslog.length) return syslog[value]!
  return value % 10 === 0 ? (tens[value / 10] ?? Severity.none) : Severity.none
}

function severityOfText(text: string): Severity {
  const known = remembered.get(text)
  if (known !== undefined) return known
  // No level is this long, and the text may be a whole message.
  if (text.length > 64) return Severity.none
  const severity = readText(text)
  if (text.length > longestRemembered) return severity
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(text, severity)
  return severity
}

/**
 * Colours (winston), brackets, `SEVERITY_NUMBER_WARN2`, `trace8` (Apache), `LogLevel.Warning`, `lvl=warn,` and the like are
 * taken off.
 */
function readText(text: string): Severity {
  // oxlint-disable-next-line no-control-regex
  const plain = text
    .replace(/\u001b\[[\d;]*m/g, '')
    .trim()
    .toLowerCase()
  if (/^\d{1,2}$/.test(plain)) return severityOfNumber(Number(plain))
  const word =
    /^[[(<"']?(?:severity_number_|severity_|loglevel\.|level[.:= ]?|log_)?([a-z]+)[1-8]?[\])>"':,]?$/.exec(
      plain,
    )?.[1]
  return word !== undefined && Object.hasOwn(spellings, word) ? spellings[word]! : Severity.none
}
