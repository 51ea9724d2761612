import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileCondition, conditionProblem } from '../../src/steps/condition.ts'
import type { Found } from '../../src/steps/found.ts'

/** An event with these fields, by their whole names; numbers as they are written. */
function evaluate(text: string, fields: Readonly<Record<string, string>>): boolean | string {
  const find = (name: string): Found | undefined => {
    const json = fields[name]
    if (json === undefined) return undefined
    return json.startsWith('"') ? { text: String(JSON.parse(json)) } : { json }
  }
  const errors: string[] = []
  const isTrue = compileCondition(text).isTrue(
    { find, findOwn: find },
    { add: (error) => errors.push(error) },
  )
  assert.ok(errors.length === 0 || !isTrue, 'what cannot be evaluated is not true')
  return errors.length > 0 ? errors.join() : isTrue
}

const isTrue = (text: string, fields: Readonly<Record<string, string>> = {}): void =>
  assert.equal(evaluate(text, fields), true, text)
const isFalse = (text: string, fields: Readonly<Record<string, string>> = {}): void =>
  assert.equal(evaluate(text, fields), false, text)

describe('a field', () => {
  test('is found by its dotted path, in any spelling', () => {
    isTrue('kubernetes.pod.name.startsWith("web")', { 'kubernetes.pod.name': '"web-1"' })
    isTrue('labels["app.kubernetes.io/name"] == "x"', { 'labels.app.kubernetes.io/name': '"x"' })
    isTrue('field("user-agent").contains("curl")', { 'user-agent': '"curl/8"' })
  })

  test('may be called like a type or function of CEL', () => {
    isTrue('type == "a" && duration > 5 && timestamp == "t" && string == "s" && size == 1', {
      type: '"a"',
      duration: '7',
      timestamp: '"t"',
      string: '"s"',
      size: '1',
    })
  })

  test('that is missing is false, and is as good as null', () => {
    isFalse('debug')
    isTrue('!debug')
    isFalse('status >= 500 || name.startsWith("x") || a.b == 1')
    isTrue('level != "debug"')
    isTrue('!(level == "debug")')
    isTrue('x == null')
    isFalse('x != null')
    isFalse('x in ["a"]')
  })

  test('is there or not: has()', () => {
    isTrue('has(a.b) && !has(c) && has(n)', { 'a.b': '1', n: 'null' })
    isTrue('has(field("@timestamp"))', { '@timestamp': '"t"' })
  })
})

describe('values', () => {
  test('of int and double compare as numbers', () => {
    isTrue('a >= 500 && b > 1 && b < 2 && c == 500 && d == 1.5', { a: '500', b: '1.5', c: '5e2', d: '1.50' })
    isTrue('a * 1.5 > 3 && n + 1 == 6 && n % 5 == 0', { a: '2.5', n: '5' })
  })

  test('of 19 and more digits are told apart', () => {
    isTrue('id == 9007199254740993', { id: '9007199254740993' })
    isFalse('id == 9007199254740992', { id: '9007199254740993' })
    isTrue('id > 9007199254740992', { id: '9007199254740993' })
    isTrue('id > 9223372036854775807', { id: '18446744073709551615' })
  })

  test('that are text are numbers where they are compared with one', () => {
    isTrue('status >= 500 && status == 503 && status != 504', { status: '"503"' })
    isFalse('status == 503', { status: '"abc"' })
    assert.match(String(evaluate('status >= 500', { status: '"abc"' })), /no number/)
  })

  test('of levels are understood in every spelling, and as numbers where a number is meant', () => {
    isTrue('level == "WARNING"', { level: '"warn"' })
    isTrue('log.level in ["ERROR", "Critical"]', { 'log.level': '"fatal"' })
    isTrue('level >= 50', { level: '50' })
  })

  test('of lists and objects can be looked into', () => {
    isTrue('"b" in tags && tags.exists(t, t == "a") && tags.size() == 2 && tags[0] == "a"', {
      tags: '["a","b"]',
    })
    isTrue('5 in codes', { codes: '[4,5]' })
    isTrue('items.exists(i, i.code == 5)', { items: '[{"x":1},{"code":5}]' })
  })

  test('that are wrong for an operation make it an error, which is false', () => {
    assert.match(String(evaluate('name.startsWith("x")', { name: '5' })), /startsWith/)
    assert.match(String(evaluate('flag', { flag: '"yes"' })), /bool/)
    isTrue('flag || ok', { flag: '"yes"', ok: 'true' })
  })

  test('that are hostile cost no time', () => {
    const long = JSON.stringify(Array.from({ length: 1001 }, () => 'x'))
    assert.match(String(evaluate('tags.exists(t, t == "a")', { tags: long })), /too long/)
    assert.match(
      String(evaluate('"a" in tags', { tags: `${'['.repeat(50_000)}${']'.repeat(50_000)}` })),
      /nested|stack/,
    )
    isFalse('message.matches("^(a+)+$")', { message: JSON.stringify(`${'a'.repeat(5000)}b`) })
    assert.notEqual(evaluate('o.constructor == 1', { o: '{"constructor":1}' }), true)
  })
})

describe('a wrong condition', () => {
  const says = (text: string, expected: RegExp): void =>
    assert.match(conditionProblem(text) ?? 'none', expected)

  test('is told with its place and what to do', () => {
    says('status = 500', /unexpected character: =; to compare, write ==.* \(at character 8\)/)
    says('a and b', /write && for and.* \(at character 3\)/)
    says('x =~ "a"', /matches/)
    says('namespace == "x"', /field\("…"\)/)
    says('status >=', /unexpected token: EOF/)
    says('a == 1 && (1 + "a") == 2', /no such overload: int \+ string \(at character 12\)/)
    says('nope(x)', /no matching overload for 'nope/)
    says('"x"', /gives a string/)
    says('', /empty/)
    says('message.matches("(")', /no regular expression: unterminated group.* \(at character 17\)/)
    says('message.matches(pattern)', /one pattern in quotes/)
    says('field(x) == 1', /name in quotes/)
  })

  test('may not be a program', () => {
    says('a'.repeat(5000), /at most 4000/)
    says(Array.from({ length: 300 }, () => 'x == 1').join(' || '), /exceeded maxAstNodes/)
    says('a.exists(x, a.exists(y, x == y))', /hostile/)
    says('cel.bind(x, 1, x == 1)', /not available/)
  })

  test('that is right has no problem', () => {
    for (const text of ['true', 'a ? b : c', 'a == b', '-a < 3', 'size(x) > 3', 'x.lowerAscii() == "a"'])
      assert.equal(conditionProblem(text), undefined)
  })
})
