import { formatBytes, formatCounted } from '../../../admin/quantities.ts'
import { globsOverlap } from '../../../config/glob-overlap.ts'
import { PathFilter } from '../../../sources/file/discovery/glob.ts'
import { isRelated } from '../../../sources/file/rotated-names.ts'
import { basename, dirname } from 'node:path'
import { named, ok, quoted } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { LogrotateBlock } from '../logrotate/blocks.ts'
import type { Check } from '../subject.ts'
import type { Survey, SurveyedFile } from '../survey.ts'

/** What a disk copies in a second, to say how long a copy takes: an SSD that others use too. */
const copiedBytesPerSecond = 200 * 1024 ** 2

/** A block of logrotate's that touches files of the sources. */
interface Touched {
  readonly block: LogrotateBlock
  readonly files: readonly SurveyedFile[]
}

export const logrotateCheck: Check = {
  name: 'logrotate',
  async run({ logrotate, survey }) {
    const [blocks, files] = [await logrotate(), await survey()]
    if (blocks.length === 0) return [ok('no logrotate on this host')]
    const touched = blocks.flatMap((block) => touchedBy(block, files))
    const findings = touched.flatMap((one) => [
      ...copytruncated(one, files),
      ...kept(one),
      ...compressed(one),
    ])
    if (findings.length > 0) return findings
    if (touched.length === 0) return [ok('no block of logrotate is about what is read')]
    return [
      ok(`${formatCounted(touched.length, 'block')} of logrotate for what is read, none of them loses lines`),
    ]
  },
}

function touchedBy(block: LogrotateBlock, { sources, files }: Survey): Touched[] {
  const patterns = block.patterns.filter((pattern) => pattern.startsWith('/'))
  if (patterns.length === 0) return []
  const filter = new PathFilter(patterns, [])
  const found = files.filter(({ path, realPath }) => filter.matches(path) || filter.matches(realPath))
  const isMeant = sources.some(({ config }) =>
    config.include.some((include) => patterns.some((pattern) => globsOverlap(include, pattern))),
  )
  return found.length > 0 || isMeant ? [{ block, files: found }] : []
}

function copytruncated({ block, files }: Touched, survey: Survey): Finding[] {
  if (block.settings.copytruncate !== true) return []
  const largest = Math.max(0, ...files.map(({ stat }) => stat.size))
  const seconds = Math.ceil(largest / copiedBytesPerSecond)
  const window =
    seconds > 1
      ? ` Copying the largest, ${formatBytes(largest)}, takes about ${seconds} s.`
      : ' That is a matter of milliseconds, of seconds on a busy disk.'
  const lost: Finding = {
    severity: 'warning',
    seen: `copytruncate for ${namesOf({ block, files })} (${block.place})`,
    why: `logrotate copies the file and then cuts it: what is written between its last read and the cut is lost, for every reader.${window}`,
    mend: 'Replace copytruncate by `create` and let the program reopen its file in postrotate. The agent itself needs no postrotate.',
    commands: [`grep -n copytruncate ${quoted(block.place.replace(/:\d+$/, ''))}`],
  }
  const copies = copiesOf(files, survey)
  if (copies.length === 0) return [lost]
  return [
    lost,
    {
      severity: 'problem',
      seen: `copies that copytruncate makes are read as well: ${named(copies.map(({ path }) => path))}`,
      why: 'A copy is a file of its own: every line in it is sent a second time.',
      mend: `"sources.${copies[0]!.source}": add ${JSON.stringify(excludeFor(copies[0]!))} to "exclude", or end "include" at the live names (*.log).`,
    },
  ]
}

/** Rotated names of the same file that a source matches too. */
function copiesOf(files: readonly SurveyedFile[], survey: Survey): SurveyedFile[] {
  const originals = files.map(({ path }) => path)
  return survey.files.filter(
    ({ path, packed }) =>
      packed === undefined &&
      originals.some(
        (original) =>
          dirname(path) === dirname(original) &&
          path.startsWith(`${original}.`) &&
          isRelated(basename(path), basename(original)),
      ),
  )
}

const excludeFor = ({ path }: SurveyedFile): string =>
  /\.\d+$/.test(path)
    ? '*.[0-9]'
    : `*${basename(path)
        .replace(/^.*?(?=\.log[.-])/, '')
        .replaceAll(/\d+/g, '*')}`

function kept({ block, files }: Touched): Finding[] {
  const { rotate, size, maxsize, every = 'weekly', maxage } = block.settings
  // Without `rotate` logrotate keeps none, too.
  if ((rotate ?? 0) > 0) return []
  if (rotate !== undefined && rotate < 0) return []
  const limit = maxsize ?? size
  return [
    {
      severity: 'problem',
      seen: `${rotate === undefined ? 'no `rotate`' : 'rotate 0'} for ${namesOf({ block, files })} (${block.place})`,
      why: `The old file is deleted at once${limit === undefined ? `, ${every}` : ` whenever it has ${limit}`}: what the agent has not read by then, because it was stopped or behind, is gone (it counts as lost_bytes).`,
      mend: `Keep some: \`rotate ${maxage === undefined ? 7 : Math.max(7, maxage)}\`. Files that wait cost the agent nothing.`,
    },
  ]
}

function compressed({ block, files }: Touched): Finding[] {
  const { compress, delaycompress, copytruncate, rotate } = block.settings
  if (compress !== true || delaycompress === true || (rotate ?? 0) <= 0) return []
  return [
    {
      severity: 'warning',
      seen: `compress without delaycompress for ${namesOf({ block, files })} (${block.place})`,
      why: `The file is packed as soon as it is rotated. A running agent reads it to its end first; one that was stopped meanwhile finds only a packed file${copytruncate === true ? ' and a cut one' : ''}, and what it had not read is lost_bytes.`,
      mend: 'Add `delaycompress`: the newest old file stays text until the next rotation.',
    },
  ]
}

function namesOf({ block, files }: Touched): string {
  return named(files.length > 0 ? files.map(({ path }) => path) : block.patterns)
}
