const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/gs

/**
 * A JSON object as logfmt: `a=1 b.c="two words"`. Nested objects become dotted keys, arrays stay JSON. It reads tokens
 * rather than parsed values, as `JSON.parse` would lose the digits of large numbers.
 */
export function logfmtText(json: string): string {
  const pairs: string[] = []
  const path: string[] = []
  let key = ''
  let isValue = false
  const tokens = json.matchAll(token)
  for (const { 0: text, index } of tokens) {
    if (text === ':') isValue = true
    else if (!isValue) {
      if (text === '}') path.pop()
      else if (text.startsWith('"')) key = unquote(text)
    } else {
      isValue = false
      if (text === '{') path.push(key)
      else pairs.push(pair([...path, key], text === '[' ? quote(arrayAt(json, index, tokens)) : scalar(text)))
    }
  }
  return pairs.join(' ')
}

/** The array from its bracket to the matching one; its tokens are taken from the iterator. */
function arrayAt(json: string, from: number, tokens: RegExpStringIterator<RegExpExecArray>): string {
  let depth = 1
  for (const { 0: text, index } of { [Symbol.iterator]: () => ({ next: () => tokens.next() }) }) {
    if (text === '[' || text === '{') depth++
    else if (text === ']' || text === '}') depth--
    if (depth === 0) return json.slice(from, index + 1)
  }
  return json.slice(from)
}

function pair(path: readonly string[], value: string): string {
  return `${path.join('.').replace(/[\s="\0-\x1f]+/g, '_') || '_'}=${value}`
}

function scalar(text: string): string {
  return text.startsWith('"') ? quote(unquote(text)) : text
}

function quote(value: string): string {
  return value === '' || /[\s="\\\0-\x1f\x7f]/.test(value) ? JSON.stringify(value) : value
}

function unquote(text: string): string {
  return String(JSON.parse(text))
}
