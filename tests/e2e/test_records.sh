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

# another_environment FOLDER: a second publisher with keys of its own, behind a folder as on a stick.
another_environment() {
	local production=$WORLD
	mkdir -p "$1/keys" && chmod 700 "$1/keys"
	WORLD=$1
	repo init --unencrypted
	for package in "${PACKAGES[@]}"; do repo delegate "$package" --unencrypted; done
	publish_all 2.0.0
	WORLD=$production
	cp "$1/publisher/repository/metadata/1.root.json" "$ROOT/usr/share/haishin/verification.json"
	printf '%s\n' '[environment verification]' "url = file://$1/publisher/repository" \
		'trusted_root = /usr/share/haishin/verification.json' >>"$ROOT/etc/haishin/haishin.conf"
}

is_connected_to() {
	haishin --json status | jq -e --arg name "$1" '.environment == $name and .job == null'
}

test_switching_the_environment_keeps_both_states_apart() {
	terminal
	another_environment "$WORLD/verification"
	boot_terminal
	expect 0 "" job button
	expect 0 "* " haishin env
	expect 0 "switched from production to verification" haishin env verification
	wait_until "the agent has started over" is_connected_to verification
	expect 0 "connection verification environment" haishin status
	expect 0 "" job button
	[ -e "$ROOT/var/lib/haishin/environments/verification/tuf/root.json" ] || fail "no trust of its own"
	haishin --json env | jq -e '[.chapters[].environment] == ["production", "verification"]' >/dev/null || fail "chapters"
	expect 0 "switched from verification to production" haishin env production
	wait_until "the agent has started over" is_connected_to production
	expect 0 "" job check # trust of production goes on where it was: another publisher's would be refused
	expect 3 "nowhere" haishin env nowhere
	expect 0 "The history is sound" haishin history verify
	stop_agent
}

run_tests
