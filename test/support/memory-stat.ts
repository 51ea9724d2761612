import type { FileStat } from '../../src/core/file-system.ts'

interface MemoryNode {
  readonly isDirectory: boolean
  readonly inode: number
  readonly target: string | undefined
  readonly content: { readonly size: number }
}

/** What `stat` says of a file in memory. */
export function statOf(node: MemoryNode): FileStat {
  const isSymbolicLink = node.target !== undefined
  return {
    device: 1,
    inode: node.inode,
    size: node.content.size,
    mtimeMs: 0,
    mode: node.isDirectory ? 0o40700 : 0o100600,
    links: 1,
    isFile: !node.isDirectory && !isSymbolicLink,
    isDirectory: node.isDirectory,
    isSymbolicLink,
  }
}
