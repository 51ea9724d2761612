import { ok, quoted } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Check } from '../subject.ts'
import { systemErrorCode } from '../../../core/file-system.ts'
import { constants } from 'node:fs'

/** The config and the secrets that it names, as the agent's user finds them. */
export const configFileCheck: Check = {
  name: 'config',
  async run({ host: { fileSystem }, account, accounts, loaded }) {
    const findings: Finding[] = []
    for (const path of loaded.files) {
      try {
        const file = await fileSystem.open(path, constants.O_RDONLY | constants.O_NONBLOCK)
        const { mode, group } = await file.stat()
        await file.close()
        const isOpen = (mode & 0o004) !== 0 && path !== loaded.files[0] && path.startsWith('/')
        if (isOpen && /secret|key|token|pass|credential/i.test(path))
          findings.push({
            severity: 'warning',
            seen: `everybody on this host may read ${path}`,
            why: 'Its name says that it is a secret.',
            commands: [
              `chmod 0640 ${quoted(path)} && chgrp ${accounts.groupName(account.groups[0] ?? group ?? 0)} ${quoted(path)}`,
            ],
          })
      } catch (error) {
        findings.push({
          severity: 'problem',
          seen: `user ${account.name} cannot read ${path} (${systemErrorCode(error)})`,
          why: 'The agent needs it at every start and reload.',
          commands: [
            `chgrp ${accounts.groupName(account.groups[0] ?? 0)} ${quoted(path)} && chmod 0640 ${quoted(path)}`,
          ],
        })
      }
    }
    for (const warning of loaded.warnings)
      findings.push({
        severity: 'warning',
        seen: warning,
        commands: [`logferry validate -c ${quoted(loaded.path)}`],
      })
    return findings.length > 0 ? findings : [ok(`${loaded.path} is valid`)]
  },
}
