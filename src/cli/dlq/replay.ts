import { z } from 'zod'
import { formatCounted } from '../../admin/quantities.ts'
import { loadConfig } from '../../config/load.ts'
import { ExitStatus } from '../../core/errors.ts'
import { configOption, textOption } from '../command.ts'
import type { Command } from '../command.ts'
import { configPath } from '../config-path.ts'
import { styleOf } from '../io.ts'
import type { Style } from '../io.ts'
import { runJob } from '../run-job.ts'
import { isAllWell, progressText, refusalLines, sentAgain } from '../sent-again.ts'

const progress = z.object({
  sinks: z.record(z.string(), sentAgain.extend({ letters: z.number(), unsendable: z.number() })),
  not_configured: z.record(z.string(), z.number()),
})
type Progress = z.output<typeof progress>

export const dlqReplay: Command = {
  name: 'dlq replay',
  usage: '[-c FILE] [--sink NAME] [--source NAME] [--reason WORD] [--json]',
  summary:
    'Sends dead letters again, once their cause is put right: what the sink takes leaves, the rest stays.',
  details: [
    'The running agent sends them, each as it was kept: to the index or the stream that it was refused by. A letter leaves the file once the sink has taken it; one that is refused again stays, with the new reason. A kill in between loses none, and Elasticsearch knows a second copy by its id.',
    'They are counted as replayed. In the ledger they stay dead_lettered: that is what became of the event when it was read. Ctrl-C ends it. Exit status 1 if something was refused again, cannot be sent, or if it was ended.',
  ],
  options: {
    ...configOption,
    sink: { value: 'NAME', summary: 'Only what this sink refused.' },
    source: { value: 'NAME', summary: 'Only events of this source.' },
    reason: { value: 'WORD', summary: 'Only of this reason, a word of the table of `dlq ls`.' },
    json: { summary: 'One JSON object, for scripts.' },
  },
  takesArguments: false,
  examples: [['logferry dlq replay --sink es --reason mapping', 'after the mapping is put right']],
  async run(call, io) {
    const { config, secrets } = await loadConfig(configPath(textOption(call, 'config'), io.env), io.env)
    const chosen = ['sink', 'source', 'reason'].flatMap((name) => {
      const value = textOption(call, name)
      return value === undefined ? [] : [[name, value] as const]
    })
    const { progress: done, isCancelled } = await runJob({
      dataDir: config.data_dir,
      path: '/dlq/replay',
      asked: Object.fromEntries(chosen),
      io,
      progress,
      show: ({ sinks }) => progressText(sinks),
    })
    const style = styleOf(io.stdout, io.env)
    const lines =
      call.options['json'] === true
        ? [JSON.stringify({ ...done, cancelled: isCancelled })]
        : resultLines(done, { isCancelled, style })
    io.stdout.write(`${secrets.redact(lines.join('\n'))}\n`)
    const isWell =
      isAllWell(done.sinks) && Object.values(done.sinks).every(({ unsendable }) => unsendable === 0)
    return isWell && !isCancelled ? ExitStatus.done : ExitStatus.failed
  },
}

function resultLines(
  { sinks, not_configured: homeless }: Progress,
  { isCancelled, style }: { readonly isCancelled: boolean; readonly style: Style },
): string[] {
  const lines = [
    ...Object.entries(sinks).flatMap(([name, sink]) => [
      `${style.bold(name)}: ${sentence(sink)}`,
      ...refusalLines(sink, style),
    ]),
    ...Object.entries(homeless).map(
      ([name, letters]) =>
        `${style.bold(name)}: not in the config any more, so ${formatCounted(letters, 'dead letter')} cannot be sent`,
    ),
  ]
  if (lines.length === 0) return ['No dead letters.']
  return isCancelled ? ['Ended before its end; so far:', ...lines] : lines
}

function sentence({ sent, refused, unsendable }: Progress['sinks'][string]): string {
  const again = refused > 0 ? `; refused again, and kept, ${formatCounted(refused, 'dead letter')}` : ''
  const kept = `; kept ${formatCounted(unsendable, 'dead letter')} that a sink of this type cannot send`
  const not = unsendable > 0 ? `${kept}: \`logferry dlq show\` has what is in them` : ''
  return `took ${formatCounted(sent, 'dead letter')}${again}${not}`
}
