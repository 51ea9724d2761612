import { namedValueFinder } from './named-values.ts'
import { patternFinder } from './places.ts'
import type { Finder } from './places.ts'

/** Tokens that can be told by how they begin. Each begins at a border, so that a hostile line is gone through once. */
const known = [
  // JSON Web Token.
  String.raw`(?<![\w-])eyJ[\w-]{5,}\.[\w-]{4,}(?:\.[\w-]*)?`,
  // AWS, also its temporary keys.
  String.raw`(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])`,
  // GitHub, GitLab.
  String.raw`(?<!\w)gh[pousr]_[A-Za-z0-9]{20,}`,
  String.raw`(?<!\w)github_pat_\w{20,}`,
  String.raw`(?<!\w)gl(?:pat|dt|rt|ptt|oas)-[\w-]{16,}`,
  // Slack, its web hooks; Stripe, OpenAI and Anthropic, Google, npm, PyPI, SendGrid, Twilio, Hugging Face, DigitalOcean, Shopify.
  String.raw`(?<!\w)xox[abeoprs]-[\w-]{10,}`,
  String.raw`(?<!\w)xapp-[\w-]{10,}`,
  String.raw`hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{10,}`,
  String.raw`(?<!\w)[spr]k_(?:live|test)_\w{10,}`,
  String.raw`(?<!\w)whsec_\w{10,}`,
  String.raw`(?<![\w-])sk-[\w-]{20,}`,
  String.raw`(?<!\w)AIza[\w-]{35}`,
  String.raw`(?<!\w)ya29\.[\w-]{10,}`,
  String.raw`(?<!\w)npm_[A-Za-z0-9]{30,}`,
  String.raw`(?<!\w)pypi-[\w-]{20,}`,
  String.raw`(?<!\w)SG\.[\w-]{10,}\.[\w-]{10,}`,
  String.raw`(?<!\w)hf_[A-Za-z0-9]{20,}`,
  String.raw`(?<!\w)do[opr]_v1_[a-f0-9]{40,}`,
  String.raw`(?<!\w)shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}`,
  String.raw`(?<!\w)hv[sbr]\.[\w-]{20,}`,
  // A private key; one that is cut goes to the end.
  String.raw`-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)`,
].join('|')

const begins = patternFinder(new RegExp(known, 'g'))

const kinds = '(?:access|refresh|id|auth|api|session|csrf|xsrf|bearer|security|device|reset|invite)'
const named = namedValueFinder(
  new RegExp(
    String.raw`${kinds}[-_.]?token|api[-_.]?key|(?:client|app|consumer|shared)[-_.]?secret|secret[-_.]?(?:access[-_.]?)?key|private[-_.]?key|access[-_.]?key(?:[-_.]?id)?|x-amz-(?:signature|credential|security-token)|(?<![a-z0-9])(?:token|sig|signature)`,
    'gi',
  ),
  { fewestCharacters: 6 },
)

export const tokenHints: readonly string[] = [
  ...'token key secret sig x-amz eyj'.split(' '),
  ...'akia asia aroa aida agpa anpa abia acca aiza'.split(' '),
  ...'ghp_ gho_ ghu_ ghs_ ghr_ github_ glpat- gldt- glrt- glptt- gloas-'.split(' '),
  ...'xox xapp- slack sk_ pk_ rk_ sk- pk- rk- whsec_ ya29 npm_ pypi- sg. hf_ dop_ doo_ dor_'.split(' '),
  ...'shpat_ shpca_ shppa_ shpss_ hvs. hvb. hvr.'.split(' '),
]

export const findTokens: Finder = (text, places) => {
  begins(text, places)
  named(text, places)
}

export const tokenKeys =
  /(?:^|[-_.a-z0-9])(?:token|api[-_.]?key|secret[-_.]?(?:access[-_.]?)?key|private[-_.]?key|access[-_.]?key)$|(?:client|app|consumer|shared)[-_.]?secret$/i
