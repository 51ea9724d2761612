import { formatBytes, formatCounted } from '../../admin/quantities.ts'
import { verify } from '../../buffer/look/verify.ts'
import type { Finding, Verified } from '../../buffer/look/verify.ts'
import { ExitStatus } from '../../core/errors.ts'
import { escapeControls } from '../../core/terminal-text.ts'
import { nodeFileSystem } from '../../platform/node-file-system.ts'
import { systemClock } from '../../platform/system-clock.ts'
import { configOption } from '../command.ts'
import type { Command } from '../command.ts'
import { styleOf, widthOf } from '../io.ts'
import type { Style } from '../io.ts'
import { lookInto } from '../look-into.ts'
import { wrap } from '../wrap.ts'

export const bufferVerify: Command = {
  name: 'buffer verify',
  usage: '[-c FILE] [--json]',
  summary: 'Checks every checksum of the buffer and of the cursors; exit status 1 if something is damaged.',
  details: [
    'It reads all of data_dir/buffer and data_dir/cursors, beside the running agent or without one, and repairs nothing: the agent does so itself, by reading damaged stretches again from their files.',
    'A record that is being written at that moment, or whose writing ended with a power cut, is "unfinished" and no damage: nobody was promised it.',
  ],
  options: { ...configOption, json: { summary: 'One JSON object, for scripts.' } },
  takesArguments: false,
  examples: [['logferry buffer verify', 'after a disk had errors']],
  run: (call, io) =>
    lookInto(call, io, async ({ config }) => {
      const found = await verify(nodeFileSystem, config.data_dir, systemClock)
      const lines =
        call.options['json'] === true
          ? [JSON.stringify(found, undefined, 2)]
          : verdict(found, styleOf(io.stdout, io.env), Math.min(widthOf(io.stdout), 100))
      io.stdout.write(`${lines.join('\n')}\n`)
      return found.damage.length > 0 ? ExitStatus.failed : ExitStatus.done
    }),
}

/** Rows for people; JSON has all. */
const mostFindings = 50

function verdict(found: Verified, style: Style, width: number): string[] {
  const { segments, records, events, bytes, cursors, damage, unfinished } = found
  const whole = `${formatCounted(records, 'whole record')} with ${formatCounted(events, 'event')}`
  const looked = `${formatCounted(segments, 'segment')}, ${formatBytes(bytes)}: ${whole}; ${formatCounted(cursors, 'cursor')}`
  const more = damage.length - mostFindings
  return [
    ...damage.slice(0, mostFindings).map((finding) => findingText(finding, style.red('damaged'))),
    ...(more > 0 ? [`and ${more} more: --json has them all`] : []),
    ...unfinished.map((finding) => findingText(finding, style.dim('unfinished'))),
    looked,
    ...(damage.length === 0
      ? [style.green('No damage.')]
      : wrap(
          'The agent passes over what is damaged and reads it again from the log files where they still exist; what is gone there is counted as lost_bytes{damaged}. Look at the disk: smartctl, dmesg.',
          '',
          width,
        )),
  ]
}

function findingText({ path, at, bytes, records, text }: Finding, head: string): string {
  const place =
    path === ''
      ? ''
      : ` ${escapeControls(path)} at ${at}${bytes > 0 ? `, ${formatCounted(bytes, 'byte')}` : ''}`
  const lost = records === undefined ? '' : ` (${formatCounted(records, 'record')})`
  return `${head}${place}: ${text}${lost}`
}
