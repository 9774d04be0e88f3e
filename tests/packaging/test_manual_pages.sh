#!/usr/bin/env bash
# test_manual_pages.sh SOURCE BUILD: the manual pages are well-formed, and name every verb and option of their programs.
set -euo pipefail
SOURCE=$1
BUILD=$2
export LC_ALL=C.UTF-8
failures=0
# A program and its page.
PAGES='haishin haishin.1
haishin ja/haishin.1
haishind haishind.8
haishin-check haishin-check.8
haishin-fetch haishin-fetch.8
haishin-guard haishin-guard.8
haishin-server haishin-server.8
haishin-audit haishin-audit.1
haishin-notify haishin-notify.1
haishin-window haishin-window.1
haishin-witness haishin-witness.1
haishin-collector haishin-collector.8
../../../tools/site/haishin-site haishin-site.8'

complain() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

# rendered PAGE: as a reader sees it, without overstriking.
rendered() {
	groff -K utf8 -mandoc -mja -Tutf8 -P-cbou "$1"
}

# Without adjustment: a line of Japanese has few blanks that could be widened, or none, and newer groff says so.
test_pages_are_well_formed() {
	local page said
	for page in "$SOURCE"/packaging/man/*.[18] "$SOURCE"/packaging/man/ja/*.1 "$BUILD"/packaging/*.[15]; do
		said=$(groff -dAD=l -K utf8 -wall -mandoc -mja -Tutf8 -z "$page" 2>&1)
		[ -z "$said" ] || complain "groff says of $page: $said"
	done
}

# names PAGE TEXT WORD LINE: TEXT, which is PAGE as readers see it, has WORD as a word of its own; LINE is what to add where it has not.
names() {
	grep -qE -- "(^|[^a-z-])$3([^a-z-]|\$)" <<<"$2" || complain "packaging/man/$1 does not name '$3': add there \"$4\" and what it does"
}

# Lines of the help that begin with two blanks and a small letter begin with a verb.
verbs() {
	"$BUILD/bin/$1" --help | awk '/^  [a-z]/ { word = $1; sub(/,$/, "", word); print word }' | sort -u
}

# Those of haishin's verbs stand in the verbs' own help.
options() {
	{
		"$BUILD/bin/$1" --help
		[ "$1" != haishin ] || for verb in $(verbs haishin); do "$BUILD/bin/haishin" "$verb" --help; done
	} | grep -oE -- '--[a-z][a-z-]*' | sort -u
}

test_pages_name_every_verb_and_option() {
	local program page word text
	while read -r program page; do
		text=$(rendered "$SOURCE/packaging/man/$page")
		[ -n "$(options "$program")" ] || complain "$program --help names no option"
		for word in $(verbs "$program"); do
			names "$page" "$text" "$word" ".It Cm ${word//-/\\-}"
		done
		for word in $(options "$program"); do
			names "$page" "$text" "$word" ".It Fl \\-${word#--}"
		done
	done <<<"$PAGES"
}

test_pages_name_no_option_that_is_not_there() {
	local program page word
	while read -r program page; do
		for word in $(rendered "$SOURCE/packaging/man/$page" | grep -oE -- '(^| |\[)--[a-z][a-z-]*' | grep -oE -- '--[a-z-]+' | sort -u); do
			case $word in --help | --version | --now) continue ;; esac
			grep -qx -- "$word" <(options "$program") || complain "$page names $word, which $program --help does not: take it out"
		done
	done <<<"$PAGES"
}

for name in $(compgen -A function test_); do
	echo "- $name"
	"$name"
done
[ "$failures" -eq 0 ]
