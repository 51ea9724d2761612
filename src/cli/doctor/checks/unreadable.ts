import { dirname } from 'node:path'
import { formatCounted } from '../../../admin/quantities.ts'
import type { FileStat } from '../../../core/file-system.ts'
import { named, ok, quoted } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check, Subject } from '../subject.ts'
import type { Survey } from '../survey.ts'

const groupMayRead = 0o040

export const unreadableCheck: Check = {
  name: 'readable',
  async run(subject) {
    const survey = await subject.survey()
    const findings = [
      ...(await closedFolders(subject, survey)),
      ...closedFiles(subject, survey),
      ...refused(survey),
    ]
    return findings.length > 0 ? findings : [ok(`user ${subject.account.name} may read all that is matched`)]
  },
}

async function closedFolders(subject: Subject, { closedFolders: closed }: Survey): Promise<Finding[]> {
  const folders = closed.filter(({ code }) => code !== 'ENOENT' && code !== 'ENOTDIR')
  return Promise.all(
    folders.slice(0, 20).map(async ({ path, code }): Promise<Finding> => {
      const stat = await subject.host.fileSystem.stat(path).catch(() => undefined)
      return {
        severity: 'problem',
        seen: `user ${subject.account.name} may not list ${path} (${code})`,
        why: 'A folder that may not be listed looks empty: nothing in it is read.',
        ...opening(subject, [path], stat),
      }
    }),
  )
}

function closedFiles(subject: Subject, { files }: Survey): Finding[] {
  const groups = new Map<string, string[]>()
  const stats = new Map<string, FileStat>()
  for (const { path, stat, isClosed } of files) {
    if (!isClosed) continue
    // One way to open them is enough for all that are alike.
    const kind = `${dirname(path)} ${stat.group} ${stat.mode & groupMayRead}`
    groups.set(kind, [...(groups.get(kind) ?? []), path])
    stats.set(kind, stat)
  }
  return [...groups].map(([kind, paths]): Finding => {
    const stat = stats.get(kind)
    const mode = ((stat?.mode ?? 0) & 0o777).toString(8).padStart(4, '0')
    const group = subject.accounts.groupName(stat?.group ?? 0)
    return {
      severity: 'problem',
      seen: `user ${subject.account.name} may not read ${named(paths)} (mode ${mode}, group ${group})`,
      why: `${paths.length === 1 ? 'It is' : 'They are'} named once in the log and left out until that changes.`,
      ...opening(subject, paths, stat),
    }
  })
}

/** The narrowest way that lasts: a group where it has the right and is not root's own, else an ACL on the folder. */
function opening(
  { account, accounts, service }: Subject,
  paths: readonly string[],
  stat: FileStat | undefined,
): Pick<Finding, 'mend' | 'commands'> {
  const mayGroupRead = stat !== undefined && (stat.mode & groupMayRead) !== 0
  const id = stat?.group ?? 0
  if (mayGroupRead && id !== 0 && !account.groups.includes(id)) {
    const group = accounts.groupName(id)
    if (service)
      return {
        mend: `Let the unit join the group ${group}:`,
        commands: [
          `mkdir -p /etc/systemd/system/${service.name}.d`,
          `printf '[Service]\\nSupplementaryGroups=%s\\n' ${group} > /etc/systemd/system/${service.name}.d/groups.conf`,
          `systemctl daemon-reload && systemctl restart ${service.name}`,
        ],
      }
    return {
      mend: `Let the user join the group ${group}, and log in anew:`,
      commands: [`usermod -aG ${group} ${account.name}`],
    }
  }
  const folder = stat?.isDirectory === true ? paths[0]! : dirname(paths[0]!)
  return {
    mend: 'Give that user an ACL, for what is there and what will come. Files that are made with mode 0600 mask it away: 0640, where they are made.',
    commands: [
      `setfacl -R -m u:${account.name}:rX ${quoted(folder)}`,
      `setfacl -R -d -m u:${account.name}:rX ${quoted(folder)}`,
    ],
  }
}

/** Links that lead elsewhere, FIFOs, and what else will not do. */
function refused({ files }: Survey): Finding[] {
  const left = files.filter(({ refusal, isClosed }) => refusal !== undefined && !isClosed)
  return left.slice(0, 5).map(({ path, source, refusal }, index): Finding => {
    const isLink = refusal!.startsWith('leads to')
    const more =
      index === 4 && left.length > 5 ? ` (and ${formatCounted(left.length - 5, 'more file')} like that)` : ''
    const target = dirname(/^leads to (.*), outside/.exec(refusal!)?.[1] ?? '/')
    return {
      severity: isLink ? 'problem' : 'warning',
      seen: `${path} ${refusal}${more}`,
      ...(isLink && {
        why: 'A link must not make the agent ship files that nobody meant: it is left out.',
        mend: `"sources.${source}.follow_symlinks": [${JSON.stringify(target)}], if that folder is meant.`,
      }),
    }
  })
}
