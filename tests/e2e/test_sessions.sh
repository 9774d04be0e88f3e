#!/usr/bin/env bash
# docs/ja/sessions.md shows what the programs print today, apart from what differs from terminal to terminal.
set -euo pipefail
cd "$(dirname "$0")/../.."

mask() {
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DATE/g' -e 's/[0-9]{2}:[0-9]{2}(:[0-9]{2})?/TIME/g' -e 's/\b[0-9a-f]{8,}\b/DIGEST/g' \
		-e 's/localhost:[0-9]+/localhost:PORT/g' -e 's/[0-9]+ (< 100 %|MiB|行|秒|seconds)/N \1/g' -e 's/(履歴) [0-9]+/\1 N/' \
		-e 's/(again in|あと) [0-9]+/\1 N/' -e 's/^  [0-9]+ +DATE/  N DATE/'
}

captured=$(mktemp)
trap 'rm -f "$captured"' EXIT
tests/e2e/capture_sessions.sh >"$captured"
if ! diff -u <(mask <docs/ja/sessions.md) <(mask <"$captured"); then
	echo "docs/ja/sessions.md is out of date: PROGRAMS=build/dev/bin tests/e2e/capture_sessions.sh >docs/ja/sessions.md" >&2
	exit 1
fi
