/** What Elasticsearch 9.5.3 makes of a bulk body, as far as our tests need it: `test/fixtures/elasticsearch` holds the originals. */

export interface StoredDocument {
  readonly index: string
  readonly id: string
  readonly source: string
  /** How often it was really written: 1, and more by `index`. */
  version: number
}

export type IndexState = 'closed' | 'blocked' | 'flood' | 'missing'

export interface BulkItem {
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string; readonly caused_by?: object }
}

export type BulkResult =
  | { readonly status: 200; readonly errors: boolean; readonly items: readonly Record<string, BulkItem>[] }
  | { readonly status: 400; readonly type: string; readonly reason: string }

interface Action {
  readonly op: 'create' | 'index'
  readonly index: string
  readonly id: string | undefined
}

/** Indices that hold documents by `_id`, and remember the kind of each member as a mapping does. */
export class FakeIndices {
  readonly states = new Map<string, IndexState>()
  readonly pipelines = new Set<string>()
  readonly dataStreams = new Set<string>()
  /** How often a document came that was stored already, whether that was refused (`create`) or written again. */
  repeated = 0
  readonly #documents = new Map<string, Map<string, StoredDocument>>()
  readonly #mappings = new Map<string, Map<string, string>>()
  #madeIds = 0

  documents(): StoredDocument[] {
    return [...this.#documents.values()].flatMap((index) => [...index.values()])
  }

  /** How many documents there are. */
  get size(): number {
    let size = 0
    for (const index of this.#documents.values()) size += index.size
    return size
  }

  /** Somebody has put the mapping right: from now on the next document decides. */
  forgetMappings(): void {
    this.#mappings.clear()
  }

  clear(): void {
    this.#documents.clear()
    this.#mappings.clear()
  }

  /** `faultOf` is asked once for each item: what it returns is answered, and the item is not stored. */
  bulk(body: string, pipeline: string | undefined, faultOf: () => BulkItem | undefined): BulkResult {
    if (body === '') return refused('parse_exception', 'request body is required')
    if (!body.endsWith('\n')) {
      return refused('illegal_argument_exception', 'The bulk request must be terminated by a newline [\\n]')
    }
    const lines = body.slice(0, -1).split('\n')
    const actions: Action[] = []
    for (let at = 0; at < lines.length; at += 2) {
      const action = parseAction(lines[at]!, at + 1)
      if ('status' in action) return action
      actions.push(action)
    }
    const items = actions.map((action, index) => ({
      [action.op]: this.#fault(action, faultOf()) ?? this.#item(action, lines[index * 2 + 1] ?? '', pipeline),
    }))
    return { status: 200, errors: items.some((item) => Object.values(item)[0]!.status >= 300), items }
  }

  /** A document that is stored already cannot turn out unfit: what was taken and never acknowledged is a conflict, not a 400. */
  #fault({ index, id }: Action, fault: BulkItem | undefined): BulkItem | undefined {
    const isStored = id !== undefined && this.#documents.get(index)?.has(id) === true
    return fault?.status === 400 && isStored ? undefined : fault
  }

  #item(action: Action, source: string, pipeline: string | undefined): BulkItem {
    const { index, op } = action
    const obstacle = this.#obstacle(action, pipeline)
    if (obstacle) return obstacle
    if (depthOf(source) > maxDepth) {
      const reason = `[1:1005] failed to parse: Document nesting depth (${maxDepth + 1}) exceeds the maximum allowed (${maxDepth}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`
      return error(400, 'document_parsing_exception', reason, xContent)
    }
    const members = parseDocument(source)
    if (!members)
      return error(400, 'document_parsing_exception', 'failed to parse: not a JSON object', xContent)
    const misfit = this.#map(index, members)
    if (misfit)
      return error(400, 'document_parsing_exception', misfit, { type: 'illegal_argument_exception' })
    const documents = this.#documents.get(index) ?? new Map<string, StoredDocument>()
    this.#documents.set(index, documents)
    const id = action.id ?? `made-${++this.#madeIds}`
    const present = documents.get(id)
    if (present) this.repeated++
    if (present && op === 'create') {
      const reason = `[${id}]: version conflict, document already exists (current version [1])`
      return error(409, 'version_conflict_engine_exception', reason)
    }
    documents.set(id, { index, id, source, version: (present?.version ?? 0) + 1 })
    return { status: present ? 200 : 201 }
  }

  /** What stands in the way whatever the document is. */
  #obstacle({ index, op, id }: Action, pipeline: string | undefined): BulkItem | undefined {
    const name = nameProblem(index)
    if (name) return error(400, 'invalid_index_name_exception', `Invalid index name [${index}], ${name}`)
    if (id === '') return error(400, 'illegal_argument_exception', 'if _id is specified it must not be empty')
    if (pipeline !== undefined && !this.pipelines.has(pipeline)) {
      return error(400, 'illegal_argument_exception', `pipeline with id [${pipeline}] does not exist`)
    }
    if (op !== 'create' && this.dataStreams.has(index)) {
      const reason = 'only write ops with an op_type of create are allowed in data streams'
      return error(400, 'illegal_argument_exception', reason)
    }
    const state = this.states.get(index)
    return state && stateObstacles[state](index)
  }

  /** Dynamic mapping in short: the first kind of a path decides; text into a number and objects into leaves are refused. */
  #map(index: string, members: object): string | undefined {
    const mapping = this.#mappings.get(index) ?? new Map<string, string>()
    this.#mappings.set(index, mapping)
    for (const [path, kind, value] of leaves(members, '')) {
      const known = mapping.get(path)
      if (known === undefined) {
        mapping.set(path, kind)
      } else if (known !== kind && (known === 'object' || kind === 'object')) {
        return `object mapping for [${path}] tried to parse field [${path}] as object, but found a concrete value`
      } else if (known === 'long' && !Number.isFinite(Number(value))) {
        return `failed to parse field [${path}] of type [long] in document. Preview of field's value: '${String(value)}'`
      }
    }
    return undefined
  }
}

const xContent = { type: 'x_content_parse_exception', reason: 'Unexpected character' }

function error(status: number, type: string, reason: string, cause?: object): BulkItem {
  return { status, error: { type, reason, ...(cause && { caused_by: cause }) } }
}

const stateObstacles: Readonly<Record<IndexState, (index: string) => BulkItem>> = {
  closed: () => error(400, 'index_closed_exception', 'closed'),
  blocked: (index) =>
    error(403, 'cluster_block_exception', `index [${index}] blocked by: [FORBIDDEN/8/index write (api)];`),
  flood: (index) =>
    error(429, 'cluster_block_exception', `index [${index}] blocked by: [TOO_MANY_REQUESTS/12/disk usage];`),
  missing: (index) => error(404, 'index_not_found_exception', `no such index [${index}]`),
}

const refused = (type: string, reason: string): BulkResult & { status: 400 } => ({
  status: 400,
  type,
  reason,
})

function parseAction(line: string, number: number): Action | (BulkResult & { status: 400 }) {
  const malformed = refused('illegal_argument_exception', `Malformed action/metadata line [${number}]`)
  const action = parseDocument(line)
  if (!action) return refused('x_content_parse_exception', '[1:2] Unexpected character')
  const [op, target] = Object.entries(action)[0] ?? []
  if ((op !== 'create' && op !== 'index') || typeof target !== 'object' || target === null) return malformed
  const { _index: index, _id: id }: { _index?: unknown; _id?: unknown } = target
  if (typeof index !== 'string' || (id !== undefined && typeof id !== 'string')) return malformed
  if (id !== undefined && Buffer.byteLength(id) > 512) {
    const reason = `Validation Failed: 1: id [${id}] is too long, must be no longer than 512 bytes but was: ${id.length};`
    return refused('action_request_validation_exception', reason)
  }
  return { op, index, id }
}

const maxDepth = 1000

function depthOf(json: string): number {
  let [depth, deepest, isString] = [0, 0, false]
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at]!
    if (isString && char === '\\') at += 1
    else if (char === '"') isString = !isString
    else if (!isString && (char === '{' || char === '[')) deepest = Math.max(deepest, (depth += 1))
    else if (!isString && (char === '}' || char === ']')) depth -= 1
  }
  return deepest
}

function parseDocument(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'must not be empty'
  if (name !== name.toLowerCase()) return 'must be lowercase'
  if (/^[-_+]/.test(name)) return "must not start with '_', '-', or '+'"
  if (/[ "*,/<>?\\|#:]/.test(name)) return 'must not contain forbidden characters'
  return Buffer.byteLength(name) > 255 ? 'index name is too long' : undefined
}

function* leaves(value: object, prefix: string): Generator<readonly [string, string, unknown]> {
  for (const [key, inner] of Object.entries(value)) {
    const path = `${prefix}${key}`
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      yield [path, 'object', inner]
      yield* leaves(inner, `${path}.`)
    } else if (inner !== null && !Array.isArray(inner)) {
      yield [path, typeof inner === 'number' ? 'long' : 'text', inner]
    }
  }
}
