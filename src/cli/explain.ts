import { ExitStatus } from '../core/errors.ts'
import type { StepTrace } from '../steps/run-steps.ts'
import { askedLines, lineOptions } from './asked-lines.ts'
import type { Command } from './command.ts'
import { explainAll } from './explanation.ts'
import { previewEvents } from './preview-events.ts'
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
  options: { ...lineOptions, json: { summary: 'One JSON object for each event, for scripts.' } },
  takesArguments: true,
  examples: [
    [`logferry explain '{"level":"debug","msg":"hi"}'`, 'why does this line not arrive?'],
    ['tail -n 1 /var/log/nginx/access.log | logferry explain --source web -', 'the last line of a real file'],
  ],
  async run(call, io) {
    const asked = await askedLines(call, io)
    // Loaded late: `--help` needs none of it.
    const { processLines } = await import('./process-lines.ts')
    const traces: StepTrace[] = []
    const processed = processLines({ ...asked, onStep: (trace) => traces.push(trace) })
    const previews = await previewEvents(processed.events, asked)
    const { config, source, redact } = asked
    const explanation = explainAll({ config, source, processed, previews, traces })
    writeExplanation(explanation, { io, isJson: call.options['json'] === true, redact })
    return ExitStatus.done
  },
}
