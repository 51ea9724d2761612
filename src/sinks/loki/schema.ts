import { z } from 'zod'
import { networkSinkFields } from '../../components/fields.ts'
import { TemplateError } from '../../core/template-parts.ts'
import { compileTemplate } from '../../render/template.ts'
import { basicAuth, bearerAuth } from '../http/auth.ts'
import { headerProblem, urlProblem } from '../http/headers.ts'
import { backlogLabel, labelLimits } from './labels/label-set.ts'
import { lineForms } from './push/line.ts'
import { metadataKey } from './push/metadata.ts'

function labelNameProblem(name: string): string | undefined {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    return 'not a label name: letters, digits and "_", and no digit in front'
  }
  if (name.startsWith('__')) return 'label names that start with "__" belong to Loki'
  return name === backlogLabel[0] ? `the label "${name}" is kept for late entries` : undefined
}

const template = z.string().superRefine((text, context) => {
  try {
    compileTemplate(text)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    context.addIssue({ code: 'custom', message: error.message })
  }
})

const metadataName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^{}]*$/, 'expected a name as it stands between the braces of a template')
  // Loki answers 500 to the whole push for a name of underscores only, however often it is sent.
  .refine((name) => /[^_]/.test(metadataKey(name)), 'expected a name with at least one letter or digit')

/** `__` names and more than 15 labels make Loki refuse every push; all that can be known before is an error here. */
export const lokiSchema = z
  .strictObject({
    url: z.string().describe('Base URL of Loki, or the full push URL (one whose path ends in /push).'),
    labels: z
      .record(z.string(), template)
      .superRefine((labels, context) => {
        // Not the record's own check of keys: its issue hides what is wrong with them.
        for (const name of Object.keys(labels)) {
          const message = labelNameProblem(name)
          if (message) context.addIssue({ code: 'custom', path: [name], message })
        }
      })
      .refine((labels) => Object.keys(labels).length > 0, 'expected at least one label')
      .describe(
        'Labels of the stream: text, or templates such as "{level}". Few values each; empty ones are left out.',
      ),
    structured_metadata: z
      .array(metadataName)
      .max(100)
      .default(['host_name', 'filename', 'trace_id', 'span_id'])
      .describe('Fields that go beside the line: found fields, or members of the event.'),
    line: z
      .enum(lineForms)
      .default('raw')
      .describe('The line as it was read, the whole event as JSON or logfmt, or its message alone.'),
    late: z
      .enum(['relabel', 'dead_letter'])
      .default('relabel')
      .describe(
        'An entry too far behind its stream goes to a stream with the label backlog more, or is dead-lettered.',
      ),
    tenant: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[\x20-\x7e]+$/, 'expected printable ASCII without line breaks')
      .nullable()
      .default(null)
      .describe('Value of the header X-Scope-OrgID.'),
    encoding: z
      .enum(['protobuf', 'json'])
      .default('protobuf')
      .describe('Protobuf compressed with snappy, or JSON with gzip for proxies that want it.'),
    label_limits: z
      .strictObject({
        max_streams: z.int().min(1).max(5000).default(500).describe('Streams of this agent.'),
        max_values: z.int().min(1).max(5000).default(100).describe('Values of one label.'),
        on_limit: z
          .enum(['demote', 'drop_label'])
          .default('demote')
          .describe('A label that outgrows them becomes structured metadata, or is left out.'),
      })
      .prefault({})
      .describe('Bounds on what labels may cost Loki.'),
    auth: z.union([basicAuth, bearerAuth]).nullable().default(null).describe('Credentials.'),
    ...networkSinkFields({ maxBytes: '1MiB', timeout: '15s' }),
  })
  .superRefine((config, context) => {
    const check = (path: string[], message: string | undefined): void => {
      if (message) context.addIssue({ code: 'custom', path, message })
    }
    check(['url'], urlProblem(config.url))
    check(['labels'], labelCountProblem(config.labels, config.late))
    check(['proxy'], config.proxy === null ? undefined : urlProblem(config.proxy))
    for (const [name, value] of Object.entries(config.headers)) {
      check(['headers', name], lokiHeaderProblem(name, value, config.auth))
    }
  })

export type LokiConfig = z.infer<typeof lokiSchema>
type LokiLabels = LokiConfig['labels']

function labelCountProblem(labels: LokiLabels, late: 'relabel' | 'dead_letter'): string | undefined {
  // Loki adds service_name itself and doesn't count it.
  const count = Object.keys(labels).filter((name) => name !== 'service_name').length
  const most = labelLimits.count
  if (count > most) return `Loki takes ${most} labels at most, these are ${count}`
  if (count < most || late === 'dead_letter') return undefined
  return `${count} labels leave no room for "backlog": use ${most - 1}, or "late": "dead_letter"`
}

function lokiHeaderProblem(name: string, value: string, auth: unknown): string | undefined {
  if (name.toLowerCase() === 'x-scope-orgid') return 'use "tenant" for this header'
  return headerProblem(name, value, auth)
}
