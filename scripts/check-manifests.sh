#!/usr/bin/env bash
# What would the API server say to deploy/kubernetes, plain and with each component? Asked is its own code (Go modules,
# pinned in scripts/check-manifests/go.sum): a minute the first time, seconds then. Without Go it is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v go > /dev/null; then
  echo 'skipped: the check of the Kubernetes manifests needs Go 1.26, which is not installed'
  exit 0
fi

work=$(mktemp -d "$PWD/out-manifests-XXXXXX")
trap 'rm -rf "$work"' EXIT
folders=("$PWD/deploy/kubernetes")
for component in deploy/kubernetes/components/*/; do
  folder=$work/$(basename "$component")
  mkdir "$folder"
  printf 'resources: [../../deploy/kubernetes]\ncomponents: [../../%s]\n' "$component" > "$folder/kustomization.yaml"
  folders+=("$folder")
done
go build -C scripts/check-manifests -o "$work/check-manifests" .
"$work/check-manifests" "${folders[@]}"
