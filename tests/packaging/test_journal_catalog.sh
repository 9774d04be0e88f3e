#!/usr/bin/env bash
# test_journal_catalog.sh SOURCE: the journal's catalog explains every message of the agent, in English and Japanese, in a form that
# journalctl takes.
set -euo pipefail
SOURCE=$1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
failures=0

complain() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

messages() {
	sed -nE 's/^\tX\(([A-Z_]+), "([0-9a-f]{32})".*/\2 \1/p' "$SOURCE/agent/base/message_ids.h"
}

test_every_message_is_explained_in_both_languages() {
	local id name file
	[ "$(messages | wc -l)" -gt 10 ] || complain "agent/base/message_ids.h holds hardly any message"
	for file in haishin.catalog haishin.ja.catalog; do
		while read -r id name; do
			grep -qx -- "-- $id" "$SOURCE/packaging/journal/$file" ||
				complain "packaging/journal/$file does not explain $name: add \"-- $id\", Subject, Defined-By, Documentation and a text"
		done < <(messages)
	done
}

test_nothing_else_is_explained() {
	local id
	while read -r id; do
		grep -q "^$id " <(messages) || complain "packaging/journal explains $id, which is not in agent/base/message_ids.h"
	done < <(sed -n 's/^-- //p' "$SOURCE"/packaging/journal/*.catalog)
}

test_journalctl_takes_the_catalog() {
	local listed
	mkdir -p "$WORK"/{usr/lib,etc,var/lib}/systemd/catalog
	cp "$SOURCE"/packaging/journal/*.catalog "$WORK/usr/lib/systemd/catalog/"
	journalctl --root="$WORK" --update-catalog 2>"$WORK/said" || complain "journalctl --update-catalog: $(cat "$WORK/said")"
	[ ! -s "$WORK/said" ] || complain "journalctl says: $(cat "$WORK/said")"
	listed=$(journalctl --root="$WORK" --list-catalog | grep -c ' haishin: ')
	[ "$listed" -eq "$(messages | wc -l)" ] || complain "journalctl lists $listed messages, not all"
}

for name in $(compgen -A function test_); do
	echo "- $name"
	"$name"
done
[ "$failures" -eq 0 ]
