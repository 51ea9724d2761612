import { createHash } from 'node:crypto'
import { few, tallyUids } from '../../support/tally.ts'
import type { Tally } from '../../support/tally.ts'

/** What became of the lines of one sink; every list names at most ten of its uids. */
export interface Verdict extends Tally {
  /** Cut, joined or changed: the checksum in the line does not fit it. */
  readonly torn: string
  /** Behind a later line of its writer, by the order that a reader of the sink gets. */
  readonly disordered: string
}

export const nothingWrong: Verdict = { lost: '0', invented: '0', doubled: '0', torn: '0', disordered: '0' }

const checkOf = (uid: string, pad: string): string =>
  createHash('sha1').update(`${uid} ${pad}`).digest('hex').slice(0, 8)

let lastMs = 0
let inMs = 0

/** Digits below the millisecond, so that the order by time is the order of writing. */
function timeNow(): string {
  const nowMs = Math.max(Date.now(), lastMs)
  inMs = nowMs === lastMs ? inMs + 1 : 0
  lastMs = nowMs
  return `${new Date(nowMs).toISOString().slice(0, -1)}${String(inMs).padStart(6, '0')}Z`
}

/** A line that says who it is and whether it is whole: JSON with a time, or text. */
export function countedLine(writer: string, sequence: number, pad: string, kind: 'json' | 'text'): string {
  const uid = `${writer}-${sequence}`
  const time = timeNow()
  const check = checkOf(uid, pad)
  if (kind === 'text') return `${time} INFO uid=${uid} pad=${pad} check=${check}\n`
  return `{"time":"${time}","level":"info","uid":"${uid}","pad":"${pad}","check":"${check}"}\n`
}

const inLine = /"uid":"([^"]+)","pad":"([^"]*)","check":"(\w{8})"|uid=(\S+) pad=(\S*) check=(\w{8})/g

/** The uid of a stored line; undefined for one that is not whole, or that holds more than one. */
export function uidOf(line: string): string | undefined {
  const found = [...line.matchAll(inLine)]
  if (found.length !== 1) return undefined
  const [, jsonUid, jsonPad, jsonCheck, uid = jsonUid, pad = jsonPad, check = jsonCheck] = found[0]!
  return uid !== undefined && check === checkOf(uid, pad ?? '') ? uid : undefined
}

/** Compares what was written with what a sink has, in the order in which a reader gets it. */
export function judge(written: readonly string[], stored: readonly string[]): Verdict {
  const whole: string[] = []
  const torn: string[] = []
  const disordered: string[] = []
  const newest = new Map<string, number>()
  for (const line of stored) {
    const uid = uidOf(line)
    if (uid === undefined) {
      torn.push(line.slice(0, 200))
      continue
    }
    whole.push(uid)
    const [, writer, digits] = /^(.*)-(\d+)$/.exec(uid)!
    const sequence = Number(digits)
    const last = newest.get(writer!) ?? -1
    if (sequence < last) disordered.push(uid)
    newest.set(writer!, Math.max(last, sequence))
  }
  return { ...tallyUids(written, whole), torn: few(torn), disordered: few(disordered) }
}
