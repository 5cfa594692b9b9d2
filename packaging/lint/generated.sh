#!/usr/bin/env bash
# Fails when a generated file in the tree differs from what `make generate` writes.
set -euo pipefail
cd "$(dirname "$0")/../.."
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
cp -r webui/src/gen "$kept/gen"
cp shared/protocol/REFERENCE.md "$kept/"
go generate ./shared/...
diff -r "$kept/gen" webui/src/gen && diff "$kept/REFERENCE.md" shared/protocol/REFERENCE.md || {
  echo "generated files were out of date; they are written now, commit them" >&2
  exit 1
}
