import { loadConfig } from '../config/load.ts'
import { ExitStatus } from '../core/errors.ts'
import type { StepTrace } from '../steps/run-steps.ts'
import { configOption, textOption } from './command.ts'
import type { Command } from './command.ts'
import { configPath } from './config-path.ts'
import { explainAll } from './explanation.ts'
import { checkName, previewEvents } from './preview-events.ts'
import { readLines } from './test-input.ts'
import { writeExplanation } from './write-explanation.ts'

export const explain: Command = {
  name: 'explain',
  usage: '[-c FILE] [--source NAME] [--sink NAME] [--path FILE] [--json] LINE…',
  summary:
    'Shows what becomes of a line and why: its lane and parser, what each step does to it, its time, level and ids, and what each sink gets in the end.',
  details: [
    'A line that a step filters out ends there, with the step that did it. Nothing is sent and nothing is stored.',
    'Without --source the first source of the config takes the line. It counts as the beginning of a new file at --path. Several lines are one file; those that belong together (multiline, parts of a container line) become one event. With "-" lines come from stdin.',
  ],
  options: {
    ...configOption,
    source: { value: 'NAME', summary: 'The source that the line belongs to; default the first one.' },
    sink: { value: 'NAME', summary: 'Show this sink only.' },
    path: {
      value: 'FILE',
      summary: 'The file that the line seems to stand in; default after the first include.',
    },
    json: { summary: 'One JSON object for each event, for scripts.' },
  },
  takesArguments: true,
  examples: [
    [`logferry explain '{"level":"debug","msg":"hi"}'`, 'why does this line not arrive?'],
    ['tail -n 1 /var/log/nginx/access.log | logferry explain --source web -', 'the last line of a real file'],
  ],
  async run(call, io) {
    const file = configPath(textOption(call, 'config'), io.env)
    const { config, secrets } = await loadConfig(file, io.env)
    const source = textOption(call, 'source') ?? Object.keys(config.sources)[0]!
    checkName({ kind: 'source', name: source, path: file }, Object.keys(config.sources))
    const onlySink = textOption(call, 'sink')
    if (onlySink !== undefined)
      checkName({ kind: 'sink', name: onlySink, path: file }, Object.keys(config.sinks))
    const lines = await readLines(call.arguments, io)
    // Loaded late: `--help` needs none of it.
    const { processLines } = await import('./process-lines.ts')
    const traces: StepTrace[] = []
    const path = textOption(call, 'path')
    const processed = processLines({ config, source, lines, path, onStep: (trace) => traces.push(trace) })
    const previews = await previewEvents(processed.events, { config, source, onlySink })
    const explanation = explainAll({ config, source, processed, previews, traces })
    const isJson = call.options['json'] === true
    writeExplanation(explanation, { io, isJson, redact: (text) => secrets.redact(text) })
    return ExitStatus.done
  },
}
