import type { FileSystem } from '../../core/file-system.ts'
import type { Service } from './service.ts'
import { smallText } from './small-text.ts'

/**
 * The variables that the unit gives its agent, where this user may read them: a config that names `${ES_API_KEY}` would be
 * wrong without. Simple lines only, as people write them.
 */
export async function serviceEnvironment(
  fileSystem: FileSystem,
  service: Service | undefined,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {}
  if (!service) return variables
  const take = (line: string): void => {
    const [, name, value = ''] =
      /^([A-Za-z_]\w*)=(.*)$/.exec(line.trim().replace(/^(["'])(.*)\1$/, '$2')) ?? []
    if (name !== undefined) variables[name] = value.replace(/^(["'])(.*)\1$/, '$2')
  }
  for (const word of service.words('Environment')) take(word)
  for (const file of service.words('EnvironmentFile'))
    for (const line of ((await smallText(fileSystem, file.replace(/^-/, ''))) ?? '').split('\n')) take(line)
  return variables
}
