import { z } from 'zod'
import { defineSink, defineSource } from './definition.ts'
import { deliveryFields, networkSinkFields } from './fields.ts'

const notYet = (): never => {
  throw new Error('placeholder')
}

export const placeholderSources = [
  defineSource({
    type: 'file',
    summary: 'Files.',
    schema: z.strictObject({
      include: z.array(z.string()).min(1),
      exclude: z.array(z.string()).default([]),
      start_at: z.enum(['beginning', 'end']).default('beginning'),
      follow_symlinks: z.array(z.string()).default([]),
    }),
    create: notYet,
  }),
  defineSource({ type: 'stdin', summary: 'Standard input.', schema: z.strictObject({}), create: notYet }),
]

export const placeholderSinks = [
  defineSink({
    type: 'elasticsearch',
    summary: 'Elasticsearch.',
    schema: z.strictObject({
      nodes: z.array(z.url()).min(1).default(['http://127.0.0.1:9200']),
      index: z.string().optional(),
      auth: z
        .union([
          z.strictObject({ api_key: z.string() }),
          z.strictObject({ username: z.string(), password: z.string() }),
        ])
        .optional(),
      ...networkSinkFields({ maxBytes: '5MiB', timeout: '30s' }),
    }),
    create: notYet,
  }),
  defineSink({
    type: 'loki',
    summary: 'Loki.',
    schema: z.strictObject({
      url: z.url(),
      labels: z.record(z.string(), z.string()),
      auth: z.strictObject({ bearer_token: z.string() }).optional(),
      ...networkSinkFields({ maxBytes: '1MiB', timeout: '15s' }),
    }),
    create: notYet,
  }),
  defineSink({
    type: 'file',
    summary: 'File.',
    schema: z.strictObject({ path: z.string(), ...deliveryFields('10s') }),
    create: notYet,
  }),
  defineSink({
    type: 'console',
    summary: 'Console.',
    schema: z.strictObject({ ...deliveryFields('10s') }),
    create: notYet,
  }),
]
