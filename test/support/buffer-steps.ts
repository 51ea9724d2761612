import * as fc from 'fast-check'
import { limits } from '../../src/core/limits.ts'

export interface BufferSetup {
  readonly fsync: 'always' | number
  readonly maxBytes: number
  readonly retainMs: number
  readonly whenFull: 'block' | 'drop_oldest'
}

export type Step =
  | { readonly kind: 'append'; readonly file: number; readonly lines: number }
  | { readonly kind: 'appendLarge'; readonly file: number; readonly kilobytes: number }
  | { readonly kind: 'appendFiltered'; readonly file: number }
  | { readonly kind: 'appendTogether'; readonly lines: number }
  | { readonly kind: 'settle'; readonly sink: number; readonly records: number; readonly share: number }
  | { readonly kind: 'settleLate'; readonly sink: number }
  | { readonly kind: 'save'; readonly sink: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'crash'; readonly unsynced: 'lost' | 'kept' | 'torn'; readonly seed: number }
  | {
      readonly kind: 'fault'
      readonly on: 'write' | 'datasync' | 'truncate' | 'unlink'
      readonly times: number
      readonly where: string
    }
  | { readonly kind: 'refuse'; readonly where: string; readonly times: number }
  | { readonly kind: 'refuseFor'; readonly where: string; readonly ms: number }
  | { readonly kind: 'badSector'; readonly where: string; readonly seed: number; readonly heals: boolean }
  | { readonly kind: 'shortReads'; readonly seed: number }
  | { readonly kind: 'diskReads' }
  | { readonly kind: 'diskFull'; readonly spareBytes: number }
  | { readonly kind: 'diskFreed' }
  | { readonly kind: 'park'; readonly sink: number }

/** Any order of what can happen to a buffer. After each step the ledger adds up; at the end everything has arrived. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      file: fc.nat(2),
      lines: fc.integer({ min: 0, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('appendLarge' as const),
      file: fc.nat(2),
      kilobytes: fc.integer({ min: 100, max: 1500 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('appendFiltered' as const), file: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('appendTogether' as const),
      lines: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      sink: fc.nat(1),
      records: fc.integer({ min: 1, max: 6 }),
      share: fc.constantFrom(1, 2, 3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settleLate' as const), sink: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('save' as const), sink: fc.nat(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(100, 1000, 3000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      unsynced: fc.constantFrom('lost' as const, 'kept' as const, 'torn' as const),
      seed: fc.nat(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      on: fc.constantFrom('write' as const, 'datasync' as const, 'truncate' as const, 'unlink' as const),
      times: fc.integer({ min: 1, max: 3 }),
      where: fc.constantFrom('.seg', '.cursor'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('diskFull' as const), spareBytes: fc.nat(200_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('diskFreed' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refuse' as const),
      where: fc.constantFrom('.seg', '.cursor', ''),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refuseFor' as const),
      where: fc.constantFrom('.seg', '.cursor', ''),
      ms: fc.integer({ min: 100, max: limits.unreadableMs - 2000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('badSector' as const),
      where: fc.constantFrom('.seg', '.seg', '.cursor'),
      seed: fc.nat(),
      heals: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shortReads' as const), seed: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('diskReads' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('park' as const), sink: fc.nat(1) }) },
)

export const setup = fc.record<BufferSetup>({
  fsync: fc.constantFrom('always' as const, 1000, 5000),
  maxBytes: fc.constantFrom(4 * 1024 ** 2, 64 * 1024 ** 2),
  retainMs: fc.constantFrom(0, 5000),
  whenFull: fc.constantFrom('block' as const, 'drop_oldest' as const),
})

export const steps = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })
