import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, together } from './grouped.ts'

const uncaught = `app.rb:5:in \`rescue in checkout': gave up (RuntimeError)
	from app.rb:2:in \`checkout'
	from app.rb:9:in \`<main>'
app.rb:3:in \`checkout': undefined method \`id' for nil:NilClass (NoMethodError)

    stock.id
         ^^^
	from app.rb:9:in \`<main>'`

const ruby34 = `shop.rb:3:in 'Shop#checkout': no stock (Shop::Missing)
	from shop.rb:7:in '<main>'`

const logger = `E, [2026-01-20T10:00:00.123456 #4711] ERROR -- : no stock (Shop::Missing)
/app/shop.rb:3:in \`checkout'
/app/shop.rb:7:in \`block in run'`

const rails = `Completed 500 Internal Server Error in 5ms

NoMethodError (undefined method \`id' for nil:NilClass):

app/controllers/stock_controller.rb:5:in \`index'`

const thread = `#<Thread:0x01 app.rb:1 run> terminated with exception (report_on_exception is true):
app.rb:1:in \`block in <main>': boom (RuntimeError)`

const reversed = `Traceback (most recent call last):
	1: from app.rb:7:in \`<main>'
app.rb:3:in \`foo': boom (RuntimeError)`

test('Ruby: errors are one event with their line and their causes, and the lines around them stay apart', () => {
  const line = 'I, [2026-01-20T10:00:00.123456 #4711]  INFO -- : started'
  const events = [line, uncaught, line, ruby34, line, logger, line, rails, line, thread, line, reversed, line]
  assert.deepEqual(together('ruby', events), events)
})

test('Ruby: an error at the margin is no part of an ordinary line, nor what is indented', () => {
  const events = ['started', ruby34, 'started', '  indented']
  assert.deepEqual(grouped('ruby', events.join('\n')), events)
})
