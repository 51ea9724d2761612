import type { FileSystem } from '../../core/file-system.ts'
import { smallText } from './small-text.ts'

/** A user of this host with all groups. */
export interface Account {
  readonly id: number
  readonly name: string
  /** Ids, the primary one first. */
  readonly groups: readonly number[]
}

/** /etc/passwd and /etc/group. Users of a directory service are not in there: they go by their number. */
export interface Accounts {
  account(nameOrId: string | number): Account | undefined
  groupName(id: number): string
  groupId(name: string): number | undefined
}

interface Group {
  readonly name: string
  readonly id: number
  readonly members: readonly string[]
}

export async function readAccounts(fileSystem: FileSystem): Promise<Accounts> {
  const users = rowsOf(await smallText(fileSystem, '/etc/passwd')).map(([name = '', , id, group]) => ({
    name,
    id: Number(id),
    group: Number(group),
  }))
  const groups = rowsOf(await smallText(fileSystem, '/etc/group')).map(
    ([name = '', , id, members = '']): Group => ({
      name,
      id: Number(id),
      members: members.split(','),
    }),
  )
  return {
    account(nameOrId) {
      const user = users.find(({ name, id }) => name === nameOrId || String(id) === String(nameOrId))
      if (!user) return undefined
      const others = groups.filter(({ members }) => members.includes(user.name)).map(({ id }) => id)
      return { id: user.id, name: user.name, groups: [...new Set([user.group, ...others])] }
    },
    groupName: (id) => groups.find((group) => group.id === id)?.name ?? String(id),
    groupId: (name) => groups.find((group) => group.name === name || String(group.id) === name)?.id,
  }
}

const rowsOf = (text = ''): string[][] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
