#!/usr/bin/env bash
# Every test that docs/trust.md and docs/threat-model.md name exists, and is run.
set -euo pipefail
cd "$(dirname "$0")/../.."

bad=0
for page in docs/trust.md docs/threat-model.md; do
	names=$(grep -o '`test_[a-z0-9_]*`' "$page" | tr -d '`' | sort -u)
	[ "$(wc -l <<<"$names")" -gt 25 ] || { echo "$page names hardly any test" >&2; exit 1; }
	for name in $names; do
		grep -rqE "(^[[:space:]]*|\()$name[,)]" tests --include='test_*.c' || grep -rq "^$name()" tests --include='test_*.sh' ||
			{ echo "$page: no test runs $name" >&2; bad=1; }
	done
done
exit $bad
