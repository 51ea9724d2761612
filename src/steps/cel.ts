import { createRequire } from 'node:module'
import type * as Library from '@marcbachmann/cel-js'

let loaded: typeof Library | undefined

/** CEL's library, from the first condition on: most configs have none, and loading it takes 20 ms of CPU and 3 MB. */
export function cel(): typeof Library {
  loaded ??= load()
  return loaded
}

function load(): typeof Library {
  const library: typeof Library = createRequire(import.meta.url)('@marcbachmann/cel-js')
  return library
}
