/** What a question gets. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Secrets are taken out of a text; bytes are files of the program, and sent as they are. */
  readonly body: string | Uint8Array
  /** What comes behind the body, until the client leaves; returns what ends it. */
  readonly stream?: (out: StreamOutput) => () => void
}

export interface StreamOutput {
  write(text: string): void
  /** Nothing more comes. */
  end(): void
  /** Bytes that the client has not taken. */
  readonly unreadBytes: number
}

export function json(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body)}\n` }
}

export function problem(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const plain = json(status, { error })
  return { ...plain, headers: { ...plain.headers, ...headers } }
}
