import type { FileSystem } from '../../core/file-system.ts'
import type { Account } from './accounts.ts'

/** The host as `init` and `doctor` look at it. Tests bring one in memory, so that none of them needs root. */
export interface Host {
  readonly fileSystem: FileSystem
  /** Whose eyes it is looked at with. */
  readonly account: Account
  /** Open files that this process may have. */
  readonly descriptorLimit: number
  readonly nowMs: () => number
  /** Room on the disk that holds `path`; undefined where nobody can tell. */
  space(path: string): Promise<Space | undefined>
  /** inotify instances and watches that processes of a user have now, as far as this one may see. */
  inotifyUse(userId: number): Promise<InotifyUse | undefined>
  /** Everything from here on is looked at as that user; there is no way back. False where that is not allowed. */
  become(account: Account): boolean
}

export interface Space {
  /** For those who are not root. */
  readonly freeBytes: number
  readonly totalBytes: number
  readonly freeInodes: number
  /** 0 on a disk that makes inodes as they are needed (btrfs). */
  readonly totalInodes: number
}

export interface InotifyUse {
  readonly instances: number
  readonly watches: number
}
