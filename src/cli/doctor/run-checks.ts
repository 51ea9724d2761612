import { checks as allChecks } from './checks.ts'
import { unknown } from './finding.ts'
import type { Finding, Severity } from './finding.ts'
import type { Check, Subject } from './subject.ts'

export interface CheckedFinding extends Finding {
  readonly check: string
}

export interface Diagnosis {
  /** The worst of all; `ok` where nothing was found. */
  readonly status: Exclude<Severity, 'unknown'>
  readonly findings: readonly CheckedFinding[]
}

/** Above what a probe may take (10 s) with the questions behind it: only a disk that hangs takes longer. */
const checkMs = 25_000

/** Makes all checks side by side. A check that fails or hangs says so, and takes none of the others with it. */
export async function runChecks(
  subject: Subject,
  { checks = allChecks, timeoutMs = checkMs }: { checks?: readonly Check[]; timeoutMs?: number } = {},
): Promise<Diagnosis> {
  const found = await Promise.all(
    checks.map(async (check) => {
      const findings = await within(check, subject, timeoutMs)
      return findings.map((finding): CheckedFinding => ({ check: check.name, ...finding }))
    }),
  )
  const findings = found.flat()
  const has = (severity: Severity): boolean => findings.some((finding) => finding.severity === severity)
  return { status: has('problem') ? 'problem' : has('warning') ? 'warning' : 'ok', findings }
}

async function within(check: Check, subject: Subject, timeoutMs: number): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(
      () =>
        resolve([unknown(`gave up after ${timeoutMs / 1000} s: a file system or a server does not answer`)]),
      timeoutMs,
    )
  })
  try {
    return await Promise.race([check.run(subject), late])
  } catch (error) {
    return [unknown(`could not be looked at: ${error instanceof Error ? error.message : String(error)}`)]
  } finally {
    clearTimeout(timer)
  }
}
