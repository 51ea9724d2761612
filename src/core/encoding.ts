import { lineForms, utf8Form } from './line-form.ts'
import type { LineForm } from './line-form.ts'

/** A file's encoding where it is not UTF-8. */
export interface Encoding {
  /** As the WHATWG's list has it. */
  readonly name: string
  readonly form: LineForm
  /** `isCut`: the end may lie within a character, of which nothing is shown then. */
  decode(bytes: Uint8Array, isCut: boolean): Decoded
}

export interface Decoded {
  readonly text: string
  /** No byte had to be replaced by U+FFFD. */
  readonly isExact: boolean
}

/** What messages and the reference name; every other label of the WHATWG's list is understood too. */
export const encodingNames = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'gbk',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'euc-kr',
  'latin1',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15].map((part) => `iso-8859-${part}`),
  'windows-874',
  ...[1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map((page) => `windows-${page}`),
  'koi8-r',
  'koi8-u',
  'ibm866',
  'macintosh',
]

/** What people of Python, Java and Windows write. */
const furtherLabels: ReadonlyMap<string, string> = new Map([
  ['cp936', 'gbk'],
  ['ms936', 'gbk'],
  ['cp932', 'shift_jis'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['utf16', 'utf-16le'],
  ['utf16le', 'utf-16le'],
  ['utf16be', 'utf-16be'],
])

/** The name in the WHATWG's list, or undefined for what this Node cannot decode. */
export function encodingName(label: string): string | undefined {
  const folded = label.trim().toLowerCase()
  for (const tried of [folded, furtherLabels.get(folded), folded.replaceAll('_', '-')]) {
    if (tried === undefined) continue
    try {
      return new TextDecoder(tried).encoding
    } catch {
      // Not a label, or one that is left out in Node: the next spelling, if there is one.
    }
  }
  return undefined
}

/** Undefined for UTF-8, which needs no decoding. The label has passed the config's check. */
export function encodingOf(label: string): Encoding | undefined {
  const name = encodingName(label)
  if (name === undefined) throw new Error(`there is no encoding ${label}`)
  return name === 'utf-8' ? undefined : decoderOf(name)
}

export const utf16le: Encoding = decoderOf('utf-16le')
const utf16be: Encoding = decoderOf('utf-16be')

/** How lines look in a file of this encoding. */
export const formOf = (encoding: Encoding | undefined): LineForm => encoding?.form ?? utf8Form

const marks: readonly { readonly bytes: readonly number[]; readonly encoding: Encoding | undefined }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: undefined },
  { bytes: [0xff, 0xfe], encoding: utf16le },
  { bytes: [0xfe, 0xff], encoding: utf16be },
]

/** By the byte order mark at the file's start, else what is configured. `isSure` is false where more bytes may yet tell. */
export function encodingByMark(
  first: Uint8Array,
  configured: Encoding | undefined,
): { readonly encoding: Encoding | undefined; readonly isSure: boolean } {
  for (const { bytes, encoding } of marks) {
    const common = Math.min(bytes.length, first.length)
    if (!bytes.slice(0, common).every((byte, at) => byte === first[at])) continue
    return common === bytes.length ? { encoding, isSure: true } : { encoding: configured, isSure: false }
  }
  return { encoding: configured, isSure: true }
}

function decoderOf(name: string): Encoding {
  const form =
    name === 'utf-16le' ? lineForms.utf16le : name === 'utf-16be' ? lineForms.utf16be : lineForms.bytes
  if (name === 'windows-1252')
    return { name, form, decode: (bytes) => ({ text: latin1Text(bytes), isExact: true }) }
  const decoder = new TextDecoder(name, { ignoreBOM: true })
  // ICU's tables for DOS: shift_jis on Node 20 and 24, ibm866 on Node 20 only. Ask rather than know.
  const isSwapped = decoder.decode(new Uint8Array([0x1a])) === '\x1c'
  return {
    name,
    form,
    decode(bytes, isCut) {
      const text = decoder.decode(bytes, { stream: isCut })
      // What it holds back of a half character goes nowhere.
      if (isCut) decoder.decode()
      const isExact = !text.includes('\ufffd') || saysReplacement(name, bytes, isCut)
      return { text: isSwapped ? withControls(text) : text, isExact }
    },
  }
}

/** The text has U+FFFD because somebody wrote U+FFFD. */
function saysReplacement(name: string, bytes: Uint8Array, isCut: boolean): boolean {
  try {
    new TextDecoder(name, { ignoreBOM: true, fatal: true }).decode(bytes, { stream: isCut })
    return true
  } catch {
    return false
  }
}

/** 0x80 to 0x9F of windows-1252. Node's decoder makes control characters of them (seen with 20.20). */
const c1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function latin1Text(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  return text.replaceAll(/[\x80-\x9f]/g, (char) => c1[char.charCodeAt(0) - 0x80]!)
}

/** ICU's tables of old PCs turn three control characters round. */
const controls: ReadonlyMap<string, string> = new Map([
  ['\x1c', '\x1a'],
  ['\x7f', '\x1c'],
  ['\x1a', '\x7f'],
])

const withControls = (text: string): string =>
  text.replaceAll(/[\x1a\x1c\x7f]/g, (char) => controls.get(char)!)
