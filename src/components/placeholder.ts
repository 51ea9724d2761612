import { z } from 'zod'
import { defineSink, defineSource } from './definition.ts'
import { deliveryFields } from './fields.ts'

const notYet = (): never => {
  throw new Error('placeholder')
}

export const placeholderSources = [
  defineSource({
    type: 'file',
    summary: 'Files.',
    schema: z.strictObject({
      include: z.array(z.string()).min(1),
      exclude: z.array(z.string()).default([]),
      start_at: z.enum(['beginning', 'end']).default('beginning'),
      follow_symlinks: z.array(z.string()).default([]),
    }),
    create: notYet,
  }),
  defineSource({ type: 'stdin', summary: 'Standard input.', schema: z.strictObject({}), create: notYet }),
]

export const placeholderSinks = [
  defineSink({
    type: 'file',
    summary: 'File.',
    schema: z.strictObject({ path: z.string(), ...deliveryFields('10s') }),
    create: notYet,
  }),
  defineSink({
    type: 'console',
    summary: 'Console.',
    schema: z.strictObject({ ...deliveryFields('10s') }),
    create: notYet,
  }),
]
