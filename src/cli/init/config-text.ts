import { basename } from 'node:path'
import { formatBytes, formatCounted } from '../../admin/quantities.ts'
import { escapeControls } from '../../core/terminal-text.ts'
import { wrap } from '../wrap.ts'
import type { FoundSink } from './look-for-sinks.ts'
import type { LogFile } from './log-files.ts'
import type { FoundSource } from './places.ts'

export interface ConfigParts {
  readonly path: string
  readonly hostName: string
  readonly userName: string
  /** RFC 3339, the date alone. */
  readonly date: string
  readonly dataDir: string
  /** Where the usual gigabyte is too much for the disk. */
  readonly bufferBytes: number | undefined
  readonly freeBytes: number | undefined
  readonly sources: readonly FoundSource[]
  readonly notes: readonly string[]
  readonly sinks: readonly FoundSink[]
  /** The authority of an Elasticsearch on this host, where its package left it. */
  readonly authorityFile: string | undefined
}

const widest = 110

/** The config with the reasons for all that stands in it. It is valid as it is. */
export function configText(parts: ConfigParts): string {
  return [
    '{',
    ...header(parts),
    ...settings(parts),
    '',
    '  "sources": {',
    ...sourceLines(parts).slice(0, -1),
    '  },',
    '',
    '  // For every source, before anything is stored: passwords, tokens, card numbers and addresses out.',
    '  // "steps": [{ "redact": {} }],',
    '',
    '  "sinks": {',
    ...sinkLines(parts).slice(0, -1),
    '  },',
    '}',
    '',
  ].join('\n')
}

/** Comments are one line each; nothing that was found on the host can end one, or begin a line of its own. */
function comment(text: string, indent = '  '): string[] {
  return wrap(escapeControls(text), `${indent}// `, widest - indent.length)
}

const json = (value: unknown): string => JSON.stringify(value)

/** A text that was found on the host: a folder called `${HOME}` must not have anything expanded. */
const plain = (text: string): string => json(text.replaceAll('$', () => '$$'))

/** As people write it: a space behind each comma and within braces. */
const list = (texts: readonly string[]): string => `[${texts.map(plain).join(', ')}]`

function header({ hostName, userName, date, path, notes }: ConfigParts): string[] {
  return [
    ...comment(`Written by \`logferry init\` for ${hostName} on ${date}, as user ${userName}.`),
    ...comment(`Is it right, do the sinks answer?  logferry validate -c ${path} --probe`),
    ...comment(`What on this host will bite?       logferry doctor -c ${path}`),
    ...comment(
      'Every key: docs/config.md. Edit and save: the running agent takes the change over, or says what is wrong.',
    ),
    ...notes.flatMap((note) => comment(`Seen: ${note}.`)),
  ]
}

function settings({ dataDir, bufferBytes, freeBytes }: ConfigParts): string[] {
  const free = freeBytes === undefined ? '' : `; ${formatBytes(freeBytes)} are free there`
  return [
    ...comment(`Buffer, cursors, dead letters. It belongs to the user that runs the agent${free}.`),
    `  "data_dir": ${json(dataDir)},`,
    ...(bufferBytes === undefined
      ? []
      : [
          ...comment('Usually 1 GiB: this disk has little room.'),
          `  "buffer": { "max_bytes": ${json(`${Math.round(bufferBytes / 1024 ** 2)}MiB`)} },`,
        ]),
  ]
}

function sourceLines({ sources, userName }: ConfigParts): string[] {
  if (sources.length === 0)
    return [
      ...comment('No logs were found that can be read: name yours here.', '    '),
      '    "app": { "type": "file", "include": ["/var/log/*.log"] },',
      '',
    ]
  return sources.flatMap((source, index) => [...sourceBlock(source, userName, index === 0), ''])
}

/** Said once: it holds for all of them. */
const startAtText =
  'From now on; "beginning" ships what is there already, too. Files that come later are read whole.'

function sourceBlock(
  { name, about, include, exclude, files, service, closed, isContainers }: FoundSource,
  userName: string,
  isFirst: boolean,
): string[] {
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const unread = files.filter(({ format }) => format === undefined)
  const traces = files.find(({ format }) => format?.multiline !== undefined)
  const indent = '      '
  return [
    ...comment(about, '    '),
    ...(closed === undefined
      ? comment(`${formatCounted(files.length, 'file')}, ${formatBytes(bytes)}: ${formatsOf(files)}.`, '    ')
      : comment(`User ${userName} may not list it (${closed}): the pattern is a guess.`, '    ')),
    ...(unread.length > 0
      ? comment(
          `User ${userName} may not read ${
            unread.length === files.length
              ? 'any of them'
              : unread
                  .map(({ path }) => path)
                  .slice(0, 3)
                  .join(', ')
          }: the agent's user has to (logferry doctor).`,
          '    ',
        )
      : []),
    `    ${json(name)}: {`,
    `${indent}"type": "file",`,
    `${indent}"include": ${list(include)},`,
    ...(exclude ? [`${indent}"exclude": ${list(exclude)},`] : []),
    ...(isFirst ? comment(startAtText, indent) : []),
    `${indent}"start_at": "end",`,
    ...(isContainers === true
      ? [
          ...comment('Takes the wrapper of the runtime off, then looks at the line in it.', indent),
          `${indent}"parse": "auto",`,
        ]
      : []),
    ...(traces ? multilineLines(traces, indent) : []),
    ...(service === undefined ? [] : [`${indent}"fields": { "service": ${plain(service)} },`]),
    '    },',
  ]
}

function multilineLines({ path, format }: LogFile, indent: string): string[] {
  return [
    ...comment(
      `Stack traces were seen in ${basename(path)}: each becomes one event with the line before it.`,
      indent,
    ),
    `${indent}"multiline": ${json(format!.multiline)},`,
  ]
}

/** `access.log nginx; error.log, other.log plain text`: what `auto` makes of them. */
function formatsOf(files: readonly LogFile[]): string {
  const groups = new Map<string, string[]>()
  for (const { path, format } of files) {
    const name = format?.name ?? 'unknown'
    groups.set(name, [...(groups.get(name) ?? []), basename(path)])
  }
  return [...groups]
    .map(
      ([format, names]) =>
        `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''} (${format})`,
    )
    .join('; ')
}

function sinkLines(parts: ConfigParts): string[] {
  const open = parts.sinks.filter(({ state }) => state === 'open')
  return [
    ...open.flatMap((sink) => [...comment(`Found: ${sink.text}.`, '    '), ...sinkBlock(sink, parts), '']),
    ...(open.length > 0
      ? []
      : [
          ...comment(
            'Until a server is named: events on the terminal. Not for a service, whose output reaches the journal, and from there /var/log/syslog, and this agent again.',
            '    ',
          ),
          '    "screen": { "type": "console" },',
          '',
        ]),
    ...parts.sinks
      .filter(({ state }) => state !== 'open')
      .flatMap((sink) => [...closedBlock(sink, parts), '']),
  ]
}

function closedBlock(sink: FoundSink, parts: ConfigParts): string[] {
  const product = sink.type === 'loki' ? 'Loki' : 'Elasticsearch or OpenSearch'
  return [
    ...comment(
      sink.state === 'closed'
        ? `${product} is there, but: ${sink.text}. Fill in what it wants, then remove the two comment marks:`
        : `${product} does not answer at ${sink.address}. Write its address, remove the two comment marks, save, and it ships there.`,
      '    ',
    ),
    '    /*',
    // A comment within would not end where this one does, but `*/` would.
    ...sinkBlock(sink, parts).map((line) => line.replaceAll('*/', '* /')),
    '    */',
  ]
}

function sinkBlock(sink: FoundSink, parts: ConfigParts): string[] {
  return sink.type === 'loki' ? lokiBlock(sink, parts) : elasticsearchBlock(sink, parts)
}

function elasticsearchBlock(
  { address, apiKeyVariable, isTls, state }: FoundSink,
  { authorityFile }: ConfigParts,
): string[] {
  return [
    '    "es": {',
    '      "type": "elasticsearch",',
    `      "nodes": [${json(address)}],`,
    '      "index": "app-logs-%Y.%m.%d", // one a day, by the time of the event; make its template first: docs/elasticsearch.md',
    ...(apiKeyVariable !== undefined
      ? [`      "auth": { "api_key": "\${${apiKeyVariable}}" },`]
      : state === 'closed' && isTls
        ? ['      "auth": { "api_key": "${file:/etc/logferry/es_api_key}" },']
        : ['      // "auth": { "api_key": "${file:/etc/logferry/es_api_key}" },']),
    ...(isTls && authorityFile !== undefined ? [`      "tls": { "ca_file": ${json(authorityFile)} },`] : []),
    '    },',
  ]
}

function lokiBlock({ address, state, text }: FoundSink, { sources }: ConfigParts): string[] {
  const labels = {
    job: 'logs',
    host: '{host_name}',
    service: '{service}',
    ...(sources.some(({ isContainers }) => isContainers === true) && {
      namespace: '{namespace}',
      container: '{container}',
    }),
    level: '{level:-unknown}',
  }
  const shown = Object.entries(labels).map(([name, value]) => `${json(name)}: ${json(value)}`)
  const wantsTenant = state === 'closed' && /org id|tenant/.test(text)
  return [
    '    "loki": {',
    '      "type": "loki",',
    `      "url": ${json(address)},`,
    '      // Few values each, as every combination is a stream; an empty one is left out.',
    `      "labels": { ${shown.join(', ')} },`,
    `      ${wantsTenant ? '' : '// '}"tenant": "team-a",`,
    '    },',
  ]
}
