import { dirname, resolve } from 'node:path'
import { components } from '../components/manifest.ts'
import type { Clock } from '../core/clock.ts'
import { AgentError } from '../core/errors.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Secrets } from '../core/secrets.ts'
import { nodeFileSystem } from '../platform/node-file-system.ts'
import { systemClock } from '../platform/system-clock.ts'
import { checkCertificates } from './certificates.ts'
import type { Certificates } from './certificates.ts'
import { checkConfig } from './checks.ts'
import { parseDocument } from './document.ts'
import { explainAll, headline, problemText } from './explain.ts'
import type { Problem } from './explain.ts'
import { interpolate } from './interpolate.ts'
import type { Environment, Interpolated } from './interpolate.ts'
import { resolvePaths } from './paths.ts'
import { ReadFailure, readText } from './read-text.ts'
import type { AgentConfig, Components } from './schema.ts'
import { collectSecrets, redactConfig } from './secrets.ts'
import { validatePieces } from './validate.ts'

export interface LoadedConfig {
  readonly path: string
  readonly config: AgentConfig
  /** One line each, with file, line and column. */
  readonly warnings: readonly string[]
  readonly secrets: Secrets
  /** Absolute paths of all that was read: the config first, then each `${file:}`, then the certificates of sinks. */
  readonly files: readonly string[]
  readonly certificates: Certificates
  /** The config as it may be shown, for dumps and debugging. */
  readonly shown: unknown
}

/** Everything wrong with a config, in the order of the file. */
export interface ConfigProblems {
  readonly problems: readonly Problem[]
  /** What people are shown, several lines. Holds no secret. */
  readonly text: string
  /** Why the file itself cannot be read: there is nothing in it that could be wrong. */
  readonly unreadable?: string
}

export interface LoadOptions {
  readonly fileSystem?: FileSystem
  readonly clock?: Clock
  readonly components?: Components
}

/** Reads a config. Throws an `AgentError` (`config_unreadable` or `config_invalid`, exit status 78) whose message shows all problems at once. */
export async function loadConfig(
  path: string,
  env: Environment,
  options: LoadOptions = {},
): Promise<LoadedConfig> {
  const result = await readConfig(path, env, options)
  if ('problems' in result) {
    if (result.unreadable !== undefined)
      throw AgentError.of('config_unreadable', { path, reason: result.unreadable })
    throw AgentError.of('config_invalid', { problems: result.text })
  }
  return result
}

/** The same with the problems as a value. */
export async function readConfig(
  path: string,
  env: Environment,
  options: LoadOptions = {},
): Promise<LoadedConfig | ConfigProblems> {
  const fileSystem = options.fileSystem ?? nodeFileSystem
  const folder = dirname(resolve(path))
  let text: string
  try {
    text = await readText(path, fileSystem)
  } catch (error) {
    if (!(error instanceof ReadFailure)) throw error
    const problem = bareProblem(`cannot read the config: ${error.message}`)
    return { ...problemsOf([problem], path), unreadable: error.message }
  }
  const document = parseDocument(text)
  const isReadable = document.problems.every((problem) => problem.isReadable)
  // Beyond broken syntax every further error would be about what the parser made of it.
  if (!document.root || !isReadable) return problemsOf(explainAll(document, []), path)

  const values = await interpolate(document.root, { env, fileSystem, folder })
  const pieces = validatePieces(values, options.components ?? components)
  const resolved = resolvePaths(pieces, folder)
  const checks = checkConfig(resolved, values.value)
  const now = (options.clock ?? systemClock).now()
  const { certificates, findings: aboutCertificates } = await checkCertificates(
    resolved.sinks,
    fileSystem,
    now,
  )
  const findings = [...values.findings, ...pieces.findings, ...checks, ...aboutCertificates]
  const secrets = collectSecrets(values)
  const problems = explainAll(document, findings).map((problem) => cleaned(problem, secrets))
  const isWrong = problems.some(({ severity }) => severity === 'error')
  if (isWrong || !resolved.settings) return problemsOf(problems, path)
  const { settings, sources, sinks } = resolved
  const config: AgentConfig = { ...settings, data_dir: resolve(folder, settings.data_dir), sources, sinks }
  return {
    path,
    config,
    warnings: problems.map((problem) => headline(problem, path)),
    secrets,
    files: [...new Set([resolve(path), ...values.files, ...certificates.keys()])],
    certificates,
    shown: shownConfig(config, values),
  }
}

const shownConfig = (config: AgentConfig, { fromFiles }: Interpolated): unknown =>
  redactConfig(config, fromFiles)

const bareProblem = (message: string): Problem => ({
  severity: 'error',
  line: 0,
  column: 0,
  path: '',
  message,
  quote: '',
})

/** The last line of defence: a secret that got into a message by a way that nobody thought of. */
function cleaned(problem: Problem, secrets: Secrets): Problem {
  return { ...problem, message: secrets.redact(problem.message), quote: secrets.redact(problem.quote) }
}

function problemsOf(problems: readonly Problem[], path: string): ConfigProblems {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const count = `${errors} ${errors === 1 ? 'error' : 'errors'} in ${path}`
  return { problems, text: [...problems.map((problem) => problemText(problem, path)), count].join('\n') }
}
