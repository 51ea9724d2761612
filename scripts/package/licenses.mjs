// What the licenses of everything inside of an executable ask for: their texts.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** One text: a section for each package, and one for Node. A package without a license's text ends the packaging. */
export function thirdPartyLicenses(packages, { nodeLicense, nodeVersion }) {
  const sections = packages.map((name) => {
    const folder = join('node_modules', name)
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file))
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
    return section(`${name} ${version} (${license})`, texts.length > 0 ? texts : [textInReadme(folder, name)])
  })
  const node = section(`Node.js ${nodeVersion}, and what it is made of`, [
    readFileSync(nodeLicense, 'utf8').trim(),
  ])
  return [
    'logferry is under the Apache License 2.0. Inside of its executable are also:\n',
    ...sections,
    node,
  ].join('\n')
}

function section(title, texts) {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${texts.join('\n\n')}\n`
}

/** Some have it at the end of their README alone. */
function textInReadme(folder, name) {
  const readme = readdirSync(folder).find((file) => /^readme/i.test(file))
  const text = readme && /^#+ licen[cs]e[\s\S]*/im.exec(readFileSync(join(folder, readme), 'utf8'))?.[0]
  if (!text) throw new Error(`${name} has no text of a license: what may be done with it?`)
  return text.trim()
}
