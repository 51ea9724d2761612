import { rsyslog } from '../peers/rsyslog.ts'
import { logferry } from './logferry.ts'
import { naive } from './naive.ts'
import type { Pipeline } from './pipeline.ts'

/** THE list of what is measured, in the order of a round. A further agent is a file in peers/ and a line here. */
export const pipelines: readonly Pipeline[] = [naive, logferry, rsyslog]
