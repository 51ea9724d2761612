import { formatBytes, formatCount, formatCounted } from '../../admin/quantities.ts'
import { withoutUserInfo } from '../../config/secrets.ts'
import { escapeControls } from '../../core/terminal-text.ts'
import { styleOf, widthOf } from '../io.ts'
import type { Io } from '../io.ts'
import { formatTable } from '../table.ts'
import { wrap } from '../wrap.ts'
import type { ConfigParts } from './config-text.ts'

/** What `init` found, in the form of its JSON. */
export interface InitReport {
  readonly path: string
  readonly written: boolean
  /** Where the config that was replaced is. */
  readonly kept: string | null
  readonly data_dir: string
  readonly sources: readonly SourceRow[]
  readonly sinks: readonly SinkRow[]
  readonly notes: readonly string[]
}

interface SourceRow {
  readonly name: string
  readonly include: readonly string[]
  readonly files: number
  readonly bytes: number
  readonly formats: readonly string[]
  /** Files, or the folder itself, that this user may not read. */
  readonly unreadable: readonly string[]
}

interface SinkRow {
  readonly type: string
  readonly address: string
  readonly state: string
  readonly text: string
}

export function reportOf(
  { path, dataDir, sources, sinks, notes }: ConfigParts,
  { isWritten, kept }: { isWritten: boolean; kept: string | undefined },
): InitReport {
  return {
    path,
    written: isWritten,
    kept: kept ?? null,
    data_dir: dataDir,
    sources: sources.map(({ name, include, files, closed }) => ({
      name,
      include,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      formats: [...new Set(files.flatMap(({ format }) => (format ? [format.name] : [])))],
      unreadable: [
        ...(closed === undefined ? [] : include),
        ...files.filter(({ format }) => format === undefined).map((file) => file.path),
      ],
    })),
    sinks: sinks.map(({ type, address, state, text }) => ({
      type,
      address: address.startsWith('${') ? address : withoutUserInfo(address),
      state,
      text,
    })),
    notes,
  }
}

/** For people: what is in the file that was written, what it lacks, and what comes next. */
export function reportText(report: InitReport, io: Io): string {
  const style = styleOf(io.stdout, io.env)
  const width = Math.min(widthOf(io.stdout), 100)
  const { path, sources, sinks, notes, kept } = report
  const open = sinks.filter(({ state }) => state === 'open')
  const closed = sinks.filter(({ state }) => state === 'closed')
  const unreadable = sources.flatMap((source) => source.unreadable)
  const warn = (text: string): string[] => {
    const [first = '', ...more] = wrap(escapeControls(text), '', width - 9)
    return [`${style.yellow('warning')}  ${first}`, ...more.map((line) => `         ${line}`)]
  }
  const lines = [
    `${style.green('Wrote')} ${escapeControls(path)}${kept === null ? '' : `; the one before is ${escapeControls(kept)}`}`,
    '',
    ...sourceTable(sources, { width, style }),
    '',
    ...open.flatMap(({ address, text }) =>
      wrap(`${style.green('Sink')} ${address}: ${escapeControls(text)}`, '', width),
    ),
    ...(open.length === 0
      ? wrap('No server answers: events go to the terminal until you name one in "sinks".', '', width)
      : []),
    ...closed.flatMap(({ type, address, text }) =>
      warn(`a server for ${type} is at ${address}, but: ${text}. Its block in the config waits for it.`),
    ),
    ...(unreadable.length > 0
      ? warn(
          `${formatCounted(unreadable.length, 'path')} may not be read by this user: ${unreadable.slice(0, 3).join(', ')}${unreadable.length > 3 ? ` and ${unreadable.length - 3} more` : ''}. Run init as root to see them.`,
        )
      : []),
    ...notes.flatMap((note) => warn(note)),
    '',
    'Next:',
    `  logferry validate -c ${path} --probe`,
    `  logferry doctor -c ${path}`,
    `  logferry run -c ${path}`,
    '',
  ]
  return lines.join('\n')
}

function sourceTable(
  sources: readonly SourceRow[],
  options: { width: number; style: ReturnType<typeof styleOf> },
): string[] {
  if (sources.length === 0) return ['No logs found: name yours in "sources".']
  return formatTable<SourceRow>(
    [
      { head: 'SOURCE', text: ({ name }) => name, gives: 'end' },
      { head: 'FILES', text: ({ files }) => formatCount(files), isNumber: true },
      { head: 'SIZE', text: ({ bytes }) => formatBytes(bytes), isNumber: true },
      { head: 'LOOKS LIKE', text: ({ formats }) => formats.join(', ') || '?', gives: 'end' },
      { head: 'INCLUDE', text: ({ include }) => include.join(' '), gives: 'end' },
    ],
    sources,
    options,
  )
}
