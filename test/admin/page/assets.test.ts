import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asset } from '../../../src/admin/page/assets.ts'

const textOf = (name: string): string => Buffer.from(asset(name)!.bytes).toString()

const stylesOf = (page: string): string[] =>
  [...page.matchAll(/page-assets\/([^"]+\.css)/g)].map((match) => match[1]!)

test('every file that the page names is there, with its type', () => {
  const page = textOf('page/browser/page.html')
  const named = [...page.matchAll(/(?:src|href)="\/page-assets\/([^"]+)"/g)].map((match) => match[1]!)
  const styles = stylesOf(page)
  assert.ok(styles.length > 0)
  assert.deepEqual(
    named.map((name) => asset(name)?.contentType),
    ['image/svg+xml', ...styles.map(() => 'text/css; charset=utf-8'), 'text/javascript; charset=utf-8'],
  )
})

test('every module that a script imports is there, and nothing is asked of elsewhere', () => {
  const looked = new Set<string>()
  const look = (name: string): void => {
    if (looked.has(name)) return
    looked.add(name)
    const text = textOf(name)
    for (const match of text.matchAll(/from '([^']+)'/g)) {
      look(new URL(match[1]!, `http://page/${name}`).pathname.slice(1))
    }
  }
  look('page/browser/app.js')
  assert.ok(looked.size > 10)
  const page = 'page/browser/page.html'
  for (const name of [...looked, ...stylesOf(textOf(page)), page])
    assert.doesNotMatch(
      textOf(name).replaceAll('http://www.w3.org/2000/svg', ''),
      /https?:\/\/\w|\/\/\w+\.\w/,
      name,
    )
})

test('no script makes markup or code out of text, and no HTML brings script or style of its own', () => {
  const page = textOf('page/browser/page.html')
  assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|<script(?! type="module" src=)/)
  for (const match of page.matchAll(/page-assets\/([^"]+\.js)/g))
    assert.doesNotMatch(
      textOf(match[1]!),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
    )
})

test('other names are nothing', () => {
  for (const name of ['', '../assets.js', 'constructor', '__proto__', 'page/browser/'])
    assert.equal(asset(name), undefined, name)
})
