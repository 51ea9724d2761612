#!/usr/bin/env bash
# Starts a real Elasticsearch 8.19.21 on 127.0.0.1:PORT in the foreground, with its state under HOME.
#   servers/elasticsearch8/start.sh HOME PORT
# Needs Maven, a JDK 21 or newer (TEST_JAVA_HOME, or one under /usr/lib/jvm), and Debian's libzstd1.
# HEAP is its heap (1g); CACHE is where its jars are kept (~/.cache/test-servers/elasticsearch8).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=$1 port=$2 version=8.19.21
cache=${CACHE:-$HOME/.cache/test-servers/elasticsearch8}
. "$here/../elasticsearch/node.sh"
