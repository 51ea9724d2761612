import type { LoadedConfig } from '../../config/load.ts'
import type { SinkConfig } from '../../config/schema.ts'
import type { SinkAnswer, Question } from '../../sinks/sink.ts'
import type { Account, Accounts } from '../host/accounts.ts'
import type { Host } from '../host/host.ts'
import type { Mount } from '../host/mounts.ts'
import type { Service } from '../host/service.ts'
import type { Reached } from '../reach-sink.ts'
import type { Finding } from './finding.ts'
import type { LogrotateBlock } from './logrotate/blocks.ts'
import type { Survey } from './survey.ts'

/** What is looked at: a host, a config, and the service that brings the two together. What is costly is asked for once. */
export interface Subject {
  readonly host: Host
  readonly loaded: LoadedConfig
  /** The unit that runs this config, where there is one. */
  readonly service: Service | undefined
  /** The user that the agent runs as. */
  readonly agent: Account
  /** Whose eyes everything is seen with: the agent's, where that is allowed. */
  readonly account: Account
  readonly accounts: Accounts
  readonly mounts: readonly Mount[]
  /** The files that the sources match. */
  readonly survey: () => Promise<Survey>
  readonly logrotate: () => Promise<readonly LogrotateBlock[]>
  readonly sinks: readonly SinkContact[]
}

/** A sink as it is configured, and its server. */
export interface SinkContact {
  readonly name: string
  readonly config: SinkConfig
  readonly probe: () => Promise<Reached>
  /** Rejects with a sentence where there is no answer. */
  readonly ask: (question: Question) => Promise<SinkAnswer>
}

/** One check, in a file of its own; `checks.ts` lists them. */
export interface Check {
  /** One word or two, for the table and for scripts. */
  readonly name: string
  run(subject: Subject): Promise<readonly Finding[]>
}
