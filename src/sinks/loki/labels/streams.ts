import type { StoredEvent, StoredRecord } from '../../../buffer/buffer.ts'
import { severityNames } from '../../../core/event.ts'
import type { Template } from '../../../render/template.ts'
import { recordText, renderFields } from '../field.ts'
import type { LabelLimits } from './label-limits.ts'
import { labelSet, withBacklog } from './label-set.ts'
import type { Label } from '../push/push.ts'

/** One stream as the batcher sees it. */
export interface Stream {
  /** Partition of entries in time, and of late ones. */
  readonly key: string
  readonly backlogKey: string
  /** The newest time handed over so far, in seconds since 1970, for the sake of what is too far behind it. */
  newest: number
}

/** Streams and label values kept in memory; far above `max_streams`, a bound all the same. */
const maxKept = 10_000

/**
 * Finds the stream of an event. Few streams take most events, so results are kept: by severity where all else is the
 * same for the whole record, else by the values of the labels. The kernel remembers them by the bytes of the fields
 * (`DealInKernel`), and asks here only for what it has not met.
 */
export class Streams {
  readonly #templates: readonly (readonly [name: string, template: Template])[]
  readonly #limits: LabelLimits
  readonly #keepsDemoted: boolean
  readonly #onForget: () => void
  readonly #byKey = new Map<string, Stream>()
  readonly #byValues = new Map<string, Stream>()
  #ofRecords = new WeakMap<StoredRecord, RecordStreams>()
  #lastRecord: StoredRecord | undefined
  #last: RecordStreams | undefined

  /** `onForget`: the same values may come to other streams from now on. */
  constructor(
    templates: readonly (readonly [name: string, template: Template])[],
    limits: LabelLimits,
    keepsDemoted: boolean,
    onForget: () => void = () => {},
  ) {
    this.#templates = templates
    this.#limits = limits
    this.#keepsDemoted = keepsDemoted
    this.#onForget = onForget
  }

  of(event: StoredEvent): Stream {
    const ofRecord = this.#recordStreams(event)
    if (ofRecord.isBySeverity && (event.severity !== 0 || ofRecord.isConstant)) {
      return (ofRecord.bySeverity[event.severity] ??= this.#ofValues(event, ofRecord))
    }
    return this.#ofValues(event, ofRecord)
  }

  /** Whether entries of the streams that are given out now carry demoted labels as metadata. */
  get areDemotedKept(): boolean {
    return this.#keepsDemoted && this.#limits.demoted.length > 0
  }

  /** The partition of an event without counting, demoting or keeping anything, for previews. */
  preview(event: StoredEvent, isBacklog: boolean): string {
    const labels = this.#templates.map(([name, template]): Label => [name, renderFields(event, template)])
    return partitionKey(labels, this.#limits.demoted, this.#keepsDemoted)[isBacklog ? 1 : 0]
  }

  /** The server has something as new as `seconds` in the partition's stream. */
  raise(partition: string, seconds: number): void {
    const stream = this.#byKey.get(partition)
    if (stream && stream.newest < seconds) stream.newest = seconds
  }

  #recordStreams(event: StoredEvent): RecordStreams {
    const record = event.record
    if (this.#last && record === this.#lastRecord) return this.#last
    let found = this.#ofRecords.get(record)
    if (!found) {
      const texts = this.#templates.map(([, template]) => recordText(event, template))
      const isBySeverity = this.#templates.every(
        ([, template], index) => texts[index] !== undefined || isLevelAlone(template),
      )
      const isConstant = texts.every((text) => text !== undefined)
      found = { texts, isBySeverity, isConstant, bySeverity: severityNames.map(() => undefined) }
      this.#ofRecords.set(record, found)
    }
    this.#lastRecord = record
    this.#last = found
    return found
  }

  #ofValues(event: StoredEvent, ofRecord: RecordStreams): Stream {
    const values = this.#templates.map(
      ([, template], index) => ofRecord.texts[index] ?? renderFields(event, template),
    )
    const id = JSON.stringify(values)
    return this.#byValues.get(id) ?? this.#open(id, values)
  }

  #open(id: string, values: readonly string[]): Stream {
    const labels = this.#templates.map(([name], index): Label => [name, values[index]!])
    // A demotion may leave too many streams still, and the next label has to go.
    while (this.#limits.admit(labels.filter(([, value]) => value !== ''))) this.#forgetAll()
    const [key, backlogKey] = partitionKey(labels, this.#limits.demoted, this.#keepsDemoted)
    if (this.#byKey.size >= maxKept || this.#byValues.size >= maxKept) this.#forgetAll()
    let stream = this.#byKey.get(key)
    if (!stream) {
      stream = { key, backlogKey, newest: -Infinity }
      this.#byKey.set(key, stream)
    }
    this.#byValues.set(id, stream)
    return stream
  }

  #forgetAll(): void {
    this.#byKey.clear()
    this.#byValues.clear()
    this.#ofRecords = new WeakMap()
    this.#last = undefined
    this.#onForget()
  }
}

interface RecordStreams {
  /** By template: its text where that is the same for all events of the record. */
  readonly texts: readonly (string | undefined)[]
  /** True if only the severity tells the record's events apart. */
  readonly isBySeverity: boolean
  /** True if nothing does. */
  readonly isConstant: boolean
  readonly bySeverity: (Stream | undefined)[]
}

/** Made of `{level}` and plain text only. An event without a level may still have an own member of that name. */
function isLevelAlone(template: Template): boolean {
  return template.names.every((name) => name === 'level')
}

/**
 * A partition says all that encoding needs: the labels' text, and which labels became structured metadata. A request
 * that is encoded again after a later demotion still comes out the same.
 */
function partitionKey(
  labels: readonly Label[],
  demoted: readonly string[],
  keepsDemoted: boolean,
): readonly [key: string, backlogKey: string] {
  const set = labelSet(labels.filter(([name]) => !demoted.includes(name)))
  const tail = keepsDemoted && demoted.length > 0 ? `\n${demoted.join(',')}` : ''
  return [set.text + tail, withBacklog(set).text + tail]
}

/** The labels of a partition as Loki reads them. */
export function partitionText(partition: string): string {
  const end = partition.indexOf('\n')
  return end < 0 ? partition : partition.slice(0, end)
}

/** Names of the labels that this partition's entries carry as structured metadata. */
export function partitionDemoted(partition: string): readonly string[] {
  const end = partition.indexOf('\n')
  return end < 0 ? [] : partition.slice(end + 1).split(',')
}
