#!/usr/bin/env bash
# Starts a real Elasticsearch 9.5.3 on 127.0.0.1:PORT in the foreground, with its state under HOME.
#   servers/elasticsearch/start.sh HOME PORT
# Needs Maven, a JDK 21 or newer (TEST_JAVA_HOME, or one under /usr/lib/jvm), and Debian's libzstd1.
# HEAP is its heap (1g); CACHE is where its jars are kept (~/.cache/test-servers/elasticsearch).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=$1 port=$2 version=9.5.3
cache=${CACHE:-$HOME/.cache/test-servers/elasticsearch}
. "$here/../elasticsearch/node.sh"
