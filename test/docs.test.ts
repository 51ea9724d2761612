import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { loadConfig } from '../src/config/load.ts'
import { configFolder } from './config/config-file.ts'
import { pemPath } from './support/tls-server.ts'

/** The guides whose blocks of config are members of `sinks`. */
const guides = ['docs/elasticsearch.md', 'docs/loki.md']
const env = { TENANT: 'a', PROXY_PASSWORD: 'p', NODE_NAME: 'n' }

for (const guide of guides) {
  describe(guide, () => {
    const blocks = [...readFileSync(guide, 'utf8').matchAll(/```jsonc\n([^]*?)```/g)].map(
      (match) => match[1]!,
    )

    for (const [index, block] of blocks.entries()) {
      test(`its config number ${index + 1} is taken without a warning`, async (context) => {
        const { folder, write } = await configFolder(context)
        mkdirSync(join(folder, 'tls'))
        copyFileSync(pemPath('ca'), join(folder, 'tls/ca.crt'))
        copyFileSync(pemPath('client'), join(folder, 'tls/tls.crt'))
        copyFileSync(pemPath('client-key'), join(folder, 'tls/tls.key'))
        const here = block
          .replaceAll('/etc/logferry/tls/', `${folder}/tls/`)
          .replaceAll(/\/run\/secrets\/(\w+)/g, (_, name: string) => {
            writeFileSync(join(folder, name), 'a secret\n')
            return join(folder, name)
          })
        const sources = '"app": { "type": "file", "include": ["/var/log/app/*.log"] }'
        const path = await write('agent.config.json', `{ "sources": { ${sources} }, "sinks": { ${here} } }`)
        const { warnings } = await loadConfig(path, env)
        assert.deepEqual(warnings, [])
      })
    }
  })
}
