import { formatCounted, formatDuration } from '../../../admin/quantities.ts'
import { PathFilter } from '../../../sources/file/discovery/glob.ts'
import { named, ok, quoted, unknown } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check } from '../subject.ts'
import type { Survey, SurveyedFile, SurveyedSource } from '../survey.ts'

export const includesCheck: Check = {
  name: 'includes',
  async run({ host, survey }) {
    const found = await survey()
    const findings = [
      ...found.sources.flatMap((source) => [
        ...empty(source, found),
        ...old(source, host.nowMs()),
        ...packed(source),
      ]),
      ...overlaps(found),
      ...(found.isCut
        ? [unknown(`more than ${formatCounted(found.files.length, 'file')}: the rest was not looked at`)]
        : []),
    ]
    const total = found.files.length
    const many = `${formatCounted(total, 'file')} in ${formatCounted(found.folders.length, 'folder')}`
    return [...(total > 0 ? [ok(`the sources match ${many}`)] : []), ...findings]
  },
}

/** Patterns that match nothing. Perhaps their time is still to come; most often a letter is wrong. */
function empty({ name, config }: SurveyedSource, { closedFolders, files }: Survey): Finding[] {
  return config.include.flatMap((pattern): Finding[] => {
    const filter = new PathFilter([pattern], config.exclude)
    const [root = '/'] = filter.fixedParts
    if (files.some(({ path }) => filter.matches(path))) return []
    const closed = closedFolders.find(({ path }) => path === root)
    // A folder that may not be listed is a finding of its own.
    if (closed && closed.code !== 'ENOENT' && closed.code !== 'ENOTDIR') return []
    const isAway = closed !== undefined
    return [
      {
        severity: 'warning',
        seen: `sources.${name}: ${pattern} matches no file${isAway ? `, as there is no folder ${root}` : ''}`,
        why: 'It is read as soon as it appears. If it should be there already, a letter is wrong, or an exclude is too wide.',
        ...(!isAway && { commands: [`ls -l ${quoted(root)}`] }),
      },
    ]
  })
}

/** `ignore_older` that leaves nothing to read. */
function old({ name, config, files }: SurveyedSource, nowMs: number): Finding[] {
  const limit = config.ignore_older
  if (limit === null || files.length === 0) return []
  const older = files.filter(({ stat }) => nowMs - stat.mtimeMs > limit)
  if (older.length === 0) return []
  const isAll = older.length === files.length
  return [
    {
      severity: isAll ? 'warning' : 'ok',
      seen: `sources.${name}: ${isAll ? 'all' : String(older.length)} of ${formatCounted(files.length, 'file')} were not written to for ${formatDuration(limit)} (ignore_older) and are left alone`,
      ...(isAll && { mend: `Raise "sources.${name}.ignore_older" if they are to be read.` }),
    },
  ]
}

function packed({ name, files }: SurveyedSource): Finding[] {
  const found = files.filter((file) => file.packed !== undefined)
  if (found.length === 0) return []
  return [
    {
      severity: 'warning',
      seen: `sources.${name}: ${formatCounted(found.length, 'packed file')} matched: ${named(found.map(({ path }) => path))}`,
      why: 'They are not read, and each is named once in the log.',
      mend: `"sources.${name}.exclude": ["**/*.gz"], or whatever their names end in.`,
    },
  ]
}

function overlaps({ files }: Survey): Finding[] {
  const pairs = new Map<string, SurveyedFile[]>()
  for (const file of files.filter(({ others }) => others.length > 0)) {
    const pair = `${file.source} ${file.others[0]}`
    pairs.set(pair, [...(pairs.get(pair) ?? []), file])
  }
  return [...pairs.values()].map((same): Finding => {
    const { source, others } = same[0]!
    return {
      severity: 'warning',
      seen: `sources.${source} and sources.${others[0]} both match ${named(same.map(({ path }) => path))}`,
      why: `A file belongs to the first source that matches it: "${source}" reads it, "${others[0]}" gets nothing of it.`,
      mend: `Exclude it in one of the two.`,
    }
  })
}
