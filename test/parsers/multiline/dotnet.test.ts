import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, together } from './grouped.ts'

const serilog = `2026-01-20 10:00:00.123 +00:00 [ERR] checkout failed
System.InvalidOperationException: no stock
 ---> Npgsql.PostgresException (0x80004005): 23505: duplicate key
   at Npgsql.Internal.NpgsqlConnector.ReadMessage() in /src/NpgsqlConnector.cs:line 10
  Exception data:
    Severity: ERROR
   --- End of inner exception stack trace ---
   at Shop.Checkout(Int32 id) in /src/Shop.cs:line 42
--- End of stack trace from previous location ---
   at Shop.Program.Main(String[] args)
ClientConnectionId:5f1e`

const uncaught = `Unhandled exception. System.AggregateException: One or more errors occurred. (a)
 ---> System.Exception: a
   --- End of inner exception stack trace ---
   at Program.<Main>$(String[] args) in /src/Program.cs:line 1
 ---> (Inner Exception #0) System.Exception: a<---`

const console = `fail: Microsoft.AspNetCore.Server.Kestrel[13]
      Connection id "0HM", Request id "0HM:2": An unhandled exception was thrown by the application.
      System.InvalidOperationException: boom
         at Program.<>c.<Main>b__0() in /src/Program.cs:line 3`

test('.NET: exceptions are one event with their log line, and the lines around them stay apart', () => {
  const line = '2026-01-20 10:00:01.000 +00:00 [INF] next'
  const info = 'info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://[::]:8080'
  const events = [line, serilog, line, info, uncaught, line, console, info, line]
  assert.deepEqual(together('dotnet', events), events)
})

test('.NET: what is indented behind an ordinary line, and a second exception, are events of their own', () => {
  const one = 'System.Exception: a\n   at A.B()'
  assert.deepEqual(grouped('dotnet', `ready\n  indented\n${one}\n${one}`), [
    'ready',
    `  indented\n${one}`,
    one,
  ])
})
