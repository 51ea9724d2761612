import { z } from 'zod'
import { duration, quantity, parseDuration, size } from '../components/fields.ts'
import { stepsSchema } from '../steps/schema.ts'
import { kubernetesSchema } from './kubernetes-schema.ts'
import { parseListen } from './listen.ts'
import { constantFields } from './source-schema.ts'

const admin = z
  .union([
    z.literal(false),
    z.strictObject({
      listen: z
        .string()
        .default('127.0.0.1:9465')
        .superRefine((value, context) => {
          if (!parseListen(value))
            context.addIssue({
              code: 'custom',
              message: 'expected "host:port", such as "127.0.0.1:9465" or "[::1]:9465"',
            })
        })
        .meta({
          description:
            'Address and port of the HTTP server. Loopback unless told otherwise; port 0 takes any free one.',
        }),
      token: z.string().min(8, 'must be at least 8 characters long').optional().meta({
        description:
          'Opens event contents and file paths over HTTP to those who send it as a bearer token. A secret.',
      }),
    }),
  ])
  .prefault({})
  .meta({ description: 'Health, metrics and status over HTTP, or `false` for none.' })

const enrich = z
  .strictObject({
    host: z
      .union([
        z.boolean(),
        z.literal('full'),
        z.strictObject({ name: z.string().min(1).meta({ description: 'The name to use as `host.name`.' }) }),
      ])
      .default(true)
      .meta({
        description:
          '`true`: `host.name`; `"full"` adds `host.ip` and `host.os.*`; `{ "name": "${NODE_NAME}" }` where the own name of the host is that of a pod; `false`: nothing.',
      }),
    trace: z
      .boolean()
      .default(true)
      .meta({ description: 'Find trace and span ids: W3C traceparent, OpenTelemetry, B3, Datadog, X-Ray.' }),
    kubernetes: kubernetesSchema,
    fields: constantFields
      .default({})
      .meta({ description: 'Constant fields of every event, by ECS name (dots make a path).' }),
  })
  .prefault({})
  .meta({ description: 'What every event gets, whatever its source.' })

const buffer = z
  .strictObject({
    max_bytes: size(
      '1GiB',
      'The most that the buffer may take on the disk. When it is full, see `when_full` of the sinks.',
      { min: 4 * 1024 ** 2 },
    ),
    fsync: z
      .union([
        z.literal('always'),
        z.literal('never'),
        quantity(parseDuration, 'a duration such as "1s"', { min: 1, max: 3600e3 }),
      ])
      .default(1000)
      .meta({
        description:
          'How often what was written is synced: at this interval, `"always"` before a chunk counts as stored, or `"never"` (left to the kernel).',
        default: '1s',
      }),
    retain: duration('0s', 'Keep settled data this long for a replay, as long as nobody needs the space.'),
  })
  .prefault({})
  .meta({ description: 'The disk buffer, one for all sinks.' })

/** All but the components' own parts. Values come out in bytes and milliseconds, defaults filled in. */
export const agentShape = {
  $schema: z
    .string()
    .optional()
    .meta({ description: 'For editors: where the JSON Schema of this file is. The agent ignores it.' }),
  data_dir: z.string().min(1).default('/var/lib/logferry').meta({
    description:
      'Folder for buffer, cursors, dead letters and control socket. Created with mode 0700; one agent at a time. A change needs a restart.',
  }),
  admin,
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info')
        .meta({ description: 'The least severe level to log.' }),
    })
    .prefault({})
    .meta({ description: "The agent's own log, on stderr." }),
  shutdown_timeout: duration(
    '25s',
    'How long SIGTERM and SIGINT may take to settle what is under way. Keep it below what kills the agent.',
    { min: 1 },
  ),
  enrich,
  buffer,
  dead_letters: z
    .strictObject({
      max_bytes: size(
        '256MiB',
        'The most that dead letters may take on the disk, for each sink; beyond it the oldest leave and are counted.',
        { min: 1024 },
      ),
      max_age: duration('30d', 'Older dead letters leave and are counted.', { min: 1000 }),
    })
    .prefault({})
    .meta({ description: 'Events that a sink will never take, kept with the reason.' }),
  steps: stepsSchema(
    'Transforms of the events of every source, after its own: objects with one key each. See docs/steps.md.',
  ),
}

const agent = z.object(agentShape)
/** The config without sources and sinks. */
export type AgentSettings = z.infer<typeof agent>
