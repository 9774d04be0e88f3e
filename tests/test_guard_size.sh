#!/usr/bin/env bash
# haishin-guard stays small enough to read: the lines of code of every function of ours that is linked into it. Comments, blank lines,
# declarations and functions that the linker left out do not count.
#
#   PROGRAMS=folder-of-the-programs tests/test_guard_size.sh [--list]
set -euo pipefail
cd "$(dirname "$0")/.."
MOST=2300

mapfile -t sources < <(readelf --debug-dump=info "$PROGRAMS/haishin-guard" 2>/dev/null |
	grep -oE '(tools|common|rollback)/[a-z_]+\.c$' | sort -u)
functions=$(nm "$PROGRAMS/haishin-guard" | awk '$2 ~ /^[tT]$/ { print $3 }')
list=$(awk -v functions="$functions" '
	BEGIN { split(functions, names, "\n"); for (i in names) linked[names[i]] = 1 }
	# A definition begins in the first column and has no ";" before its "{" in the first column.
	/^[a-z].*[a-z_0-9]+\(/ && !/;$/ && !/^(struct|enum|union|typedef|DEFINE)/ && !/=/ {
		match($0, /[a-z_0-9]+\(/)
		counts = substr($0, RSTART, RLENGTH - 1) in linked
	}
	/^(struct|enum) .*[a-z_0-9]+\(/ && !/;$/ && !/=/ {
		match($0, /[a-z_0-9]+\(/)
		counts = substr($0, RSTART, RLENGTH - 1) in linked
	}
	counts && !/^[ \t]*$/ && !/^[ \t]*(\/\*|\*)/ { lines[FILENAME]++ }
	/^}/ { counts = 0 }
	END { for (file in lines) print lines[file], file }' "${sources[@]}" | sort -rn)
total=$(awk '{ sum += $1 } END { print sum }' <<<"$list")
[ "${1:-}" != --list ] || echo "$list"
echo "haishin-guard: $total lines of code, $MOST at most"
[ "$total" -gt 500 ] || { echo "the count is broken" >&2; exit 1; }
[ "$total" -le "$MOST" ] || { echo "haishin-guard has grown too large to be read in one sitting" >&2; exit 1; }
