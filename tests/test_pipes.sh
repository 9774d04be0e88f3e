#!/usr/bin/env bash
# Under `set -o pipefail` a reader that stops early ends its writer by SIGPIPE, now and then: a pipe must not lead into one.
# `grep -q PATTERN <(COMMAND)`, `sed -n 1p` and `find -print -quit` say the same and always mean it.
set -euo pipefail
cd "$(dirname "$0")/.."

if grep -rnE '(^|[^|])\| *(head|grep -[a-zA-Z]*q)' tests tools debian packaging --include='*.sh' \
	--include=demo --include=proof --include=run --include=setup; then
	echo "these pipes end in a reader that may stop before its writer has written all"
	exit 1
fi
