import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthOf } from '../../src/admin/health.ts'
import { pageHeaders, renderPage } from '../../src/admin/page.ts'
import { FakeAgentView } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'

function pageOf(
  view: FakeAgentView,
  options: { showsPaths: boolean; redact?: (text: string) => string },
): string {
  const health = healthOf(view, { clock: new FakeClock(), recentLosses: new Map(), showsTexts: true })
  return renderPage(view, health, { redact: (text) => text, ...options })
}

test('a file name cannot write markup into the page', () => {
  const view = new FakeAgentView()
  view.fileList[0]!.path = '/var/log/<script>alert("1")</script>&.log'
  const page = pageOf(view, { showsPaths: true })
  assert.match(page, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;\.log/)
  assert.doesNotMatch(page, /<script/)
})

test('a secret with characters that HTML escapes is still taken out', () => {
  const view = new FakeAgentView()
  Object.assign(view.sinkList[0]!, { failingSinceMs: -120_000, lastError: 'refused: pa&ss<1>' })
  const page = pageOf(view, { showsPaths: true, redact: (text) => text.replaceAll('pa&ss<1>', '[redacted]') })
  assert.match(page, /refused: \[redacted\]/)
  assert.doesNotMatch(page, /pa&amp;ss/)
})

test('paths are left out for those who may not see them', () => {
  assert.doesNotMatch(pageOf(new FakeAgentView(), { showsPaths: false }), /var\/log/)
})

test('the page may run no script and load nothing', () => {
  assert.match(pageHeaders['content-security-policy'], /default-src 'none'/)
  assert.doesNotMatch(pageHeaders['content-security-policy'], /script-src/)
  assert.equal(pageHeaders.refresh, '5')
})
