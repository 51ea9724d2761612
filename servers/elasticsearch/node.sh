# Sourced by elasticsearch/start.sh and elasticsearch8/start.sh, which set here, version, cache, home and port.
# The jars come from Maven Central once and are kept in $cache; one start at a time fills it, others wait.
# shellcheck shell=bash disable=SC2154
. "$here/../java-home.sh"

fill_cache() {
  rm -rf "$cache" && mkdir -p "$cache/classes" "$cache/root" "$cache/native"
  mvn -q -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/lib"
  mvn -q -f "$here/pom.xml" -P http dependency:copy-dependencies -DoutputDirectory="$cache/http"
  "$JAVA_HOME/bin/javac" -cp "$cache/lib/*" -d "$cache/classes" "$here/ElasticsearchServer.java"
  "$JAVA_HOME/bin/javac" -cp "$cache/lib/*" -d "$cache/root" "$here/RootPlugin.java"
  ln -sf "$(ls /usr/lib/*/libzstd.so.1 | head -1)" "$cache/native/libzstd.so"
  touch "$cache/ready"
}

module() { # NAME CLASS JAR...
  local dir=$home/modules/$1 name=$1 class=$2
  shift 2
  mkdir -p "$dir" && cp "$@" "$dir/"
  printf '%s\n' "name=$name" "description=$name" "version=$version" "elasticsearch.version=$version" \
    java.version=21 "classname=$class" > "$dir/plugin-descriptor.properties"
}

mkdir -p "$(dirname "$cache")" "$home"
(
  flock 9
  [ -f "$cache/ready" ] || fill_cache >&2
) 9> "$cache.lock"
"$JAVA_HOME/bin/jar" cf "$home/rest-root.jar" -C "$cache/root" .
module transport-netty4 org.elasticsearch.transport.netty4.Netty4Plugin \
  "$cache"/http/netty-*.jar "$cache"/http/transport-netty4-*.jar
module rest-root RootPlugin "$home/rest-root.jar"
exec "$JAVA_HOME/bin/java" "-Xmx${HEAP:-1g}" -Des.nativelibs.path="$cache/native" \
  --enable-native-access=ALL-UNNAMED --module-path "$cache/lib" --add-modules ALL-MODULE-PATH \
  -cp "$cache/classes" ElasticsearchServer "$home" "$port"
