import { z } from 'zod'
import { defineSource } from './definition.ts'

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
