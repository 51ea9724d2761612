import { z } from 'zod'

export const parseSchema = z.unknown().default('auto').meta({ description: 'Placeholder.' })
export const timestampSchema = z.unknown().optional().meta({ description: 'Placeholder.' })
