import type { File, FileStat, FileSystem } from '../../core/file-system.ts'

const readOnly = (): Promise<never> => Promise.reject(new Error('this file is only read'))

/** A disk on which one more file seems to lie: to check a config before it is written. */
export function withFile(disk: FileSystem, path: string, text: string): FileSystem {
  const bytes = Buffer.from(text)
  const stat: FileStat = {
    device: 0,
    inode: 0,
    size: bytes.length,
    mtimeMs: 0,
    mode: 0o100600,
    links: 1,
    isFile: true,
    isDirectory: false,
    isSymbolicLink: false,
  }
  const file: File = {
    read: async (target, targetStart, length, position) =>
      bytes.copy(target, targetStart, position, Math.min(bytes.length, position + length)),
    write: readOnly,
    stat: async () => stat,
    truncate: readOnly,
    datasync: readOnly,
    close: async () => {},
  }
  return {
    ...disk,
    open: async (name, flags, mode) => (name === path ? file : disk.open(name, flags, mode)),
    stat: async (name) => (name === path ? stat : disk.stat(name)),
  }
}
