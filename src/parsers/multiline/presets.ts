import { dotnetRule } from './dotnet.ts'
import { goRule } from './go.ts'
import { javaRule } from './java.ts'
import type { JoinRule } from './join-rule.ts'
import { nodeRule } from './node.ts'
import { pythonRule } from './python.ts'
import { rubyRule } from './ruby.ts'

/** THE list of multiline presets: what each language prints of an error, as one event with the line that introduced it. */
export const multilinePresets = {
  python: pythonRule,
  java: javaRule,
  go: goRule,
  node: nodeRule,
  ruby: rubyRule,
  dotnet: dotnetRule,
} as const satisfies Readonly<Record<string, JoinRule>>

export type MultilinePreset = keyof typeof multilinePresets

// oxlint-disable-next-line no-unsafe-type-assertion -- the keys of a constant are its names
export const multilinePresetNames = Object.keys(multilinePresets) as MultilinePreset[]
