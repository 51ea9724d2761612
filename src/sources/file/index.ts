import { z } from 'zod'
import { duration, size } from '../../components/fields.ts'
import { defineSource } from '../../components/definition.ts'
import type { SourceContext, SourceInstance } from '../source.ts'
import { Access } from './access.ts'
import type { FileSourceState } from './generation.ts'
import { PathFilter } from './discovery/glob.ts'
import { poolFor } from './descriptors.ts'
import { FileRunner, usualTuning, type Tuning } from './runner.ts'

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

export function createFileSource(
  instances: readonly SourceInstance<FileSourceConfig>[],
  context: SourceContext,
  tuning: Tuning = usualTuning,
): FileRunner {
  return new FileRunner(
    instances.map((instance) => toState(instance, context)),
    context,
    tuning,
  )
}

function toState(instance: SourceInstance<FileSourceConfig>, context: SourceContext): FileSourceState {
  const { config, lane, name } = instance
  const filter = new PathFilter(config.include, config.exclude)
  return {
    name,
    lane,
    filter,
    access: new Access(context.fileSystem, filter.fixedParts, config.follow_symlinks),
    maxLineBytes: config.max_line_bytes,
    ignoreOlderMs: config.ignore_older,
    startAtEnd: config.start_at === 'end',
    isFirstRun: !context.checkpoints.some((checkpoint) => checkpoint.source === name),
  }
}

export const fileSource = defineSource({
  type: 'file',
  summary: 'Tails files through rename, copytruncate and replacement, and knows them again after a restart.',
  schema: fileSourceSchema,
  create: (instances, context) =>
    createFileSource(instances, context, {
      ...usualTuning,
      maxDescriptors: poolFor(usualTuning.maxDescriptors, context.descriptorLimit ?? Infinity),
    }),
})
