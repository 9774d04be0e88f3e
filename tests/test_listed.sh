#!/usr/bin/env bash
# Each test that stands in the tree is run: a script or a program that no list names would be forgotten, and nobody would notice.
# usage: test_listed.sh BUILD
set -euo pipefail
cd "$(dirname "$0")"
build=${1:?where it was built}
commands=$(mktemp)
trap 'rm -f "$commands"' EXIT
ctest --test-dir "$build" --show-only=json-v1 | jq -r '.tests[] | .name, .command[]?' | sed 's|.*/||' | sort -u >"$commands"
status=0
while IFS= read -r file; do
	name=${file##*/}
	# Some are for other builds than this one: without sanitizers, say.
	grep -qx "${name%.c}" "$commands" || grep -qsw "${name%.c}" "${file%/*}/CMakeLists.txt" || { echo "tests/${file#./} is never run: name it in the CMakeLists.txt beside it" >&2; status=1; }
done < <(find . -name 'test_*.c' -o -name 'test_*.sh' -o -name 'test_*.py')
exit $status
