import { cri } from './cri.ts'
import { jsonSteps } from './json-steps.ts'
import { json } from './json.ts'
import type { LogFormat } from './log-format.ts'
import { nginx } from './nginx.ts'
import { python } from './python.ts'
import { regex } from './regex.ts'

/** THE list of formats: a new one is a file beside these and a line here. */
export const formats = { json, 'json-steps': jsonSteps, cri, nginx, python, regex } as const satisfies Record<
  string,
  LogFormat
>

export type FormatName = keyof typeof formats
