import { ExitStatus } from '../core/errors.ts'
import { askedLines, lineOptions } from './asked-lines.ts'
import type { Command } from './command.ts'
import { previewEvents } from './preview-events.ts'
import { writePreviews } from './write-previews.ts'

export const test: Command = {
  name: 'test',
  usage: '[-c FILE] [--source NAME] [--sink NAME] [--path FILE] [--json] [LINES | -]',
  summary: 'Shows what each sink would get for lines of a log. Nothing is sent and nothing is stored.',
  details: [
    'Lines come as arguments, one each, or from stdin (with "-", or without any). They take the way of the real thing: the lane of the source, the events as the buffer would hold them, and what each sink makes of them, index and labels included.',
    'Without --source the first source of the config takes the lines. They count as the beginning of a new file at --path, which is what Kubernetes fields and file names are read from.',
  ],
  options: {
    ...lineOptions,
    json: { summary: 'One JSON object for each event and sink, for scripts.' },
  },
  takesArguments: true,
  examples: [
    [`logferry test '{"level":"info","msg":"hi"}'`, 'one line, all sinks'],
    [
      'tail -n 20 /var/log/app.log | logferry test --source app --sink es -',
      'the end of a real file, one sink',
    ],
    [`logferry test -- '-1 is a line too'`, 'what comes after -- is never an option'],
  ],
  async run(call, io) {
    const asked = await askedLines(call, io)
    // Loaded late: `--help` needs none of it.
    const { processLines } = await import('./process-lines.ts')
    const processed = processLines(asked)
    const previews = await previewEvents(processed.events, asked)
    const { source, onlySink, redact } = asked
    const isJson = call.options['json'] === true
    writePreviews(previews, { ...processed, source, onlySink, io, isJson, redact })
    return ExitStatus.done
  },
}
