import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/load.ts'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'
import { nodeFileSystem } from '../platform/node-file-system.ts'
import { textOption } from './command.ts'
import type { Call } from './command.ts'
import { configPath } from './config-path.ts'
import type { Io } from './io.ts'

/**
 * Loads the config of a command that reads files of its `data_dir`, beside the agent or without one. What keeps it from
 * reading becomes an AgentError that says whose the folder is.
 */
export async function lookInto<Result>(
  call: Call,
  io: Io,
  look: (loaded: LoadedConfig) => Promise<Result>,
): Promise<Result> {
  const loaded = await loadConfig(configPath(textOption(call, 'config'), io.env), io.env)
  const path = loaded.config.data_dir
  try {
    await nodeFileSystem.stat(path)
    return await look(loaded)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT') throw AgentError.of('no_data_dir', { path }, { cause: error })
    if (code === 'EACCES' || code === 'EPERM')
      throw AgentError.of(
        'data_dir_closed',
        { path: pathOf(error) ?? path, reason: 'no permission' },
        { cause: error },
      )
    throw error
  }
}

const pathOf = (error: unknown): string | undefined =>
  error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined
