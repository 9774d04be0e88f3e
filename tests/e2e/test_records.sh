#!/usr/bin/env bash
# The records of a terminal: what auditors and the server learn, by the real programs.
. "$(dirname "$0")/lib.sh"

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal "$@"
}

test_the_history_is_checked_on_another_machine() {
	terminal
	boot_terminal
	expect 0 "" job button
	restart_terminal
	expect 0 "The history is sound" haishin history verify
	expect 0 "rows are in $WORLD/history.jsonl" haishin history export "$WORLD/history.jsonl"
	expect 1 "File exists" haishin history export "$WORLD/history.jsonl"
	haishin history key >"$WORLD/terminal.pub"
	stop_agent
	rm -r "$ROOT/var/lib/haishin" # the other machine has neither the terminal's records nor its agent
	expect 0 "The export is sound: rows 1 to" haishin history verify --file "$WORLD/history.jsonl" --key "$WORLD/terminal.pub"
	sed '3s/"outcome":"[a-z]*"/"outcome":"failed"/' "$WORLD/history.jsonl" >"$WORLD/edited.jsonl"
	expect 1 "history row 2 was changed" haishin history verify --file "$WORLD/edited.jsonl" --key "$WORLD/terminal.pub"
	expect 2 "go together" haishin history verify --file "$WORLD/history.jsonl"
}

test_the_private_key_is_for_root_alone() {
	terminal
	boot_terminal
	[ "$(stat -c %a "$ROOT/var/lib/haishin/terminal.key")" = 600 ] || fail "the key's mode"
	! grep -q PRIVATE <(haishin history key; haishin --json history key; haishin history export) || fail "the key got out"
	stop_agent
}

run_tests
