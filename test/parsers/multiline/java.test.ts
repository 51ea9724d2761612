import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, together } from './grouped.ts'

const logback = `2026-01-20 10:00:00,123 ERROR [main] com.acme.Shop - checkout failed
java.lang.IllegalStateException: no stock for 17
	at com.acme.Shop.checkout(Shop.java:42)
	at com.acme.Shop.lambda$main$0(Shop.java:17) ~[shop.jar:1.2]
	at java.base/java.lang.Thread.run(Thread.java:1583)
	Suppressed: java.io.IOException: close failed
		at com.acme.Stock.close(Stock.java:9)
		... 2 more
Caused by: java.sql.SQLException: ORA-00001: unique constraint violated
	at com.acme.Db.insert(Db.java:88)
	... 23 more
Caused by: java.net.SocketTimeoutException
	at java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)
	... 29 common frames omitted`

const uncaught = `Exception in thread "main" java.lang.RuntimeException: outer
	at Main.main(Main.java:5)
Caused by: Main$Inner$OddException: inner
	... 1 more`

const inTheLine = `2026-01-20 10:00:01 WARN retry: org.postgresql.util.PSQLException: ERROR: duplicate key
  Detail: Key (id)=(1) already exists.
	at org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2676)
	[CIRCULAR REFERENCE: java.lang.Exception: x]`

const twice = `10:00:02 ERROR failed: java.io.IOException: broken pipe
java.io.IOException: broken pipe
	at sun.nio.ch.FileDispatcherImpl.write0(Native Method)
Wrapped by: com.acme.ShopException: sorry
	at com.acme.A.b(A.java:1)`

const plain = ['2026-01-20 10:00:00 INFO started', '2026-01-20 10:00:01 INFO Error rate is 0', '[1] done']

test('Java: an exception is one event with its log line, and the lines around it stay apart', () => {
  const events = [plain[0]!, logback, plain[1]!, uncaught, plain[2]!, inTheLine, twice, plain[0]!]
  assert.deepEqual(together('java', events), events)
})

test('Java: two exceptions in a row without a log line are two events', () => {
  const one = 'java.io.IOException: a\n\tat A.b(A.java:1)'
  assert.deepEqual(grouped('java', `${one}\n${one}`), [one, one])
})

test('Java: an indented line behind an ordinary one is an event of its own', () => {
  assert.deepEqual(grouped('java', 'INFO ready\n  and more'), ['INFO ready', '  and more'])
})
