import type { TestContext } from 'node:test'
import * as fc from 'fast-check'
import { seed } from '../torture/harness/scale.ts'

/** A run that takes longer hangs: none of them waits for anything but fake clocks and fake disks. */
const hangsMs = 60_000

/** `LOGFERRY_SEED` and `LOGFERRY_PATH`, as a failure names them, run its sequence alone. */
const path = process.env['LOGFERRY_PATH']

/**
 * Checks `holds` with random `cases`. What fails is told at once with its seed: a shrinking that outlasts the runner's
 * patience, a hang, or an error that nobody waited for left nothing behind to find it again by.
 */
export async function assertRuns<Case>(
  context: TestContext,
  cases: fc.Arbitrary<Case>,
  holds: (one: Case) => Promise<void>,
  parameters: Pick<fc.Parameters<[Case]>, 'numRuns' | 'endOnFailure'>,
): Promise<void> {
  context.diagnostic(`seed ${seed}`)
  let runs = 0
  let isTold = false
  const run = async (one: Case): Promise<void> => {
    runs += 1
    try {
      await unlessItHangs(holds(one))
    } catch (error) {
      if (!isTold) process.stderr.write(`${context.name}\n${again(path ?? runs - 1)}\n${String(error)}\n`)
      if (!isTold) process.stderr.write(`${fc.stringify(one)}\n`)
      isTold = true
      throw error
    }
  }
  const details = await fc.check(fc.asyncProperty(cases, run), {
    ...parameters,
    seed,
    ...(path !== undefined && { path, endOnFailure: true }),
  })
  if (!details.failed) return
  const { counterexamplePath, counterexample, errorInstance } = details
  throw new Error(`${again(counterexamplePath ?? '')}\n${fc.stringify(counterexample?.[0])}`, {
    cause: errorInstance,
  })
}

const again = (at: string | number): string =>
  `fails; again with LOGFERRY_SEED=${seed} LOGFERRY_PATH=${at} LOGFERRY_TORTURE=${process.env['LOGFERRY_TORTURE'] ?? 'short'}`

function unlessItHangs(work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`hangs for ${hangsMs / 1000} s`)), hangsMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
