import { z } from 'zod'
import type { SinkContact } from '../../subject.ts'

export const noAnswer = 'does not answer'

/** An answer as JSON in the shape that was asked for; a sentence's end where there is none: "answers 403". */
export async function askCluster<Schema extends z.ZodType>(
  sink: SinkContact,
  question: { readonly path: string; readonly body?: object },
  schema: Schema,
): Promise<z.infer<Schema> | string> {
  try {
    const { status, text } = await sink.ask(question)
    if (status !== 200) return `answers ${status}`
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : 'answers in another form'
  } catch (error) {
    return error instanceof SyntaxError ? 'answers in another form' : noAnswer
  }
}

/** What a sink's events are written to, as a pattern: times and fields are anything. */
export function targetOf({ config }: SinkContact): string {
  const { index, data_stream: stream } = config
  if (typeof stream === 'object' && stream !== null && 'dataset' in stream) {
    const {
      type = 'logs',
      dataset,
      namespace = 'default',
    } = z
      .looseObject({ type: z.string().optional(), dataset: z.string(), namespace: z.string().optional() })
      .parse(stream)
    return `${type}-${dataset}-${namespace}`
  }
  const pattern = String(index).replaceAll(/%[a-zA-Z]|\{[^}]*\}/g, '*')
  return pattern.replaceAll(/\*(?:[.\-_]?\*)+/g, '*')
}
