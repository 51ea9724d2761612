import type { Random } from '../inputs/random.ts'

/** The members of an event, as the naive pipeline holds them. */
export type Members = Record<string, unknown>

/** How a program writes its log, and what each pipeline is told about it. */
export interface LogFormat {
  readonly name: string

  /**
   * Makes entries, one after the other: each is one event, without its last newline; an entry may take several lines. The
   * same random numbers give the same entries.
   */
  writer(random: Random): () => string

  /** Keys of the agent's source. */
  readonly source: object

  /** Loki's labels, as the agent's templates. The naive pipeline looks up the members that they name. */
  readonly labels: Readonly<Record<string, string>>

  /** A parser as anyone writes it first. Undefined: the line is only a part of an event. */
  naiveParser(): (line: string) => Members | undefined

  readonly rsyslog: RsyslogParsing
}

/** What makes members of `$msg` in rsyslog. */
export interface RsyslogParsing {
  /** Packaged modules to load. */
  readonly modules: readonly string[]
  /** Actions and statements, before the document is made. `RULEBASE` stands for the path of the rule base. */
  readonly statements: string
  /** For mmnormalize, in liblognorm's second version. */
  readonly rulebase?: string
  /** Entries of several lines stay apart: rsyslog's imfile knows no parts of lines. */
  readonly splitsEntries?: true
}
