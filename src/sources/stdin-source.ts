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

const load = () => import('./stdin.ts')

export const stdinSource = defineSource({
  type: 'stdin',
  summary: 'Lines from standard input, until it ends.',
  schema: stdinSchema,
  load,
  async create(instances, context) {
    const { createStdin } = await load()
    return createStdin(instances, context)
  },
})
