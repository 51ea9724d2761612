import type { SourceContext, SourceInstance } from '../source.ts'
import { Access } from './access.ts'
import { poolFor } from './descriptors.ts'
import { PathFilter } from './discovery/glob.ts'
import type { FileSourceState } from './generation.ts'
import type { FileSourceConfig } from './index.ts'
import { FileRunner, usualTuning, type Tuning } from './runner.ts'

/** The runner of all file sources of a config. `tuning`: for tests; else what the system allows. */
export function createFileSource(
  instances: readonly SourceInstance<FileSourceConfig>[],
  context: SourceContext,
  tuning: Tuning = tuningFor(context),
): FileRunner {
  return new FileRunner(
    instances.map((instance) => toState(instance, context)),
    context,
    tuning,
  )
}

function tuningFor({ descriptorLimit = Infinity }: SourceContext): Tuning {
  return { ...usualTuning, maxDescriptors: poolFor(usualTuning.maxDescriptors, descriptorLimit) }
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
    asksContainers: context.containers !== undefined,
    isFirstRun: !context.checkpoints.some((checkpoint) => checkpoint.source === name),
  }
}
