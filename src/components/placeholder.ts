import { z } from 'zod'
import { defineSource } from './definition.ts'

const notYet = (): never => {
  throw new Error('placeholder')
}

export const placeholderSources = [
  defineSource({ type: 'stdin', summary: 'Standard input.', schema: z.strictObject({}), create: notYet }),
]
