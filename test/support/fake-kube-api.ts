import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { join } from 'node:path'
import { pem } from './tls-server.ts'

type Metadata = Record<string, unknown>

/** A pod as tests write it. */
export interface FakePod {
  readonly uid: string
  readonly name: string
  readonly namespace?: string
  readonly node?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly owner?: { readonly kind: string; readonly name: string }
  readonly created?: string
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly version: number
  readonly pod: FakePod
}

interface Watch {
  readonly response: ServerResponse
  readonly node: string
  readonly isPartial: boolean
  readonly bookmarks: boolean
}

const partial = /application\/json;as=PartialObjectMetadata(List)?;g=meta\.k8s\.io;v=v1/
const pageTokens = /^after-(\d+)-at-(\d+)$/

/**
 * Speaks the part of the API server's protocol that watching pods needs, as `k8s.io/apiserver` has it: lists in pages with
 * tokens that expire, the memory's list (`resourceVersion=0`, no pages) beside the store's, chunked watches with bookmarks and
 * ERROR events, 410, bearer tokens, `Status` objects for what is refused, metadata only where it is asked for.
 */
export class FakeKubeApi {
  readonly requests: string[] = []
  token = 'token-1'
  isAllowed = true
  /** False: an old server that knows no metadata of its own, and sends whole pods. */
  knowsPartial = true
  /** Requests are answered with this status, as many times. */
  failures: { status: number; times: number; headers?: Readonly<Record<string, string>> } = {
    status: 503,
    times: 0,
  }
  /** Requests hang, as behind a firewall that drops. */
  isSilent = false
  readonly #pods = new Map<string, FakePod & { readonly version: number }>()
  readonly #history: Change[] = []
  readonly #watches = new Set<Watch>()
  readonly #isTls: boolean
  #version = 1000
  /** Nothing before this is remembered. */
  #oldest = 1000
  #server: Server | undefined
  #port = 0

  constructor({ isTls = true }: { isTls?: boolean } = {}) {
    this.#isTls = isTls
  }

  get url(): string {
    return `${this.#isTls ? 'https' : 'http'}://127.0.0.1:${this.#port}`
  }

  get watches(): number {
    return this.#watches.size
  }

  /** Requests of one kind so far. */
  count(kind: 'list' | 'watch'): number {
    return this.requests.filter((url) => url.includes('watch=1') === (kind === 'watch')).length
  }

  /** On the same port as before, with all that it had. */
  async start(): Promise<void> {
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      this.#answer(request, response)
    const server = this.#isTls
      ? createHttpsServer({ cert: pem('server'), key: pem('server-key') }, answer)
      : createHttpServer(answer)
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    const address = server.address()
    assert.ok(typeof address === 'object' && address)
    this.#port = address.port
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#watches.clear()
    if (!server) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  /** A folder as the kubelet mounts it. */
  serviceAccount(folder: string, authority = 'ca'): string {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'token'), `${this.token}\n`)
    writeFileSync(join(folder, 'ca.crt'), pem(authority))
    return folder
  }

  put(pod: FakePod): void {
    const type = this.#pods.has(pod.uid) ? 'MODIFIED' : 'ADDED'
    this.#version++
    this.#pods.set(pod.uid, { ...pod, version: this.#version })
    this.#tell({ type, version: this.#version, pod })
  }

  remove(uid: string): void {
    const pod = this.#pods.get(uid)
    assert.ok(pod)
    this.#version++
    this.#pods.delete(uid)
    this.#tell({ type: 'DELETED', version: this.#version, pod })
  }

  /** Other objects of the cluster change: watchers hear of it by a bookmark, where they asked for them. */
  bookmark(): void {
    this.#version += 10
    for (const watch of this.#watches) {
      if (!watch.bookmarks) continue
      const kind = watch.isPartial ? partialKind : podKind
      const metadata = { resourceVersion: String(this.#version), creationTimestamp: null }
      send(watch, { type: 'BOOKMARK', object: { ...kind, metadata } })
    }
  }

  /** Forgets what was before now: who goes on from there gets 410. */
  compact(): void {
    this.#oldest = this.#version
    this.#history.length = 0
  }

  /** Ends all watches: `cleanly` as by their timeout, else as by a broken network. */
  cutWatches(cleanly: boolean): void {
    for (const { response } of this.#watches) {
      if (cleanly) response.end()
      else response.destroy()
    }
    this.#watches.clear()
  }

  /** An event in the middle of the stream, whatever it is; then the stream ends. */
  sendToWatches(text: string): void {
    for (const { response } of this.#watches) response.end(text)
    this.#watches.clear()
  }

  #tell(change: Change): void {
    this.#history.push(change)
    for (const watch of this.#watches) if (nodeOf(change.pod) === watch.node) this.#send(watch, change)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url)
    this.requests.push(`${url.pathname}${url.search}`)
    if (this.isSilent) return
    if (this.failures.times > 0) {
      this.failures.times--
      for (const [name, value] of Object.entries(this.failures.headers ?? {})) response.setHeader(name, value)
      return refuse(response, this.failures.status, 'InternalError', 'an error on the server')
    }
    if (this.#isTls && request.headers.authorization !== `Bearer ${this.token}`)
      return refuse(response, 401, 'Unauthorized', 'Unauthorized')
    if (!this.isAllowed) return refuse(response, 403, 'Forbidden', forbidden(url.searchParams.has('watch')))
    if (request.method !== 'GET' || url.pathname !== '/api/v1/pods')
      return refuse(response, 404, 'NotFound', 'the server could not find the requested resource')
    const isPartial = this.knowsPartial && partial.test(request.headers.accept ?? '')
    if (['1', 'true'].includes(url.searchParams.get('watch') ?? ''))
      this.#watch(url.searchParams, isPartial, response)
    else this.#list(url.searchParams, isPartial, response)
  }

  #list(parameters: URLSearchParams, isPartial: boolean, response: ServerResponse): void {
    const node = nodeSelected(parameters)
    const limit = Number(parameters.get('limit') ?? 0)
    const token = parameters.get('continue') ?? ''
    const [, after = '0', at = String(this.#version)] = pageTokens.exec(token) ?? []
    if (token !== '' && Number(at) < this.#oldest)
      return refuse(response, 410, 'Expired', 'The provided continue parameter is too old')
    const all = [...this.#pods.values()].filter((pod) => nodeOf(pod) === node)
    // The memory's list knows no pages.
    const isPaged = limit > 0 && parameters.get('resourceVersion') !== '0'
    const from = Number(after)
    const page = isPaged ? all.slice(from, from + limit) : all
    const isLast = from + page.length >= all.length
    const metadata = isLast
      ? { resourceVersion: at }
      : {
          resourceVersion: at,
          continue: `after-${from + limit}-at-${at}`,
          remainingItemCount: all.length - from - limit,
        }
    const kind = isPartial
      ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' }
      : { kind: 'PodList', apiVersion: 'v1' }
    // Items of a list of pods name no kind; those of metadata do.
    const items = page.map((pod) => this.#objectOf(pod, pod.version, isPartial, isPartial))
    json(response, 200, { ...kind, metadata, items })
  }

  #watch(parameters: URLSearchParams, isPartial: boolean, response: ServerResponse): void {
    if (parameters.has('sendInitialEvents')) {
      const message = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
      return refuse(response, 422, 'Invalid', message)
    }
    const since = Number(parameters.get('resourceVersion'))
    const bookmarks = parameters.get('allowWatchBookmarks') === 'true'
    const watch: Watch = { response, node: nodeSelected(parameters), isPartial, bookmarks }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (since < this.#oldest) {
      const message = `too old resource version: ${since} (${this.#oldest})`
      send(watch, { type: 'ERROR', object: statusObject(410, 'Expired', message) })
      response.end()
      return
    }
    this.#watches.add(watch)
    response.on('close', () => this.#watches.delete(watch))
    for (const change of this.#history)
      if (change.version > since && nodeOf(change.pod) === watch.node) this.#send(watch, change)
  }

  #send(watch: Watch, { type, version, pod }: Change): void {
    send(watch, { type, object: this.#objectOf(pod, version, watch.isPartial, true) })
  }

  #objectOf(pod: FakePod, version: number, isPartial: boolean, hasKind: boolean): object {
    const {
      annotations,
      created = '2026-01-20T10:00:00Z',
      labels,
      name,
      namespace = 'shop',
      owner,
      uid,
    } = pod
    const metadata: Metadata = {
      name,
      namespace,
      uid,
      resourceVersion: String(version),
      creationTimestamp: created,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(owner && {
        ownerReferences: [{ apiVersion: 'apps/v1', ...owner, uid: `of-${uid}`, controller: true }],
      }),
      managedFields: [{ manager: 'kubelet', operation: 'Update', apiVersion: 'v1', subresource: 'status' }],
    }
    if (isPartial) return { ...(hasKind && partialKind), metadata }
    return {
      ...(hasKind && podKind),
      metadata,
      spec: { nodeName: nodeOf(pod) },
      status: { phase: 'Running' },
    }
  }
}

const podKind = { kind: 'Pod', apiVersion: 'v1' }
const partialKind = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }

const nodeOf = ({ node = 'node-1' }: FakePod): string => node

const nodeSelected = (parameters: URLSearchParams): string =>
  /^spec\.nodeName=(.+)$/.exec(parameters.get('fieldSelector') ?? '')?.[1] ?? ''

const forbidden = (isWatch: boolean): string =>
  `pods is forbidden: User "system:serviceaccount:logferry:logferry" cannot ${isWatch ? 'watch' : 'list'} resource "pods" in API group "" at the cluster scope`

const statusObject = (code: number, reason: string, message: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
})

function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, statusObject(code, reason, message))
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

function send({ response }: Watch, event: object): void {
  response.write(`${JSON.stringify(event)}\n`)
}

/** Takes the folder of a service account away, as where no token is mounted. */
export const withoutToken = (folder: string): void => rmSync(join(folder, 'token'))
