#!/usr/bin/env bash
# Starts a real Loki 3.7.8 on 127.0.0.1:PORT (gRPC on PORT+1) in the foreground, with its state under HOME.
#   servers/loki/start.sh HOME PORT
# Builds it first where build.sh has not done so. GET /ready answers 200 about 15 s after the start.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=$1 port=$2
binary=$(bash "$here/build.sh")
mkdir -p "$home"
HTTP_PORT=$port GRPC_PORT=$((port + 1)) HOME_DIR=$home exec "$binary" \
  -config.file="${LOKI_CONFIG:-$here/loki.yaml}" -config.expand-env=true
