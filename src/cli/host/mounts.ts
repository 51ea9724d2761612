import { isUnder } from '../../sources/file/discovery/glob.ts'

/** Where a file system is mounted, and what kind it is. */
export interface Mount {
  readonly at: string
  /** `ext4`, `nfs4`, `tmpfs`. */
  readonly type: string
  readonly options: readonly string[]
}

/** The text of /proc/self/mountinfo; later mounts cover earlier ones. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [own = '', file = ''] = line.split(' - ')
    const [, , , , at, options] = own.split(' ')
    const [type, , superOptions] = file.split(' ')
    if (at === undefined || type === undefined || type === '') return []
    return [{ at: unescape(at), type, options: [...list(options), ...list(superOptions)] }]
  })
}

/** The mount that holds an absolute path. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined
  for (const mount of mounts)
    if ((path === mount.at || isUnder(path, mount.at)) && mount.at.length >= (best?.at.length ?? 0))
      best = mount
  return best
}

/** Spaces and the like stand there as `\040`. */
const unescape = (text: string): string =>
  text.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

const list = (text = ''): string[] => text.split(',').filter((one) => one !== '')

/** Changes that other hosts make there raise no event, and locks and syncs are somebody else's. */
export const isNetwork = ({ type }: Mount): boolean =>
  /^(?:nfs\d?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|fuse\.(?:sshfs|s3fs|glusterfs|rclone|gcsfuse|ceph\w*|juicefs)|virtiofs|vboxsf|drvfs)$/.test(
    type,
  )

/** Gone with a reboot. */
export const isMemory = ({ type }: Mount): boolean => type === 'tmpfs' || type === 'ramfs'
