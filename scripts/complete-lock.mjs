// Adds to package-lock.json the optional platform packages that the registry of this machine does not have (404), so
// that `npm ci` finds the tree complete. Their version is the one that the parent pins; os and cpu come from the name.
import { readFileSync, writeFileSync } from 'node:fs'
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const systems = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  win32: 'win32',
  openharmony: 'openharmony',
}
let added = 0
for (const [path, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`
    if (lock.packages[place] || lock.packages[`${path}/${place}`]) continue
    const os = Object.keys(systems).find((system) => name.includes(system))
    const cpu = [
      'x64',
      'arm64',
      'arm',
      'ia32',
      'ppc64',
      'riscv64',
      's390x',
      'loong64',
      'wasm32',
      'universal',
    ].find((one) => new RegExp(`-${one}(?:-|$)`).test(name))
    lock.packages[place] = {
      version: version.replace(/^[\^~]/, ''),
      ...(cpu && cpu !== 'universal' ? { cpu: [cpu] } : {}),
      ...(entry.dev ? { dev: true } : {}),
      ...(/-(?:gnu|gnueabihf)$/.test(name)
        ? { libc: ['glibc'] }
        : /-musl/.test(name)
          ? { libc: ['musl'] }
          : {}),
      optional: true,
      ...(os ? { os: [os] } : {}),
    }
    added += 1
    console.log('+', name, version, os ?? '-', cpu ?? '-')
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
console.log(added, 'added')
