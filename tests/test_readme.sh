#!/usr/bin/env bash
# README.md and README.ja.md show the same commands and settings, name the same pages, and every page is there.
set -euo pipefail
cd "$(dirname "$0")/.."

# What is to be typed or written, without what is said about it: behind '#', or behind two blanks.
commands() {
	awk '/^```$/ { inside = !inside } inside' "$1" | grep -aE '^( {8}--|haishin|tools/|tests/|\[|[a-z_]+ = )' |
		sed -e 's/ *#.*//' -e 's/^ *//' -e 's/  .*//'
}

# Not the link from each to the other.
pages() {
	grep -oE '\]\([A-Za-z./-]+\)' "$1" | tr -d '()]' | grep -v '^README' | sort
}

status=0
diff <(commands README.md) <(commands README.ja.md) || { echo "README.ja.md does not show the commands of README.md" >&2; status=1; }
diff <(pages README.md) <(pages README.ja.md) || { echo "README.ja.md does not name the pages of README.md" >&2; status=1; }
[ "$(commands README.md | wc -l)" -gt 15 ] || { echo "README.md shows hardly any command" >&2; status=1; }
for page in $(pages README.md); do
	[ -e "$page" ] || { echo "README.md names $page, which is not there" >&2; status=1; }
done
exit $status
