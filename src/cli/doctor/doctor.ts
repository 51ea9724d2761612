import { resolve } from 'node:path'
import { ExitStatus } from '../../core/errors.ts'
import { configOption, textOption } from '../command.ts'
import type { Command } from '../command.ts'
import { configPath } from '../config-path.ts'
import { nodeHost } from '../host/node-host.ts'
import { styleOf, widthOf } from '../io.ts'
import { examine } from './examine.ts'
import { reportLines } from './report.ts'
import { runChecks } from './run-checks.ts'

/** Wider texts are hard to read; what a pipe gets is as wide. */
const widest = 100

export const doctor: Command = {
  name: 'doctor',
  usage: '[-c FILE] [--json]',
  summary: 'Tells what on this host will bite: limits, permissions, rotation, disks, clocks, and the sinks.',
  details: [
    'Each finding says what was seen, what comes of it, and the key or command that mends it. Nothing is changed and no event is sent. Exit status 1 if there is a problem, 0 with warnings only.',
    'Run it as root where a logferry.service runs the config: the unit is read, then everything is looked at as the user of the unit. Else it is looked at as you.',
  ],
  options: { ...configOption, json: { summary: 'One JSON object, for scripts.' } },
  takesArguments: false,
  examples: [
    ['sudo logferry doctor', 'after an installation, and when lines are missing'],
    [
      'logferry doctor --json | jq \'.findings[] | select(.severity == "problem")\'',
      'for a check of a fleet',
    ],
  ],
  async run(call, io) {
    const path = configPath(textOption(call, 'config'), io.env)
    const subject = await examine(resolve(path), { host: await nodeHost(), env: io.env })
    const diagnosis = await runChecks(subject)
    // The last line of defence: no text of a server or a URL shows a secret of the config.
    const clean = (text: string): string => subject.loaded.secrets.redact(text)
    if (call.options['json'] === true) {
      const { status, findings } = diagnosis
      const shown = { status, config: subject.loaded.path, user: subject.account.name, findings }
      io.stdout.write(`${clean(JSON.stringify(shown, undefined, 2))}\n`)
    } else {
      const width = Math.min(widthOf(io.stdout), widest)
      const style = styleOf(io.stdout, io.env)
      const head = `${subject.loaded.path}, as user ${subject.account.name} sees it:`
      const lines = [style.dim(head), '', ...reportLines(diagnosis, { width, style })]
      io.stdout.write(`${clean(lines.join('\n'))}\n`)
    }
    return diagnosis.status === 'problem' ? ExitStatus.failed : ExitStatus.done
  },
}
