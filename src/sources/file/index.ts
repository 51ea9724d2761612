import { z } from 'zod'
import { duration, size } from '../../components/fields.ts'
import { defineSource } from '../../components/definition.ts'

const absolutePath = z.string().min(1)

export const fileSourceSchema = z.strictObject({
  include: z
    .array(absolutePath)
    .min(1)
    .describe(
      'Paths to read, with wildcards: `*` within a name, `**` over folders, `?`, `[…]`, `{a,b}`. Names with a leading dot match too.',
    ),
  exclude: z
    .array(absolutePath)
    .default([])
    .describe(
      'Paths to leave out, in the same form; a pattern without a slash is compared with the name alone.',
    ),
  start_at: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .describe(
      'Where to start in files that are there when the source first runs in this data_dir; later files are read whole.',
    ),
  max_line_bytes: size('256KiB', 'Longer lines are cut here, flagged `truncated` and counted.', {
    min: 64,
    max: 16 * 1024 ** 2,
  }),
  ignore_older: duration('1s', '', { min: 1 })
    .unwrap()
    .nullable()
    .default(null)
    .describe(
      'Leave files alone that were not written to for so long when they are first seen, until they are again.',
    ),
  follow_symlinks: z
    .array(absolutePath)
    .default([])
    .describe(
      'Further folders that links may lead to, beside the fixed parts of `include`, /var/log and Docker’s containers.',
    ),
})

export type FileSourceConfig = z.infer<typeof fileSourceSchema>

const load = () => import('./create.ts')

export const fileSource = defineSource({
  type: 'file',
  summary: 'Tails files through rename, copytruncate and replacement, and knows them again after a restart.',
  schema: fileSourceSchema,
  load,
  async create(instances, context) {
    const { createFileSource } = await load()
    return createFileSource(instances, context)
  },
})
