// dist/ and the packages that it imports as one CommonJS script, which is what Node's single executable runs.
import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'

/** Returns { script, packages }: the text, and the names of the packages of which something is in it. */
export async function bundle() {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: ['dist/main.js'],
    bundle: true,
    write: false,
    outfile: 'logferry.cjs',
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Names stay, for stacks that say where: without white space the script takes half the memory, shorter names take little.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // The script of a single executable with a code cache has no import().
    supported: { 'dynamic-import': false },
    // Its other form finds its parts in a way that no bundler follows.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // Read by src/platform/program-files.ts alone, and there only outside of an executable.
    define: { 'import.meta.url': 'undefined' },
    plugins: [
      { name: 'requires', setup: (plugin) => plugin.onLoad({ filter: /\/dist\/.*\.js$/ }, ownModule) },
    ],
    logLevel: 'silent',
  })
  if (warnings.length > 0)
    throw new Error(warnings.map(({ text, location }) => `${location?.file}: ${text}`).join('\n'))
  const [{ inputs }] = Object.values(metafile.outputs)
  const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const names = used.flatMap(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return { script: outputFiles[0].text, packages: [...new Set(names)].toSorted() }
}

/** A module of ours: what it requires of a package is found by esbuild, and nothing else may ask where it lies. */
async function ownModule({ path }) {
  const text = await readFile(path, 'utf8')
  const contents = text.replaceAll(/createRequire\(import\.meta\.url\)(?=\(['"])/g, 'require')
  if (!path.endsWith('/platform/program-files.js') && contents.includes('import.meta'))
    throw new Error(
      `${path}: a file of the program is read by readProgramFile, a package by createRequire(import.meta.url)('NAME')`,
    )
  return { contents, loader: 'js' }
}
