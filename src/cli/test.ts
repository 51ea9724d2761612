import { loadConfig } from '../config/load.ts'
import { ExitStatus } from '../core/errors.ts'
import { configOption, textOption } from './command.ts'
import type { Command } from './command.ts'
import { configPath } from './config-path.ts'
import { checkName, previewEvents } from './preview-events.ts'
import { readLines } from './test-input.ts'
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
    ...configOption,
    source: { value: 'NAME', summary: 'The source that the lines belong to; default the first one.' },
    sink: { value: 'NAME', summary: 'Show this sink only.' },
    path: {
      value: 'FILE',
      summary: 'The file that the lines seem to stand in; default after the first include.',
    },
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
    const path = configPath(textOption(call, 'config'), io.env)
    const { config, secrets } = await loadConfig(path, io.env)
    const source = textOption(call, 'source') ?? Object.keys(config.sources)[0]!
    checkName({ kind: 'source', name: source, path }, Object.keys(config.sources))
    const onlySink = textOption(call, 'sink')
    if (onlySink !== undefined) checkName({ kind: 'sink', name: onlySink, path }, Object.keys(config.sinks))
    const lines = await readLines(call.arguments, io)
    // Loaded late: `--help` needs none of it.
    const { processLines } = await import('./process-lines.ts')
    const processed = processLines({ config, source, lines, path: textOption(call, 'path') })
    const previews = await previewEvents(processed.events, { config, source, onlySink })
    const isJson = call.options['json'] === true
    const redact = (text: string): string => secrets.redact(text)
    writePreviews(previews, { ...processed, source, onlySink, io, isJson, redact })
    return ExitStatus.done
  },
}
