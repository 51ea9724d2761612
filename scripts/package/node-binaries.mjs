// The Node that goes into the packages: from the npm registry, by its ordinary client, which checks the digest pinned here.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const nodeVersion = '24.21.0'

/** For each architecture that is packaged: what Debian calls it, and the sha512 of the npm package with its Node. */
export const architectures = {
  x64: {
    debian: 'amd64',
    integrity: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  arm64: {
    debian: 'arm64',
    integrity: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
}

const cache = process.env.LOGFERRY_NODE_CACHE ?? join(homedir(), '.cache/logferry/node')

/** Returns { program, license }, two paths. Takes some seconds and 50 MB of the network the first time. */
export function nodeBinary(architecture) {
  const folder = join(cache, `${nodeVersion}-${architecture}`)
  if (!existsSync(folder)) fetchNode(architecture, folder)
  return { program: join(folder, 'package/bin/node'), license: join(folder, 'package/LICENSE') }
}

function fetchNode(architecture, folder) {
  mkdirSync(cache, { recursive: true })
  const part = mkdtempSync(`${folder}.part-`)
  try {
    const name = `node-linux-${architecture}`
    const pack = ['pack', '--silent', '--pack-destination', part, `${name}@${nodeVersion}`]
    execFileSync('npm', pack, { stdio: ['ignore', 'ignore', 'inherit'] })
    const archive = join(part, `${name}-${nodeVersion}.tgz`)
    const digest = createHash('sha512').update(readFileSync(archive)).digest('base64')
    if (digest !== architectures[architecture].integrity)
      throw new Error(`${name}@${nodeVersion} is not what ${import.meta.url} pins: its sha512 is ${digest}`)
    execFileSync('tar', ['-xzf', archive, '-C', part, 'package/bin/node', 'package/LICENSE'])
    rmSync(archive)
    renameSync(part, folder)
  } catch (error) {
    rmSync(part, { recursive: true, force: true })
    throw error
  }
}
