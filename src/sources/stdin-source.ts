import { z } from 'zod'
import { defineSource } from '../components/definition.ts'
import { size } from '../components/fields.ts'

export const stdinSchema = z.strictObject({
  max_line_bytes: size('256KiB', 'A longer line is cut here, flagged `truncated` and counted.', {
    min: 16,
    max: 16 * 1024 ** 2,
  }),
})

export type StdinConfig = z.infer<typeof stdinSchema>

export const stdinSource = defineSource({
  type: 'stdin',
  summary: 'Lines from standard input, until it ends.',
  schema: stdinSchema,
  async create(instances, context) {
    const { createStdin } = await import('./stdin.ts')
    return createStdin(instances, context)
  },
})
