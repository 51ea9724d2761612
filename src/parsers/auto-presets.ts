import { apachePreset } from './apache.ts'
import { klogPreset } from './klog.ts'
import { levelMessagePreset } from './level-message.ts'
import { logfmtPreset } from './logfmt.ts'
import { nginxPreset } from './nginx.ts'
import type { Preset } from './parser.ts'
import { pythonPreset } from './python.ts'
import { syslogPreset } from './syslog.ts'

/** What `auto` chooses from; of presets that suit equally many lines the first. */
export const autoPresets: readonly Preset[] = [
  klogPreset,
  nginxPreset,
  apachePreset,
  syslogPreset,
  pythonPreset,
  logfmtPreset,
  levelMessagePreset,
]

/** The preset that most of the texts suit, if one of them leaves no doubt; undefined for plain text. */
export function choosePreset(texts: readonly string[]): Preset | undefined {
  let best: Preset | undefined
  let most = texts.length / 2
  for (const preset of autoPresets) {
    const fits = texts.map((text) => preset.fit(text)).filter((fit) => fit !== 'no')
    if (fits.length <= most || fits.length < preset.fewestLines || !fits.includes('yes')) continue
    best = preset
    most = fits.length
  }
  return best
}
