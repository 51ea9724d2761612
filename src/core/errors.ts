/**
 * Every error that ends a command, in one table: what the exit status is, what we say, what to do about it.
 * `docs/errors.md` is generated from here. Trouble that the agent lives with (an answer, a line) is not in here: that is
 * an outcome or a counter.
 */

/** Exit statuses of the contract. 78 is EX_CONFIG of sysexits.h. */
export const ExitStatus = { done: 0, failed: 1, usage: 2, config: 78 } as const
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus]

interface ErrorEntry {
  readonly exitStatus: ExitStatus
  /** `{name}` stands for a parameter of that name. */
  readonly message: string
  readonly hint: string
}

export const errorTable = {
  data_dir_locked: {
    exitStatus: ExitStatus.failed,
    message: 'data_dir {path} is in use by another agent',
    hint: 'Stop the other agent, or give this one a data_dir of its own.',
  },
  data_dir_not_writable: {
    exitStatus: ExitStatus.failed,
    message: 'data_dir {path} cannot be used: {reason}',
    hint: 'The folder has to belong to the user that runs the agent, on a disk that can be written.',
  },
  data_dir_unreadable: {
    exitStatus: ExitStatus.failed,
    message: 'data_dir {path} cannot be read, {file}: {reason}',
    hint: 'Nothing was changed; start again when the disk is well. Is that file broken for good, move it away.',
  },
  data_dir_newer_version: {
    exitStatus: ExitStatus.failed,
    message:
      'data_dir {path} was written by a newer version: {file} has format {found}, this version knows {known}',
    hint: 'Run the newer version again, or let it empty its buffer first. Nothing was changed.',
  },
  admin_port_in_use: {
    exitStatus: ExitStatus.failed,
    message: 'port {port} (admin.listen, {listen}) is in use by another process',
    hint: 'Change admin.listen, or set "admin": false. `ss -ltnp` names the process.',
  },
  admin_listen_failed: {
    exitStatus: ExitStatus.failed,
    message: 'cannot listen on {listen} (admin.listen): {reason}',
    hint: 'The address has to be one of this host; ports below 1024 need CAP_NET_BIND_SERVICE.',
  },
  no_data_dir: {
    exitStatus: ExitStatus.failed,
    message: 'data_dir {path} is not there',
    hint: 'An agent makes it at its first start. Name the config of the one that you mean with -c.',
  },
  data_dir_closed: {
    exitStatus: ExitStatus.failed,
    message: '{path} cannot be read: {reason}',
    hint: 'data_dir belongs to the user that runs the agent: try as that user, or as root.',
  },
  agent_refused: {
    exitStatus: ExitStatus.failed,
    message: 'the agent does not do that: {reason}',
    hint: 'Nothing was changed.',
  },
  agent_older: {
    exitStatus: ExitStatus.failed,
    message: 'the agent that answers at {path} is of an older version, and does not know {asked}',
    hint: 'Restart it, so that it runs the version that is installed; `logferry status` says which one it is.',
  },
  job_failed: {
    exitStatus: ExitStatus.failed,
    message: 'the agent could not do all of it: {reason}',
    hint: 'What was done by then is done: run it again for the rest.',
  },
  job_cut_off: {
    exitStatus: ExitStatus.failed,
    message: 'the agent on data_dir {path} ended before it was done',
    hint: 'What was done by then is done: once it runs again, run this again for the rest.',
  },
  yes_missing: {
    exitStatus: ExitStatus.usage,
    message: '{command} cannot be taken back; nothing was done: {what}',
    hint: 'With --yes it does so. `logferry dlq show` has them one by one.',
  },
  agent_not_running: {
    exitStatus: ExitStatus.failed,
    message: 'no agent runs on data_dir {path}',
    hint: 'Start it, or name its config with -c: commands find the agent by the data_dir of the config.',
  },
  agent_not_reached: {
    exitStatus: ExitStatus.failed,
    message: 'the agent was asked over {path} and did not answer: {reason}',
    hint: 'The control socket belongs to the user that runs the agent: EACCES means to ask as that user, or as root.',
  },
  no_such_user: {
    exitStatus: ExitStatus.failed,
    message: 'there is no user {user}, as which {unit} runs the agent',
    hint: 'systemd-sysusers makes it, see docs/hosts.md.',
  },
  config_exists: {
    exitStatus: ExitStatus.failed,
    message: '{path} is there already; nothing was written',
    hint: 'With --force it is replaced; --print shows what would be written; -c FILE names another.',
  },
  config_not_written: {
    exitStatus: ExitStatus.failed,
    message: 'cannot write {path}: {reason}',
    hint: 'Name a place that this user may write with -c FILE, or use --print.',
  },
  probe_failed: {
    exitStatus: ExitStatus.failed,
    message: '{failed} of {all} sinks cannot be reached',
    hint: 'The line of each sink says what went wrong. Nothing was sent.',
  },
  internal: {
    exitStatus: ExitStatus.failed,
    message: 'internal error: {reason}',
    hint: 'This is a bug of the agent: please report it with the stack.',
  },
  unknown_command: {
    exitStatus: ExitStatus.usage,
    message: 'unknown command "{command}"{nearest}',
    hint: '`logferry --help` lists the commands.',
  },
  unknown_member: {
    exitStatus: ExitStatus.usage,
    message: '{found}: {command} takes one of {known}',
    hint: '`logferry {command} --help` tells them apart.',
  },
  unknown_option: {
    exitStatus: ExitStatus.usage,
    message: 'unknown option "{option}"{nearest}',
    hint: '`logferry {command} --help` lists the options.',
  },
  bad_option_value: {
    exitStatus: ExitStatus.usage,
    message: 'option {option}: {reason}',
    hint: '`logferry {command} --help` shows what it takes.',
  },
  unexpected_argument: {
    exitStatus: ExitStatus.usage,
    message: '"{argument}": {command} takes no further arguments',
    hint: '`logferry {command} --help` shows what it takes.',
  },
  command_not_built: {
    exitStatus: ExitStatus.usage,
    message: '{command}: not built yet',
    hint: 'This version cannot do it; CHANGELOG.md says what is next.',
  },
  unknown_name: {
    exitStatus: ExitStatus.usage,
    message: 'no {kind} "{name}" in {path}{nearest}',
    hint: 'The config names: {known}.',
  },
  no_config: {
    exitStatus: ExitStatus.config,
    message: 'no config file: tried {tried}',
    hint: 'Name one with -c FILE or $LOGFERRY_CONFIG.',
  },
  config_unreadable: {
    exitStatus: ExitStatus.config,
    message: '{path}: cannot read the config: {reason}',
    hint: 'Name a file that this user may read, with -c FILE or $LOGFERRY_CONFIG.',
  },
  config_invalid: {
    exitStatus: ExitStatus.config,
    message: '{problems}',
    hint: '`docs/config.md` lists every key.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

type ParameterNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never

/** What the message and the hint of a code need to be filled in. */
export type ErrorParameters<Code extends ErrorCode> = Readonly<
  Record<
    ParameterNames<(typeof errorTable)[Code]['message']> | ParameterNames<(typeof errorTable)[Code]['hint']>,
    string | number
  >
>

/** Ends a command with a status and a text for people. Texts never hold secrets: whoever throws has redacted. */
export class AgentError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly exitStatus: ExitStatus

  private constructor(code: ErrorCode, texts: { message: string; hint: string }, options: ErrorOptions) {
    super(texts.message, options)
    this.name = 'AgentError'
    this.code = code
    this.hint = texts.hint
    this.exitStatus = errorTable[code].exitStatus
  }

  /** `AgentError.of('data_dir_locked', { path })`; the compiler asks for what the message of the code needs. */
  static of<Code extends ErrorCode>(
    code: Code,
    parameters: ErrorParameters<Code>,
    options: ErrorOptions = {},
  ): AgentError {
    const { message, hint } = errorTable[code]
    return new AgentError(code, { message: fill(message, parameters), hint: fill(hint, parameters) }, options)
  }

  /** What people are told: the message and what to do for ours, the bare message for all else. */
  static textOf(error: unknown): string {
    if (error instanceof AgentError) return `${error.message}\n${error.hint}`
    return error instanceof Error ? error.message : String(error)
  }
}

function fill(text: string, parameters: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
}
