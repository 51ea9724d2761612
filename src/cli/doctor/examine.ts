import { sinkDefinition } from '../../components/manifest.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { loadConfig } from '../../config/load.ts'
import type { SinkConfig } from '../../config/schema.ts'
import { AgentError } from '../../core/errors.ts'
import type { SinkAnswer } from '../../sinks/sink.ts'
import { readAccounts } from '../host/accounts.ts'
import type { Account, Accounts } from '../host/accounts.ts'
import type { Host } from '../host/host.ts'
import { parseMounts } from '../host/mounts.ts'
import { readService } from '../host/service.ts'
import type { Service } from '../host/service.ts'
import { serviceEnvironment } from '../host/service-environment.ts'
import { smallText } from '../host/small-text.ts'
import { probeSink, withSink } from '../reach-sink.ts'
import type { Reached } from '../reach-sink.ts'
import { readLogrotate } from './logrotate/blocks.ts'
import type { SinkContact, Subject } from './subject.ts'
import { surveyFiles } from './survey.ts'

export interface ExamineOptions {
  readonly host: Host
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Gets together what the checks look at. From here on all is seen as the agent's user sees it, where that is allowed. */
export async function examine(config: string, { host, env }: ExamineOptions): Promise<Subject> {
  const { fileSystem } = host
  const service = await readService(fileSystem, config)
  const loaded = await loadConfig(
    config,
    { ...(await serviceEnvironment(fileSystem, service)), ...env },
    { fileSystem },
  )
  const accounts = await readAccounts(fileSystem)
  const agent = accountOf(service, accounts, host.account)
  const mounts = parseMounts((await smallText(fileSystem, '/proc/self/mountinfo')) ?? '')
  // Configs of others, which that user need not read.
  const logrotate = readLogrotate(fileSystem)
  await logrotate
  // Code too: of an installation that is open to root alone nothing could be loaded any more.
  for (const { type } of Object.values(loaded.config.sinks)) await sinkDefinition(type).load?.()
  const isSeenAsUser = seesAll(service) || host.become(agent)
  return {
    host,
    loaded,
    service,
    agent,
    account: isSeenAsUser ? agent : host.account,
    accounts,
    mounts,
    survey: once(() => surveyFiles(fileSystem, loaded.config)),
    logrotate: () => logrotate,
    sinks: contactsOf(loaded),
  }
}

/** Of the unit, with the groups that it adds; without one, whoever asks. */
function accountOf(service: Service | undefined, accounts: Accounts, own: Account): Account {
  const name = service ? (service.value('User') ?? 'root') : undefined
  if (name === undefined) return own
  const known = accounts.account(name)
  if (!known) throw AgentError.of('no_such_user', { user: name, unit: service!.path })
  const primary = accounts.groupId(service!.value('Group') ?? '') ?? known.groups[0]!
  const added = service!.words('SupplementaryGroups').flatMap((group) => accounts.groupId(group) ?? [])
  return { ...known, groups: [...new Set([primary, ...known.groups, ...added])] }
}

/** A unit that may read every file is looked at as root, which may too. */
const seesAll = (service: Service | undefined): boolean =>
  service?.words('AmbientCapabilities').some((word) => /CAP_DAC_(?:READ_SEARCH|OVERRIDE)/.test(word)) === true

function contactsOf({ config }: LoadedConfig): SinkContact[] {
  return Object.entries(config.sinks).map(([name, sink]) => contactOf(name, sink))
}

function contactOf(name: string, config: SinkConfig): SinkContact {
  return {
    name,
    config,
    probe: once((): Promise<Reached> => probeSink(name, config)),
    ask: (question) =>
      withSink(name, config, (sink, signal): Promise<SinkAnswer> => {
        if (!sink.ask) throw new TypeError(`a sink of type ${config.type} cannot be asked`)
        return sink.ask(question, signal)
      }),
  }
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined
  return () => (made ??= make())
}
