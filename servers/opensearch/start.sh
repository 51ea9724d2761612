#!/usr/bin/env bash
# Starts a real OpenSearch 3.8 on 127.0.0.1:PORT in the foreground, with its state under HOME.
#   servers/opensearch/start.sh HOME PORT
# Needs Maven and a JDK 21 or newer (TEST_JAVA_HOME, or one under /usr/lib/jvm).
# HEAP is its heap (1g); MAX_CONTENT its http.max_content_length (100mb); CACHE is where its jars are kept (~/.cache/test-servers/opensearch).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=$1 port=$2
cache=${CACHE:-$HOME/.cache/test-servers/opensearch}
. "$here/../java-home.sh"

fill_cache() {
  rm -rf "$cache" && mkdir -p "$cache"
  mvn -q -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/lib"
  touch "$cache/ready"
}

mkdir -p "$(dirname "$cache")" "$home"
(
  flock 9
  [ -f "$cache/ready" ] || fill_cache >&2
) 9> "$cache.lock"
# Each time, as the source may be newer than the cache; it takes a second.
"$JAVA_HOME/bin/javac" -cp "$cache/lib/*" -d "$home/classes" "$here/OpenSearchServer.java"
exec "$JAVA_HOME/bin/java" "-Xmx${HEAP:-1g}" -cp "$home/classes:$cache/lib/*" OpenSearchServer "$home" "$port"
