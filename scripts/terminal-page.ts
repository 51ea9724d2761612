/** Colours that a terminal has for the codes that we use. */
const colours: Readonly<Record<string, string>> = {
  '31': '#ff7b72',
  '32': '#56d364',
  '33': '#e3b341',
  '34': '#79c0ff',
  '35': '#d2a8ff',
  '36': '#56d4dd',
}

/** An address with a page that shows a terminal's screen, given with its colour codes. */
export function terminalPage(screen: string): string {
  const lines = screen.trimEnd().split('\n').map(lineOf)
  const style =
    'body{margin:0;background:#0d1117;color:#dde3ea;font:14px/1.35 "DejaVu Sans Mono",monospace;padding:14px 18px}' +
    'pre{margin:0;font:inherit}'
  const html = `<!doctype html><meta charset=utf-8><style>${style}</style><pre>${lines.join('\n')}</pre>`
  return `data:text/html;base64,${Buffer.from(html).toString('base64')}`
}

function lineOf(line: string): string {
  let [html, style] = ['', '']
  // oxlint-disable-next-line no-control-regex -- escapes are what is looked for
  for (const part of line.split(/(\u001b\[[\d;]*m|\u000f)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)
    if (codes) for (const code of codes[1]!.split(';')) style = styleAfter(style, code)
    else if (part !== '' && part !== '\u000f')
      html += style === '' ? escaped(part) : `<span style="${style}">${escaped(part)}</span>`
  }
  return html
}

function styleAfter(style: string, code: string): string {
  if (code === '' || code === '0') return ''
  if (code === '1') return `${style}font-weight:bold;`
  if (code === '2') return `${style}color:#8b949e;`
  if (code === '22') return style.replace('font-weight:bold;', '').replace('color:#8b949e;', '')
  if (code === '39') return style.replaceAll(/color:#\w+;/g, '')
  return colours[code] === undefined ? style : `${style}color:${colours[code]};`
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
