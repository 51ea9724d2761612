/** What the buffer, the dead letters and the tailer need of a disk, small enough to fake and to break on purpose. */
export interface FileSystem {
  open(path: string, flags: number | string, mode?: number): Promise<File>
  /**
   * Opens a regular file before it returns, and says where it really is; undefined where that is not to be had. It
   * blocks: for a file that may be renamed away in the next milliseconds. `isSeen`: a regular file was seen there already, so
   * that it is not looked at once more before it is opened.
   */
  openNow?(
    path: string,
    flags: number,
    isSeen?: boolean,
  ): { readonly file: File; readonly realPath: string } | undefined
  readdir(path: string): Promise<DirectoryEntry[]>
  /** Follows links. Rejects with `code` ENOENT and so on, as node:fs does. */
  stat(path: string): Promise<FileStat>
  /**
   * The same before it returns; undefined where it fails. It blocks: only for a file system that has answered a moment ago.
   */
  statNow?(path: string): FileStat | undefined
  lstat(path: string): Promise<FileStat>
  realpath(path: string): Promise<string>
  mkdir(path: string, options: { recursive?: boolean; mode?: number }): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** fsync of the folder itself, so that a created, renamed or removed name survives a power cut. */
  syncDirectory(path: string): Promise<void>
  /** Bytes that this process may still write on the disk that holds `path`. */
  freeBytes(path: string): Promise<number>
}

export interface File {
  /** Reads up to `length` bytes into `target` at `targetStart` from `position`; resolves to the count, 0 at the end. */
  read(target: Uint8Array, targetStart: number, length: number, position: number): Promise<number>
  /** The same before it returns; undefined where it fails. It blocks: only for a file system that has answered a moment ago. */
  readNow?(target: Uint8Array, targetStart: number, length: number, position: number): number | undefined
  /** Writes all of `bytes` at `position` (short writes are continued), or rejects. */
  write(bytes: Uint8Array, position: number): Promise<void>
  stat(): Promise<FileStat>
  /** As `readNow`. */
  statNow?(): FileStat | undefined
  /** Where the file is now, links resolved, whatever its old name leads to; undefined where nobody can tell. */
  realPath?(): Promise<string | undefined>
  truncate(size: number): Promise<void>
  datasync(): Promise<void>
  close(): Promise<void>
  /** Before it returns; for a file that was only read. */
  closeNow?(): void
}

export interface FileStat {
  readonly device: number
  /** Inodes above 2^53 lose their last digits here; identity never rests on the inode alone. */
  readonly inode: number
  readonly size: number
  readonly mtimeMs: number
  readonly mode: number
  readonly links: number
  /** User id of the owner, where the implementation knows it. */
  readonly owner?: number
  /** Group id, likewise. */
  readonly group?: number
  readonly isFile: boolean
  readonly isDirectory: boolean
  readonly isSymbolicLink: boolean
}

export interface DirectoryEntry {
  readonly name: string
  readonly isFile: boolean
  readonly isDirectory: boolean
  readonly isSymbolicLink: boolean
}

/** A folder that we may not read, or a file system that syncs no folders: its names cannot be made safe by us. */
export function isUnsyncable(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(systemErrorCode(error))
}

/** Errors of Linux that libuv has no name for; their code is then `Unknown system error -122`. */
const unnamed: Readonly<Record<string, string>> = { 116: 'ESTALE', 117: 'EUCLEAN', 122: 'EDQUOT' }

/** The `code` of a system error (`ENOSPC`), or '' where there is none. */
export function systemErrorCode(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return ''
  const number = /^Unknown system error -(\d+)$/.exec(error.code)?.[1]
  // Without this a disk quota counted as a mistake of ours, and ended the reading.
  return number === undefined ? error.code : (unnamed[number] ?? 'EUNKNOWN')
}
