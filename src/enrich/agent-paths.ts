import type { SharedMember } from '../core/chunk.ts'
import { firstBytesOf } from '../parsers/json-spans.ts'

/** What stands at the end of a path that the agent can write. */
export type AgentLeaf =
  /** Known for the whole file: its place among the shared members, whose values are each file's own. */
  | { readonly kind: 'shared'; readonly index: number }
  /** Decided for each event. */
  | { readonly kind: 'timestamp' | 'level' | 'trace_id' | 'span_id' | 'offset' | 'stream' }
  /** Written for some events; what the line has there never stands for ours. */
  | { readonly kind: 'event' }
  /** Written by parsers: what the line itself has there makes room. */
  | { readonly kind: 'parser' }
  /** Known for the whole file, but not written with these settings. */
  | { readonly kind: 'reserved' }

/** The paths that the agent can write, as a tree of their segments. */
export interface AgentPaths {
  readonly children: ReadonlyMap<string, AgentPaths>
  readonly leaf: AgentLeaf | undefined
  /** Any segment below leads to a path of ours (`kubernetes.labels.*`). */
  readonly isOpen: boolean
  /** Of the names of children, for `memberSpans`; undefined where any name may be one. */
  readonly firstBytes: Uint8Array | undefined
}

interface Node {
  firstBytes: Uint8Array | undefined
  readonly children: Map<string, Node>
  leaf: AgentLeaf | undefined
  isOpen: boolean
}

const reserved = [
  'host.name host.ip host.os.type host.os.platform host.os.name host.os.version host.os.kernel host.os.family host.os.full',
  'log.file.path',
  'kubernetes.namespace kubernetes.pod.name kubernetes.pod.uid kubernetes.container.name kubernetes.node.name',
  'kubernetes.owner.kind kubernetes.owner.name kubernetes.labels.* kubernetes.annotations.*',
].flatMap((names) => names.split(' '))

const decided: readonly (readonly [string, AgentLeaf])[] = [
  ['@timestamp', { kind: 'timestamp' }],
  ['log.level', { kind: 'level' }],
  ['log.offset', { kind: 'offset' }],
  ['trace.id', { kind: 'trace_id' }],
  ['span.id', { kind: 'span_id' }],
  ['log.flags', { kind: 'event' }],
  ['log.logger', { kind: 'parser' }],
  ['parse_error', { kind: 'event' }],
]

/**
 * The same whether a field is switched on or off: else switching it would change the mapping of people's own fields. Only
 * the names of `shared` are looked at: files with the same names share one tree.
 */
export function agentPaths(shared: readonly Pick<SharedMember, 'name'>[], hasStream: boolean): AgentPaths {
  const root = newNode()
  for (const path of reserved) add(root, path, { kind: 'reserved' })
  for (const [path, leaf] of decided) add(root, path, leaf)
  if (hasStream) add(root, 'stream', { kind: 'stream' })
  shared.forEach((member, index) => add(root, member.name, { kind: 'shared', index }))
  return seal(root)
}

function add(root: Node, path: string, leaf: AgentLeaf): void {
  let node = root
  for (const segment of path.split('.')) {
    if (segment === '*') {
      node.isOpen = true
      return
    }
    const next = node.children.get(segment) ?? newNode()
    node.children.set(segment, next)
    node = next
  }
  node.leaf = leaf
}

const newNode = (): Node => ({ children: new Map(), leaf: undefined, isOpen: false, firstBytes: undefined })

const openNode: AgentPaths = { ...newNode(), leaf: { kind: 'reserved' } }

function seal(node: Node): Node {
  node.firstBytes = node.isOpen ? undefined : firstBytesOf(node.children.keys())
  for (const child of node.children.values()) seal(child)
  return node
}

/** The node below `node`, or undefined where the agent writes nothing. */
export function childPath(node: AgentPaths, segment: string): AgentPaths | undefined {
  return node.children.get(segment) ?? (node.isOpen ? openNode : undefined)
}

/** Of the agent itself: asked for each constant field of each file. */
const barePaths = agentPaths([], true)

/**
 * Why a constant field cannot have this name, or undefined. A field of ours that is known for the whole file
 * (`host.name`) may be set; what each event decides may not, nor what lies above or below a path of ours.
 */
export function constantFieldProblem(name: string): string | undefined {
  if (name === 'message') return 'the text of the event is called so'
  const segments = name.split('.')
  if (segments.includes('')) return 'a dot has a name on both sides'
  let node: AgentPaths | undefined = barePaths
  for (const segment of segments) {
    if (node.leaf) return 'a field of the agent stands above it'
    node = childPath(node, segment)
    if (node === undefined) return undefined
  }
  if (node.leaf && node.leaf.kind !== 'reserved') return 'the agent writes this field for each event'
  return node.leaf ? undefined : 'fields of the agent stand below it'
}
