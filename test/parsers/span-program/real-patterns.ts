/** A pattern that people use, with a line of what it is for. */
export interface RealPattern {
  readonly name: string
  readonly pattern: string
  readonly line: string
}

const { raw } = String
const real = (name: string, pattern: string, line: string): RealPattern => ({ name, pattern, line })

const access = raw`93.184.216.34 - frank [26/Nov/2026:10:00:00 +0000] "GET /api/search?q=a%20b HTTP/1.1" 200 2326 "https://example.com/start" "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"`

/** The parsers that Fluent Bit ships: conf/parsers.conf and parsers_extra.conf. */
const fluentBit = [
  real(
    'apache',
    raw`^(?<host>[^ ]*) [^ ]* (?<user>[^ ]*) \[(?<time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^\"]*?)(?: +\S*)?)?" (?<code>[^ ]*) (?<size>[^ ]*)(?: "(?<referer>[^\"]*)" "(?<agent>[^\"]*)")?$`,
    access,
  ),
  real(
    'apache2',
    raw`^(?<host>[^ ]*) [^ ]* (?<user>[^ ]*) \[(?<time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^ ]*) +\S*)?" (?<code>[^ ]*) (?<size>[^ ]*)(?: "(?<referer>[^\"]*)" "(?<agent>.*)")?$`,
    access,
  ),
  real(
    'apache_error',
    raw`^\[[^ ]* (?<time>[^\]]*)\] \[(?<level>[^\]]*)\](?: \[pid (?<pid>[^\]]*)\])?( \[client (?<client>[^\]]*)\])? (?<message>.*)$`,
    '[Tue Jan 20 10:00:00.123456 2026] [core:error] [pid 12:tid 34] [client 10.0.0.1:5] AH00126: Invalid URI',
  ),
  real(
    'nginx',
    raw`^(?<remote>[^ ]*) (?<host>[^ ]*) (?<user>[^ ]*) \[(?<time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^\"]*?)(?: +\S*)?)?" (?<code>[^ ]*) (?<size>[^ ]*)(?: "(?<referer>[^\"]*)" "(?<agent>[^\"]*)")?$`,
    access,
  ),
  real(
    'k8s-nginx-ingress',
    raw`^(?<host>[^ ]*) - \[(?<real_ip>[^ ]*)\] - (?<user>[^ ]*) \[(?<time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^\"]*?)(?: +\S*)?)?" (?<code>[^ ]*) (?<size>[^ ]*) "(?<referer>[^\"]*)" "(?<agent>[^\"]*)" (?<request_length>[^ ]*) (?<request_time>[^ ]*) \[(?<proxy_upstream_name>[^ ]*)\] (?<upstream_addr>[^ ]*) (?<upstream_response_length>[^ ]*) (?<upstream_response_time>[^ ]*) (?<upstream_status>[^ ]*) (?<last>[^$]*)`,
    '10.0.0.9 - [10.0.0.9] - - [26/Nov/2026:10:00:00 +0000] "POST /orders HTTP/2.0" 201 12 "-" "curl/8.9" 512 0.004 [shop-web-80] 10.2.0.4:8080 12 0.004 201 4f2a',
  ),
  real(
    'docker-daemon',
    raw`time="(?<time>[^ ]*)" level=(?<level>[^ ]*) msg="(?<msg>[^ ].*)"`,
    'time="2026-11-26T10:00:00.123Z" level=info msg="Loading containers: done."',
  ),
  real(
    'syslog-rfc5424',
    raw`^\<(?<pri>[0-9]{1,5})\>1 (?<time>[^ ]+) (?<host>[^ ]+) (?<ident>[^ ]+) (?<pid>[-0-9]+) (?<msgid>[^ ]+) (?<extradata>(\[(.*)\]|-)) (?<message>.+)$`,
    '<34>1 2026-11-26T10:00:00.003Z web1 su 1024 ID47 [exampleSDID@32473 iut="3"] failed for lonvick [pts/8] now',
  ),
  real(
    'syslog-rfc3164-local',
    raw`^\<(?<pri>[0-9]+)\>(?<time>[^ ]* {1,2}[^ ]* [^ ]*) (?<ident>[a-zA-Z0-9_\/\.\-]*)(?:\[(?<pid>[0-9]+)\])?(?:[^\:]*\:)? *(?<message>.*)$`,
    '<13>Nov  6 10:00:00 sshd[812]: Accepted publickey for root',
  ),
  real(
    'syslog-rfc3164',
    raw`^\<(?<pri>[0-9]+)\>(?<time>[^ ]* {1,2}[^ ]* [^ ]*) (?<host>[^ ]*) (?<ident>[a-zA-Z0-9_\/\.\-]*)(?:\[(?<pid>[0-9]+)\])?(?:[^\:]*\:)? *(?<message>.*)$`,
    '<13>Nov 26 10:00:00 web1 sshd[812]: Accepted publickey for root',
  ),
  real(
    'mongodb',
    raw`^(?<time>[^ ]*)\s+(?<severity>\w)\s+(?<component>[^ ]+)\s+\[(?<context>[^\]]+)]\s+(?<message>.*?) *(?<ms>(\d+))?(:?ms)?$`,
    '2026-11-26T10:00:00.123+0000 I COMMAND  [conn42] command shop.orders command: find { } 104ms',
  ),
  real(
    'cri',
    raw`^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>[^ ]*) (?<message>.*)$`,
    '2026-11-26T10:00:00.123456789Z stderr F Größe geändert',
  ),
  real(
    'kube-custom',
    raw`(?<tag>[^.]+)?\.?(?<pod_name>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)_(?<namespace_name>[^_]+)_(?<container_name>.+)-(?<docker_id>[a-z0-9]{64})\.log$`,
    `kube.web-7d4b9c_shop_nginx-${'0123456789abcdef'.repeat(4)}.log`,
  ),
  real(
    'crowbar',
    raw`^.*\[(?<log_time>[^ ][-.\d\+:]+T[:\d]*)([^\]])*?\]\s+?(?<severity>[^ ]\w+)([\s-]*):?\s+(?<message>.*)`,
    'D, [2026-11-26T10:00:00.123 #812] DEBUG -- : chef run',
  ),
  real(
    'chefclient',
    raw`^\[(?<log_time>[^ ][-.\d\+:]+T[:\d]*)([^\]])*?\]\s+(?<severity>[^ ]\w+):\s+(?<message>.*)$`,
    '[2026-11-26T10:00:00+00:00] INFO: Chef Run complete in 12.3 seconds',
  ),
  real(
    'mysql_error',
    raw`^(?<log_time>[^ +][-\d]+[\ T]*[:\dZ]+)\s*(?<myid>[^ ]\d+)\s+\[(?<severity>[^ ]\w+)\](\s+(?<subsystem>[^ ]\w+):){0,1}\s+(?<message>.*)$`,
    '2026-11-26 10:00:00 140245 [Note] InnoDB: Using Linux native AIO',
  ),
  real(
    'mysql_slow',
    raw`^# User\@Host:\s+(?<user>[^\@][\w\[\]]+)[@\s]+(?<dbhost>[^ ][-.\w]+)\s+(\[(?<dbhost_address>[.\d]+)\]){0,1}\s+(?<message>.*)$`,
    '# User@Host: app[app] @ web1.example.com [10.0.0.5]  Id: 812',
  ),
  real(
    'pacemaker',
    raw`^\s*(?<log_time>[^ ]* {1,2}[^ ]* [^ ]*) \[(?<pid>\d+)\] (?<node>[\-\w]*)\s*(?<component>\w*):\s+(?<severity>\w+):\s+(?<message>.*)$`,
    'Nov 26 10:00:00 [812] node-1 crmd: info: State transition',
  ),
  real(
    'rabbitmq',
    raw`^=(?<severity>[^ ]\w+)\s+REPORT[=\s]*(?<log_time>[^ =][-:.\d\w]+)[\s=]+(?<message>.*)$`,
    '=INFO REPORT==== 26-Nov-2026::10:00:00 === accepting AMQP connection',
  ),
  real(
    'uuid',
    raw`(?<uuid>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})`,
    'order 7c9e6679-7425-40de-944b-e07fc1f90ae7 created',
  ),
  real(
    'iptables',
    raw`\[(?<rule_chain>\w*)-(?<rule_name>\w*)-(?<accept_or_drop>\w*)\]IN=(?<in_interface>[\w.]+)? OUT=(?<out_interface>[\w.]+)? MAC=(?<mac_address>[\w:]+)? SRC=(?<source>(?:[0-9]{1,3}\.){3}[0-9]{1,3}) DST=(?<dest>(?:[0-9]{1,3}\.){3}[0-9]{1,3}) LEN=(?<pkt_len>\d+) TOS=(?<pkt_tos>[\w\d]+) PREC=(?<pkt_prec>[\w\d]+) TTL=(?<pkt_ttl>\d+) ID=(?<pkt_id>\d+)\s?(?<pkg_frg>[A-Z\s].?)\s?PROTO=(?<protocol>[\w\d]+)`,
    '[INPUT-default-D]IN=eth0 OUT= MAC=00:1b:21 SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=4321 DF PROTO=TCP SPT=1 DPT=22',
  ),
  real(
    'couchbase_simple_log',
    raw`^(?<timestamp>\d+-\d+-\d+T\d+:\d+:\d+\.\d+(\+|-)\d+:\d+)\s+\[(?<level>\w+)\](?<message>.*)$`,
    '2026-11-26T10:00:00.303+00:00 [INFO] Started',
  ),
  real(
    'couchbase_simple_log_mixed',
    raw`^(?<timestamp>\d+(-|/)\d+(-|/)\d+(T|\s+)\d+:\d+:\d+(\.\d+(\+|-)\d+:\d+|))\s+((\[)?(?<level>\w+)(\]|:))(?<message>.*)$`,
    '2026/11/26 10:00:00 cbauth: ready',
  ),
  real(
    'couchbase_erlang_multiline',
    raw`\[(?<logger>\w+):(?<level>\w+),(?<timestamp>\d+-\d+-\d+T\d+:\d+:\d+.\d+Z),(?<message>.*)$`,
    '[ns_server:info,2026-11-26T10:00:00.123Z,nonode@nohost:<0.1.0>] ready',
  ),
  real(
    'couchbase_java_multiline',
    raw`^(?<timestamp>\d+-\d+-\d+T\d+:\d+:\d+\.\d+(\+|-)\d+:\d+)\s+(?<level>\w+)\s+(?<class>.*)\s+\[(?<thread>.*)\]\s+(?<message>.*)$`,
    '2026-11-26T10:00:00.339+00:00 INFO CBAS.bootstrap.Application [main] started [ok] now',
  ),
]

/** From Promtail's documentation and posts about it, and from our own docs/formats.md. */
const promtail = [
  real(
    'promtail nginx',
    raw`^(?P<ip>\S+) \S+ \S+ \[(?P<ts>[^\]]+)\] "(?P<method>\S+) (?P<path>\S+) [^"]*" (?P<status>\d+) (?P<bytes>\d+)`,
    access,
  ),
  real(
    'promtail access log',
    raw`^(?P<ip>\S+) (?P<identd>\S+) (?P<user>\S+) \[(?P<timestamp>[\w:/]+\s[+\-]\d{4})\] "(?P<action>\S+)\s?(?P<path>\S+)?\s?(?P<protocol>\S+)?" (?P<status>\d{3}|-) (?P<size>\d+|-)\s?"?(?P<referer>[^"]*)"?\s?"?(?P<useragent>[^"]*)?"?$`,
    access,
  ),
  real(
    'promtail level',
    raw`.*level=(?P<level>[a-zA-Z]+).*ts=(?P<timestamp>[T\d-:.Z]*).*component=(?P<component>[a-zA-Z]+)`,
    'caller=a.go level=info msg=x ts=2026-11-26T10:00:00.1Z foo component=parser bar',
  ),
  real(
    'promtail cri',
    raw`^(?s)(?P<time>\S+?) (?P<stream>stdout|stderr) (?P<flags>\S+?) (?P<content>.*)$`.replace(
      '^(?s)',
      '(?s)^',
    ),
    '2026-11-26T10:00:00Z stdout F hello',
  ),
  real(
    'promtail words',
    raw`^(?P<timestamp>\S+) (?P<severity>\S+) (?P<component>\S+): (?P<message>.*)$`,
    '2026-11-26T10:00:00Z WARN db: slow query: 12 s',
  ),
  real(
    'promtail ignore case',
    raw`(?i)(?P<level>trace|debug|info|warn|error|fatal)\b`,
    '10:00 [main] Error while reading',
  ),
  real(
    'promtail filename',
    raw`^/var/log/pods/(?P<namespace>[^_]+)_(?P<pod>[^_]+)_(?P<uid>[^/]+)/(?P<container>[^/]+)/\d+\.log$`,
    '/var/log/pods/shop_web-7d_4f2a-11/nginx/0.log',
  ),
  real(
    'method and path',
    raw`^(?<message>(?<method>[A-Z]+) (?<path>\S+) - Status: (?<status>\d{3}) - IP: (?<ip>\S+))$`,
    'GET /a - Status: 200 - IP: 10.0.0.1',
  ),
  real(
    'spring boot',
    raw`^(?<time>\S+ \S+) +(?<level>[A-Z]+) (?<pid>\d+) --- \[(?<thread>[^\]]*)\] (?<logger>\S+) +: (?<message>.*)$`,
    '2026-11-26 10:00:00.123  INFO 812 --- [           main] c.e.shop.ShopApplication               : Started in 2.3 seconds',
  ),
  real('level first', raw`^(?<level>\w+)\s+(?<message>.*)$`, 'WARN  disk is nearly full'),
]

/** Grok patterns as they expand without look-behind and atomic groups, and what people write for programs of many kinds. */
const others = [
  real(
    'logback',
    raw`^(?<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}[.,]\d{3}) \[(?<thread>[^\]]+)\] (?<level>TRACE|DEBUG|INFO|WARN|ERROR) +(?<logger>[\w.$]+) - (?<message>.*)$`,
    '2026-11-26 10:00:00,123 [http-nio-8080-exec-1] WARN  com.example.OrderService - order 4711 took 1200 ms - retrying',
  ),
  real(
    'log4j',
    raw`^(?<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?) (?<level>\w+) +\[(?<thread>.*?)\] (?<logger>\S+) \((?<file>[^:]+):(?<lineno>\d+)\) - (?<message>.*)$`,
    '2026-11-26T10:00:00.123+01:00 ERROR [pool-1-thread-[2]] a.b.C (C.java:42) - boom',
  ),
  real(
    'python',
    raw`^(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - (?<logger>[\w.]+) - (?<level>[A-Z]+) - (?<message>.*)$`,
    '2026-11-26 10:00:00,123 - shop.orders - ERROR - could not connect',
  ),
  real(
    'python brackets',
    raw`^\[(?<time>.+?)\] (?<level>\w+) in (?<module>\w+): (?<message>.+)$`,
    '[2026-11-26 10:00:00,123] ERROR in app: Exception on / [GET]',
  ),
  real(
    'klog',
    raw`^(?<level>[IWEF])(?<time>\d{4} \d{2}:\d{2}:\d{2}\.\d{6})\s+(?<thread>\d+) (?<file>[^:]+):(?<lineno>\d+)\] (?<message>.*)$`,
    'I1126 10:00:00.123456    1234 proxier.go:56] syncing',
  ),
  real(
    'redis',
    raw`^(?<pid>\d+):(?<role>[XCSM]) (?<time>\d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}) (?<level>[.\-*#]) (?<message>.*)$`,
    '812:M 26 Nov 2026 10:00:00.123 * Ready to accept connections',
  ),
  real(
    'haproxy',
    raw`^(?<client_ip>[\w.:]+):(?<client_port>\d+) \[(?<time>[^\]]+)\] (?<frontend>\S+) (?<backend>[^/ ]+)/(?<server>\S+) (?<tq>-?\d+)/(?<tw>-?\d+)/(?<tc>-?\d+)/(?<tr>-?\d+)/(?<tt>\+?\d+) (?<status>\d{3}) (?<bytes>\+?\d+) (?<rc>\S+) (?<sc>\S+) (?<state>\S{4}) (?<conn>[\d/+]+) (?<queue>\d+/\d+) "(?<request>[^"]*)"?$`,
    '10.0.0.1:33320 [26/Nov/2026:10:00:00.123] http-in~ web/web1 0/0/1/12/13 200 2750 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
  ),
  real(
    'traefik',
    raw`^(?<host>\S+) \S+ (?<user>\S+) \[(?<time>[^\]]+)\] "(?<method>\S+) (?<path>\S+)(?: (?<protocol>[^"]+))?" (?<status>\d{3}|-) (?<size>\d+|-) "(?<referer>[^"]*)" "(?<agent>[^"]*)" (?<count>\d+) "(?<router>[^"]*)" "(?<server>[^"]*)" (?<duration>\d+)ms$`,
    '10.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /a HTTP/2.0" 200 12 "-" "curl/8" 42 "web@docker" "http://10.2.0.4:80" 3ms',
  ),
  real(
    'envoy',
    raw`^\[(?<start_time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^\"]*?)(?: +\S*)?)? (?<protocol>\S+)" (?<code>[^ ]*) (?<response_flags>[^ ]*) (?<bytes_received>[^ ]*) (?<bytes_sent>[^ ]*) (?<duration>[^ ]*) (?<x_envoy_upstream_service_time>[^ ]*) "(?<x_forwarded_for>[^ ]*)" "(?<user_agent>[^\"]*)" "(?<request_id>[^\"]*)" "(?<authority>[^ ]*)" "(?<upstream_host>[^ ]*)"`,
    '[2026-11-26T10:00:00.123Z] "GET /a HTTP/1.1" 200 - 0 154 3 2 "-" "curl/8" "7c9e6679" "shop" "10.0.0.4:80"',
  ),
  real(
    'postgres',
    raw`^(?<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3} \w+) \[(?<pid>\d+)\] (?:(?<user>[^@ ]*)@(?<db>\S*) )?(?<level>[A-Z]+\d?): +(?<message>.*)$`,
    '2026-11-26 10:00:00.123 UTC [812] app@shop LOG:  duration: 12.3 ms  statement: select 1',
  ),
  real(
    'pgbouncer',
    raw`^(?<time>\S+ \S+ \w+) \[(?<pid>\d+)\] (?<level>\w+) (?:[CS]-0x[0-9a-f]+: (?<db>[^/]+)/(?<user>[^@]+)@(?<client>\S+) )?(?<message>.*)$`,
    '2026-11-26 10:00:00.123 UTC [1] LOG C-0x55d4: shop/app@10.0.0.1:4711 login attempt',
  ),
  real(
    'mysql slow head',
    raw`^# Query_time: (?<query_time>[\d.]+)\s+Lock_time: (?<lock_time>[\d.]+)\s+Rows_sent: (?<rows_sent>\d+)\s+Rows_examined: (?<rows_examined>\d+)$`,
    '# Query_time: 2.000123  Lock_time: 0.000012 Rows_sent: 1  Rows_examined: 100000',
  ),
  real(
    'grok syslog',
    raw`^(?<timestamp>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(?:3[01]|[12][0-9]|0?[1-9]) (?:2[0123]|[01]?[0-9]):(?:[0-5][0-9])(?::(?:[0-5]?[0-9]|60)))(?: (?<host>[0-9A-Za-z][0-9A-Za-z.-]*))? (?<program>[\x21-\x5a\x5c\x5e-\x7e]+)(?:\[(?<pid>[1-9][0-9]*)\])?: (?<message>.*)$`,
    'Nov 26 10:00:00 web1 CRON[812]: (root) CMD (true)',
  ),
  real(
    'grok common log',
    raw`^(?<clientip>(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3})|[0-9A-Za-z][0-9A-Za-z.-]*) (?<ident>[a-zA-Z0-9._-]+) (?<auth>[a-zA-Z0-9._-]+) \[(?<timestamp>\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "(?:(?<verb>\w+) (?<request>\S+)(?: HTTP/(?<httpversion>\d+(?:\.\d+)?))?|(?<rawrequest>.*?))" (?<response>\d+) (?:(?<bytes>\d+)|-)`,
    access,
  ),
  real(
    'grok ipv4',
    raw`(?<ip>(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))`,
    'from 192.168.255.10 port 22',
  ),
  real('grok path', raw`(?<path>(?:/[\w_%!$@:.,+~-]*)+)`, 'open /var/lib/app/data.db failed'),
  real('grok quoted', raw`msg="(?<msg>(?:[^"\\]|\\.)*)"`, raw`level=info msg="he said \"no\" and left" n=1`),
  real(
    'iis',
    raw`^(?<date>\d{4}-\d{2}-\d{2}) (?<time>\d{2}:\d{2}:\d{2}) (?<s_ip>\S+) (?<method>\S+) (?<stem>\S+) (?<query>\S+) (?<port>\d+) (?<user>\S+) (?<c_ip>\S+) (?<agent>\S+) (?<referer>\S+) (?<status>\d+) (?<substatus>\d+) (?<win32>\d+) (?<taken>\d+)$`,
    '2026-11-26 10:00:00 10.0.0.1 GET /a - 443 - 10.0.0.9 Mozilla/5.0 - 200 0 0 15',
  ),
  real(
    'rails',
    raw`^Started (?<method>[A-Z]+) "(?<path>[^"]+)" for (?<ip>\S+) at (?<time>.+)$`,
    'Started GET "/orders?a=1" for 10.0.0.1 at 2026-11-26 10:00:00 +0000',
  ),
  real('glog json mix', raw`^(?<prefix>[^{]*)(?<json>\{.*\})$`, '2026-11-26 info {"a":{"b":1}}'),
  real(
    'key value',
    raw`\bduration=(?<duration>\d+(?:\.\d+)?)(?<unit>ms|us|s)\b`,
    'path=/a duration=12.5ms status=200',
  ),
  real(
    'kafka',
    raw`^\[(?<time>[^\]]+)\] (?<level>[A-Z]+) (?<message>.*) \((?<logger>[\w.$]+)\)$`,
    '[2026-11-26 10:00:00,123] INFO [GroupCoordinator 0]: Stabilized group (x) (kafka.coordinator.group)',
  ),
  real(
    'elasticsearch',
    raw`^\[(?<time>[^\]]+)\]\[(?<level>\w+) *\]\[(?<logger>[^\]]+?) *\] \[(?<node>[^\]]+)\] ?(?<message>.*)$`,
    '[2026-11-26T10:00:00,123][INFO ][o.e.n.Node               ] [es-1] started',
  ),
  real(
    'zookeeper',
    raw`^(?<time>.{23}) \[myid:(?<id>\d*)\] - (?<level>[A-Z]+) +\[(?<thread>.*):(?<class>[^:\]]+)@(?<line>\d+)\] - (?<message>.*)$`,
    '2026-11-26 10:00:00,123 [myid:1] - INFO  [NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181:NIOServerCnxn@1008] - Closed socket',
  ),
  real(
    'all lazy',
    raw`^(?<a>.*?) (?<b>.*?) (?<c>.*?) (?<d>.*?) (?<e>.*?) (?<message>.*?)$`,
    'one two three four five and the rest of it',
  ),
  real('strong password', raw`^(?<x>(?=.*\d)(?!.*secret).*)$`, 'line 1'),
  real('look-behind', raw`(?<![\d.])(?<number>\d+)(?![\d.])`, 'a 12 b'),
  real('same quote', raw`(?<quote>["'])(?<text>.*?)\k<quote>`, `say "it's" now`),
  real('words', raw`^(?<words>(?:\w+\s?)*)$`, 'one two three'),
]

export const realPatterns: readonly RealPattern[] = [...fluentBit, ...promtail, ...others]
