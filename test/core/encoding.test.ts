import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodingByMark, encodingName, encodingNames, encodingOf } from '../../src/core/encoding.ts'

const ascii = Buffer.from(Array.from({ length: 128 }, (_, code) => code))

test('every encoding that is offered can be decoded, and ASCII is ASCII in it', () => {
  for (const name of encodingNames) {
    assert.notEqual(encodingName(name), undefined, name)
    const encoding = encodingOf(name)
    if (!encoding || encoding.form.unitBytes === 2 || name === 'iso-2022-jp') continue
    assert.equal(encoding.decode(ascii, false).text, ascii.toString('latin1'), name)
  }
})

for (const [label, name] of [
  ['UTF8', 'utf-8'],
  ['utf_8', 'utf-8'],
  ['UTF-16', 'utf-16le'],
  ['latin1', 'windows-1252'],
  ['ISO-8859-1', 'windows-1252'],
  ['iso8859_15', 'iso-8859-15'],
  ['iso_8859-15', 'iso-8859-15'],
  ['gb2312', 'gbk'],
  ['cp936', 'gbk'],
  ['sjis', 'shift_jis'],
  ['windows-31j', 'shift_jis'],
  ['cp932', 'shift_jis'],
  ['cp1251', 'windows-1251'],
  ['klingon', undefined],
  ['', undefined],
] as const) {
  test(`the encoding ${JSON.stringify(label)} is ${name ?? 'unknown'}`, () => {
    assert.equal(encodingName(label), name)
  })
}

for (const [label, hex, text] of [
  ['latin1', '80929cfc', '€’œü'],
  ['windows-1251', 'cff0e8e2e5f2', 'Привет'],
  ['iso-8859-15', 'a4', '€'],
  ['gbk', 'c4e3bac3', '你好'],
  ['gb18030', '8130813081', '\u0080\ufffd'],
  ['gb18030', '9439da33', '💩'],
  ['shift_jis', '93fa967b1b7f', '日本\x1b\x7f'],
  ['euc-jp', 'c6fccbdc', '日本'],
  ['euc-kr', 'c7d1b1b9', '한국'],
  ['big5', 'a4a4a4e5', '中文'],
  ['utf-16be', '4e2dd83ddca9', '中💩'],
] as const) {
  test(`${hex} is ${text} in ${label}`, () => {
    const { text: decoded, isExact } = encodingOf(label)!.decode(Buffer.from(hex, 'hex'), false)
    assert.deepEqual([decoded, isExact], [text, !text.includes('\ufffd')])
  })
}

test('what was written as U+FFFD is no error, and what cannot be decoded is one', () => {
  const [wide, gbk] = [encodingOf('utf-16le')!, encodingOf('gbk')!]
  assert.deepEqual(wide.decode(Buffer.from('fdff', 'hex'), false), { text: '\ufffd', isExact: true })
  assert.deepEqual(wide.decode(Buffer.from('3dd84100', 'hex'), false), { text: '\ufffdA', isExact: false })
  assert.deepEqual(gbk.decode(Buffer.from('4181', 'hex'), false), { text: 'A\ufffd', isExact: false })
})

test('what a cut leaves of a character is left out, and the next line does not begin with it', () => {
  for (const [label, hex] of [
    ['gbk', '41c4'],
    ['gb18030', '4194 39da'.replace(' ', '')],
    ['shift_jis', '4193'],
    ['utf-16le', '41003dd8'],
    ['utf-16le', '410042'],
  ] as const) {
    const encoding = encodingOf(label)!
    assert.deepEqual(encoding.decode(Buffer.from(hex, 'hex'), true), { text: 'A', isExact: true }, label)
    const [plain] = [label === 'utf-16le' ? '42004200' : '4242']
    assert.equal(encoding.decode(Buffer.from(plain, 'hex'), false).text, 'BB')
  }
})

test('a byte order mark says more than the config; a mark that may yet come is waited for', () => {
  const gbk = encodingOf('gbk')
  const of = (hex: string): unknown[] => {
    const { encoding, isSure } = encodingByMark(Buffer.from(hex, 'hex'), gbk)
    return [encoding?.name ?? 'utf-8', isSure]
  }
  assert.deepEqual(of('fffe4100'), ['utf-16le', true])
  assert.deepEqual(of('feff'), ['utf-16be', true])
  assert.deepEqual(of('efbbbf41'), ['utf-8', true])
  assert.deepEqual(of('efbb'), ['gbk', false])
  assert.deepEqual(of('ff'), ['gbk', false])
  assert.deepEqual(of(''), ['gbk', false])
  assert.deepEqual(of('41'), ['gbk', true])
  assert.deepEqual(of('efbb41'), ['gbk', true])
})
