import { z } from 'zod'
import { networkSinkFields } from '../../components/fields.ts'
import { parseTemplate, TemplateError } from '../../core/template-parts.ts'
import { unknownSpecifier } from '../../render/time-text.ts'
import { apiKeyAuth, basicAuth, bearerAuth } from '../http/auth.ts'
import { headerProblem, urlProblem } from '../http/headers.ts'

/** What Elasticsearch forbids in the names of indices (reliability.md 4.1), and the braces of our templates. */
const forbiddenInName = /[\0-\x20"*,/<>?\\|#:A-Z]/

const dataStreamPart = (what: string) =>
  z
    .string()
    .regex(/^[^\0-\x20"*,/<>?\\|#:A-Z{}-]{1,100}$/, {
      error: 'expected lower case, at most 100 characters, no "-", spaces or any of "*,/<>?\\|#:{}',
    })
    .describe(what)

const dataStream = z
  .strictObject({
    type: dataStreamPart('First part of the name.').default('logs'),
    dataset: dataStreamPart('Second part of the name.'),
    namespace: dataStreamPart('Third part of the name.').default('default'),
  })
  .describe('The data stream TYPE-DATASET-NAMESPACE to write to, instead of an index.')

export const elasticsearchSchema = z
  .strictObject({
    nodes: z
      .array(z.string())
      .min(1)
      .describe(
        'URLs of the nodes. Requests go to them in turn; one that fails is left out until it answers again.',
      ),
    index: z
      .string()
      .min(1)
      .optional()
      .describe("Name of the index: strftime of the event's time (UTC) and {field} of the event."),
    data_stream: dataStream.optional(),
    op: z
      .enum(['create', 'index'])
      .default('create')
      .describe('"create" keeps what is there already; "index" replaces it.'),
    id: z
      .union([z.enum(['auto', 'none']), z.strictObject({ field: z.string().min(1) })])
      .default('auto')
      .describe(
        '"auto": made from host, file and offset, so that a resend makes no duplicate; "none": the server makes one; or {"field": NAME}.',
      ),
    pipeline: z.string().min(1).optional().describe('Ingest pipeline that documents go through.'),
    auth: z.union([apiKeyAuth, basicAuth, bearerAuth]).optional().describe('Credentials.'),
    compression: z.enum(['gzip', 'none']).default('gzip').describe('How request bodies are compressed.'),
    ...networkSinkFields({ maxBytes: '5MiB', timeout: '30s' }),
  })
  .superRefine((config, context) => {
    const wrong = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message })
    }
    if (config.index === undefined && config.data_stream === undefined) {
      wrong([], 'needs "index" or "data_stream"')
    }
    if (config.index !== undefined && config.data_stream !== undefined) {
      wrong(['data_stream'], 'cannot stand beside "index": set one of them')
    }
    if (config.data_stream !== undefined && config.op === 'index') {
      wrong(['op'], '"index" cannot be used with a data stream: it only takes "create"')
    }
    const indexWrong = config.index === undefined ? undefined : indexProblem(config.index)
    if (indexWrong) wrong(['index'], indexWrong)
    config.nodes.forEach((node, position) => {
      const problem = urlProblem(node)
      if (problem) wrong(['nodes', position], problem)
    })
    const proxyWrong = config.proxy === null ? undefined : urlProblem(config.proxy)
    if (proxyWrong) wrong(['proxy'], proxyWrong)
    for (const [name, value] of Object.entries(config.headers)) {
      const problem = headerProblem(name, value, config.auth)
      if (problem) wrong(['headers', name], problem)
    }
  })

export type ElasticsearchConfig = z.infer<typeof elasticsearchSchema>

function indexProblem(index: string): string | undefined {
  try {
    const literal = parseTemplate(index)
      .flatMap((part) => (part.kind === 'text' ? [part.text] : []))
      .join('')
    const unknown = unknownSpecifier(literal)
    if (unknown) return `"${unknown}" is no time that can stand in a name ("%%" is a literal "%")`
    const withoutTimes = literal.replace(/%./g, '')
    const forbidden = forbiddenInName.exec(withoutTimes)?.[0]
    if (forbidden !== undefined) {
      return `an index name cannot hold ${/[A-Z]/.test(forbidden) ? 'upper case' : JSON.stringify(forbidden)}`
    }
    if (/^[-_+]/.test(index)) return 'an index name cannot begin with "-", "_" or "+"'
    if (index === '.' || index === '..') return 'not an index name'
    if (Buffer.byteLength(literal) > 200) return 'longer than an index name can be'
  } catch (error) {
    if (error instanceof TemplateError) return error.message
    throw error
  }
  return undefined
}
