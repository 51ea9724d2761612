import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { readConfig } from '../../src/config/load.ts'
import type { ConfigProblems, LoadedConfig } from '../../src/config/load.ts'

export interface ConfigFolder {
  readonly folder: string
  /** Writes a file into the folder; resolves to its path. */
  readonly write: (name: string, text: string) => Promise<string>
  /** Writes `agent.config.json` and reads it. */
  readonly read: (
    config: string | object,
    env?: Record<string, string>,
  ) => Promise<LoadedConfig | ConfigProblems>
  /** The same for a config that has to be right. */
  readonly load: (config: string | object, env?: Record<string, string>) => Promise<LoadedConfig>
  /** The same for one that has to be wrong: what people are shown, with the folder left out. */
  readonly complain: (config: string | object, env?: Record<string, string>) => Promise<string>
}

/** A folder of its own for one test. */
export async function configFolder(test: TestContext): Promise<ConfigFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'logferry-config-'))
  test.after(() => rm(folder, { recursive: true, force: true }))
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  const read = async (
    config: string | object,
    env: Record<string, string> = {},
  ): Promise<LoadedConfig | ConfigProblems> => {
    const text = typeof config === 'string' ? config : JSON.stringify(config, null, 2)
    return readConfig(await write('agent.config.json', text), env)
  }
  return {
    folder,
    write,
    read,
    async load(config, env) {
      const result = await read(config, env)
      if ('problems' in result) throw new Error(`expected a valid config:\n${result.text}`)
      return result
    },
    async complain(config, env) {
      const result = await read(config, env)
      if ('problems' in result) return result.text.replaceAll(`${folder}/`, '')
      throw new Error('expected a config with errors')
    },
  }
}

/** The smallest config that is right, with parts of it replaced. */
export function minimal(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    sources: { app: { type: 'file', include: ['/var/log/app/*.log'] } },
    sinks: { screen: { type: 'console' } },
    ...parts,
  }
}

/** The first lines of all problems, without the quotes and the count. */
export function headlines(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('agent.config.json'))
}
