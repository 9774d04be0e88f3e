#!/usr/bin/env bash
# What bash takes without a word.
#
# Under `set -o pipefail` a reader that stops early ends its writer by SIGPIPE, now and then: a pipe must not lead into one.
# `grep -q PATTERN <(COMMAND)`, `sed -n 1p` and `find -print -quit` say the same and always mean it.
set -euo pipefail
cd "$(dirname "$0")/.."

if grep -rnE '(^|[^|])\| *(head|grep -[a-zA-Z]*q)' tests tools debian packaging --include='*.sh' \
	--include=demo --include=proof --include=run --include=setup; then
	echo "these pipes end in a reader that may stop before its writer has written all"
	exit 1
fi

# The second of two functions of one name takes the place of the first. Parts that are read into one program are looked at together.
twice() {
	local again
	again=$(grep -hoE '^[a-zA-Z_][a-zA-Z_0-9]*\(\)' "$@" | sort | uniq -d | tr '\n' ' ')
	[ -z "$again" ] || { echo "$*: defined twice: $again" && return 1; }
}
bad=0
while read -r file; do
	twice "$file" || bad=1
done < <(grep -rlE '^(#!.*bash|# shellcheck shell=bash)' tests tools debian packaging)
twice tools/site/* || bad=1
exit $bad
