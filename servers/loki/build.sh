#!/usr/bin/env bash
# Builds Loki 3.7.8 from its Go module, about nine minutes on two cores, unless it is in CACHE already
# (default: ~/.cache/test-servers/loki). Prints the path of the binary. Needs Go 1.26 or newer.
set -euo pipefail
version=v3.7.8
cache=${CACHE:-$HOME/.cache/test-servers/loki}
binary=$cache/loki-$version

build() {
  # Loki's go.mod names forks that only a main module may use, so the build happens in a module that repeats them.
  rm -rf "$cache/build" && mkdir -p "$cache/build"
  cd "$cache/build"
  dir=$(go mod download -json "github.com/grafana/loki/v3@$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  sed -e 's#^module .*#module test.servers/loki#' -e '/^replace .*=> \.\//d' "$dir/go.mod" > go.mod
  cp "$dir/go.sum" go.sum
  go mod edit -require="github.com/grafana/loki/v3@$version"
  CGO_ENABLED=0 go build -mod=mod -o "$binary.part" github.com/grafana/loki/v3/cmd/loki
  mv "$binary.part" "$binary"
}

mkdir -p "$cache"
(
  flock 9
  [ -x "$binary" ] || build >&2
) 9> "$cache/lock"
echo "$binary"
