import { z } from 'zod'

/** A member by its name, or a path with dots. */
export const fieldName = z
  .string()
  .min(1, 'a field needs a name')
  .max(1000)
  .refine((name) => !name.split('.').includes(''), 'a dot has a name on both sides')
