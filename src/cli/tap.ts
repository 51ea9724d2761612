import { loadConfig } from '../config/load.ts'
import { AgentError, ExitStatus } from '../core/errors.ts'
import { conditionProblem } from '../steps/condition.ts'
import { checkName } from './check-name.ts'
import { configOption, textOption } from './command.ts'
import type { Command } from './command.ts'
import { configPath } from './config-path.ts'
import { runTap } from './run-tap.ts'

export const tap: Command = {
  name: 'tap',
  usage: '[-c FILE] [--source NAME] [--where EXPR] [--json]',
  summary: 'The events of the running agent as they pass, until Ctrl-C.',
  details: [
    'It shows events as they go into the buffer, behind the steps, with what the agent has found in them. --where is a condition as in steps; it may ask for every field of the document.',
    'It is a look, not a delivery: above 1,000 events a second (or 5,000 to try the condition on) the rest is left out, and how many is said. The agent is asked over data_dir/control.sock, so as the user that runs it.',
  ],
  options: {
    ...configOption,
    source: { value: 'NAME', summary: 'Only events of this source.' },
    where: { value: 'EXPR', summary: "Only events for which this is true, such as level == 'error'." },
    json: { summary: 'One JSON object a line: {"source", "event"}; what a pipe gets in any case.' },
  },
  takesArguments: false,
  examples: [
    ['logferry tap', 'does anything arrive, and how does it look?'],
    [`logferry tap --where "level == 'error' && duration_ms > 1000"`, 'slow requests that failed'],
    ["logferry tap --source web | jq -c '.event'", 'documents, for a script'],
  ],
  async run(call, io) {
    const path = configPath(textOption(call, 'config'), io.env)
    const { config } = await loadConfig(path, io.env)
    const source = textOption(call, 'source')
    if (source !== undefined) checkName({ kind: 'source', name: source, path }, Object.keys(config.sources))
    const where = textOption(call, 'where')
    const wrong = where === undefined ? undefined : conditionProblem(where)
    if (wrong !== undefined)
      throw AgentError.of('bad_option_value', { option: '--where', reason: wrong, command: 'tap' })
    const isJson = call.options['json'] === true || io.stdout.isTTY !== true
    await runTap({ dataDir: config.data_dir, source, where, isJson, io })
    return ExitStatus.done
  },
}
