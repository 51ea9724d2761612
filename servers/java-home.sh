# Sourced by the start scripts: sets and exports JAVA_HOME to a JDK 21 or newer, TEST_JAVA_HOME if that is given.
JAVA_HOME=${TEST_JAVA_HOME:-}
if [ -z "$JAVA_HOME" ]; then
  for candidate in /usr/lib/jvm/*-2[1-9]-* /usr/lib/jvm/*-2[1-9]; do
    if [ -x "$candidate/bin/javac" ]; then JAVA_HOME=$candidate; fi
  done
fi
if [ ! -x "$JAVA_HOME/bin/javac" ]; then
  echo "no JDK 21 or newer under /usr/lib/jvm: install one, or name it in TEST_JAVA_HOME" >&2
  exit 1
fi
export JAVA_HOME
