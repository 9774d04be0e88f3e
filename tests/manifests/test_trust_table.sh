#!/usr/bin/env bash
# Every test that docs/trust.md names exists, and is run.
set -euo pipefail
cd "$(dirname "$0")/../.."

names=$(grep -o '`test_[a-z0-9_]*`' docs/trust.md | tr -d '`' | sort -u)
[ "$(wc -l <<<"$names")" -gt 50 ] || { echo "docs/trust.md names hardly any test" >&2; exit 1; }

bad=0
for name in $names; do
	grep -rqE "(_test|_teardown)\($name[,)]" tests --include='test_*.c' || { echo "docs/trust.md: no test runs $name" >&2; bad=1; }
done
exit $bad
