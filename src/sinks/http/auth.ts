import { z } from 'zod'

/** The members of `auth`. Which of them a sink takes is up to its schema; all of them are secrets. */
export const basicAuth = z.strictObject({
  username: headerText('User name for HTTP basic authentication.'),
  password: z.string().describe('Password for HTTP basic authentication.'),
})
export const apiKeyAuth = z.strictObject({
  api_key: headerText(
    'Elasticsearch API key: the encoded form, or id:key.',
    (text) => text.includes(':') || isSendable(text),
  ),
})
export const bearerAuth = z.strictObject({
  bearer_token: headerText('Token for the header Authorization: Bearer.', isSendable),
})

export type AuthConfig = z.infer<typeof basicAuth> | z.infer<typeof apiKeyAuth> | z.infer<typeof bearerAuth>

/**
 * Else each request would fail as if the network did, for ever: a key that was copied with a typographic dash. Line
 * breaks have a text of their own.
 */
function isSendable(text: string): boolean {
  return /^[\t\r\n\0\x20-\x7e\x80-\xff]*$/.test(text)
}

function headerText(description: string, isFit: (text: string) => boolean = () => true) {
  return z
    .string()
    .min(1)
    .regex(/^[^\r\n\0]*$/, 'must not contain line breaks')
    .refine(isFit, 'has characters that a header cannot carry')
    .describe(description)
}

/** The value of the header `Authorization`, or undefined without `auth`. */
export function authorization(auth: AuthConfig | null | undefined): string | undefined {
  if (!auth) return undefined
  if ('bearer_token' in auth) return `Bearer ${auth.bearer_token}`
  if ('api_key' in auth) {
    return `ApiKey ${auth.api_key.includes(':') ? base64(auth.api_key) : auth.api_key}`
  }
  return `Basic ${base64(`${auth.username}:${auth.password}`)}`
}

/** Takes user and password out of a URL, so that no log, error or status can show them. */
export function splitUserInfo(text: string): { readonly url: URL; readonly auth: AuthConfig | undefined } {
  const url = new URL(text)
  const auth =
    url.username || url.password
      ? { username: decode(url.username), password: decode(url.password) }
      : undefined
  url.username = ''
  url.password = ''
  return { url, auth }
}

/** A `%` that encodes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
