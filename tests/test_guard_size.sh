#!/usr/bin/env bash
# haishin-guard stays small enough to read in one sitting. Counts what of ours is linked into it, line by line of code: comments and blank
# lines do not count, functions that the linker left out do not count.
#
#   functions      the functions that are in the program, those of headers too
#   declarations   what stands outside functions in the source files they come from: tables, structs, macros, includes
#
# An optimised build has functions inlined into others, which do not show: the figure is that of the dev and sanitize builds.
#
# The ceiling is for both together, and stands little above what there is: who needs more raises it, and says why.
#
#   PROGRAMS=folder-of-the-programs tests/test_guard_size.sh [--list | --functions]
set -euo pipefail
cd "$(dirname "$0")/.."
MOST=4060

# "FILE NAME" of each function of ours that the linker kept.
linked=$(nm -l --defined-only "$PROGRAMS/haishin-guard" |
	sed -nE 's#^[0-9a-f]+ [tT] ([a-z][a-z_0-9]*)(\.\S+)?\s+.*/((common|rollback|tools)/([a-z_]+/)?[a-z_]+\.[ch]):[0-9]+$#\3 \1#p' | sort -u)
mapfile -t files < <(cut -d' ' -f1 <<<"$linked" | sort -u)

# Prints "FILE LINES NAME" of each linked function, "FILE LINES -" of what stands outside functions. A definition begins in the first
# column, and "}" in the first column ends it; one line that begins with DEFINE stands for a function that a macro makes.
counted=$(awk -v linked="$linked" '
	function add(what, more) { sum[FILENAME " " what] += more }
	function is_ours(name) { return (FILENAME " " name) in is_linked }
	function name_in(text) {
		sub(/^int\(/, "int ", text) # error_set() and its like have a macro of the same name
		match(text, /[a-z_0-9]+\)?\(/)
		text = substr(text, RSTART, RLENGTH)
		gsub(/[()]/, "", text)
		return text
	}
	BEGIN { for (n = split(linked, names, "\n"); n; n--) is_linked[names[n]] = 1 }
	FNR == 1 { head = ""; name = "" }
	in_comment || /^[ \t]*\/\*/ { in_comment = !/\*\//; next }
	/^[ \t]*$/ { next }
	name != "" {
		lines++
		if (!/^}/) next
		if (is_ours(name)) add(name, lines)
		name = ""
		next
	}
	/^DEFINE_/ { made = $0; sub(/^[A-Z_]+\(/, "auto_", made); sub(/,.*/, "", made); if (is_ours(made)) add(made, 1); next }
	head == "" && /^[a-z].*\(/ && !/;$/ && !/=/ && !/^typedef/ { head = $0; lines = 1; next }
	head == "" { if (FILENAME ~ /\.c$/) add("-", 1); next }
	/^{/ { name = name_in(head); head = ""; lines++; next }
	/;$/ { if (FILENAME ~ /\.c$/) add("-", lines + 1); head = ""; next }
	{ lines++ }
	END { for (key in sum) { split(key, part, " "); print part[1], sum[key], part[2] } }' "${files[@]}")

case ${1:-} in
--functions) sort -k1,1 -k2,2nr <<<"$counted" ;;
--list) awk '{ if ($3 == "-") d[$1] += $2; else f[$1] += $2; all[$1] }
	END { for (file in all) printf "%5d + %3d %s\n", f[file], d[file], file }' <<<"$counted" | sort -rn ;;
esac
sum_of() { awk "$1"' { sum += $2 } END { print sum + 0 }' <<<"$counted"; }
own=$(sum_of '$3 != "-" && $1 !~ /^common/')
functions=$(sum_of '$3 != "-"')
declarations=$(sum_of '$3 == "-"')
echo "haishin-guard: $functions lines of functions ($own of its own, $((functions - own)) of common/) and $declarations of declarations:" \
	"$((functions + declarations)), $MOST at most"
missed=$(comm -23 <(sort <<<"$linked") <(awk '{ print $1, $3 }' <<<"$counted" | sort))
[ -z "$missed" ] || { echo "the count is broken: it misses $missed" >&2; exit 1; }
[ "$functions" -gt 500 ] || { echo "the count is broken" >&2; exit 1; }
[ "$((functions + declarations))" -le "$MOST" ] || { echo "haishin-guard has grown too large to be read in one sitting" >&2; exit 1; }
