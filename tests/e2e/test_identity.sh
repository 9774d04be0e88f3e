#!/bin/bash
# A disk that was copied makes another terminal; what should be a file and is none holds nobody up. With the real programs.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

terminal() {
	mkdir -p "$ROOT/etc"
	echo 0123456789abcdef0123456789abcdef >"$ROOT/etc/machine-id"
	running_terminal
	start_agent
}

key_of() {
	haishin --json history key | jq -r .key_id
}

# in_japanese COMMAND...
in_japanese() {
	LC_ALL=C.UTF-8 LANGUAGE=ja "$PROGRAMS/haishin" --root "$ROOT" "$@"
}

test_a_copied_disk_makes_another_terminal_that_says_so() {
	local original=$ROOT former
	terminal
	former=$(key_of)
	stop_agent
	cp -a "$ROOT" "$WORLD/copy"
	ROOT=$WORLD/copy
	echo fedcba9876543210fedcba9876543210 >"$ROOT/etc/machine-id"
	boot_terminal
	[ "$(key_of)" != "$former" ] || fail "the copy has the same key"
	expect 0 "This terminal's disk was in another machine before" haishin status
	expect 0 "この端末のディスクは前に別の機械で使われていました" in_japanese status
	expect 0 "$former" jq -r .identity.former <(haishin --json status)
	expect 0 "true" jq -r .identity.shares_certificate <(haishin --json status)
	expect 0 "Up to date" haishin status
	expect 0 "the disk is in another machine than before" haishin history
	expect 0 "in place of terminal $former" haishin history --jsonl
	expect 0 "The history is sound" haishin history verify
	haishin history key >"$WORLD/terminal.pub"
	expect 0 "" haishin history export "$WORLD/export.jsonl"
	expect 0 "The export is sound" haishin history verify --file "$WORLD/export.jsonl" --key "$WORLD/terminal.pub"
	expect 0 "" haishin download-now # it goes on delivering
	restart_terminal
	expect 0 1 jq -s 'map(select(.operation == "key")) | length' <(haishin history --jsonl)
	stop_agent
	ROOT=$original
	boot_terminal
	[ "$(key_of)" = "$former" ] || fail "the original has another key"
	expect 0 null jq -r .identity <(haishin --json status)
	stop_agent
}

test_a_key_that_was_removed_is_named_then_made_anew_and_told() {
	local former
	terminal
	former=$(key_of)
	rm "$ROOT/var/lib/haishin/terminal.key"
	expect 0 "terminal.key: it is missing" haishin status
	expect 0 "terminal.key: ありません" in_japanese status
	expect 0 "" haishin check
	[ -e "$ROOT/var/lib/haishin/terminal.key" ] || fail "it was not made anew"
	[ "$(key_of)" != "$former" ] || fail "that cannot be"
	expect 0 "This terminal's own key was gone; another one was made." haishin status
	expect 0 "The history is sound" haishin history verify
	stop_agent
}

# Each in its turn: the agent starts, answers, and says what is odd unless it has mended it.
test_what_is_no_plain_file_holds_nobody_up() {
	local file path kind
	terminal
	for file in state.db terminal.key environment boot/plan boot/journal catalog.json tuf/root.json tuf/timestamp.json \
		tuf/snapshot.json tuf/targets.json tuf/time-floor receipt.json enrolment.wish ledger.policy; do
		for kind in pipe folder link device grown; do
			[[ $kind != @(device|grown) ]] || [[ $file =~ ^(state.db|terminal.key|boot/.*|tuf/root.json|tuf/timestamp.json)$ ]] || continue
			[ "$kind" = pipe ] || [[ ! $file =~ receipt.json|enrolment.wish|ledger.policy ]] || continue
			stop_agent
			path=$ROOT/var/lib/haishin/$file
			rm -rf "$path"
			case $kind in
			pipe) mkfifo "$path" ;;
			folder) mkdir -p "$path/inside" ;;
			link) ln -s /nowhere/at/all "$path" ;;
			grown) truncate -s 1G "$path" ;;
			device) mknod "$path" c 1 5 || continue ;; # /dev/zero: it never ends
			esac
			boot_terminal
			expect 0 "" timeout 60 "$ROOT/programs/haishin" --root "$ROOT" status
			timeout 60 "$ROOT/programs/haishin" --root "$ROOT" doctor >"$WORLD/doctor" 2>&1 || [ $? -lt 100 ] ||
				fail "the doctor waits for $file, a $kind"
			timeout 60 "$ROOT/programs/haishin" --root "$ROOT" check >"$WORLD/check" 2>&1 || [ $? -lt 100 ] ||
				fail "a check waits for $file, a $kind"
			[[ $file =~ receipt.json|enrolment.wish|ledger.policy ]] || expect 0 "" haishin history verify
			[ -f "$path" ] || [ ! -e "$path" ] && [ ! -L "$path" ] || grep -q "$file" "$WORLD/doctor" || [ "$file" = enrolment.wish ] ||
				[[ $file =~ receipt.json|ledger.policy ]] || fail "nothing names $file, a $kind: $(cat "$WORLD/doctor")"
			rm -rf "$path"
		done
	done
	stop_agent
}

test_settings_and_keys_that_are_no_plain_files_are_named() {
	terminal
	mkdir -p "$ROOT/etc/haishin/conf.d"
	mkfifo "$ROOT/etc/haishin/conf.d/odd.conf"
	expect 1 "odd.conf' is no plain file" timeout 60 "$ROOT/programs/haishind" --root "$ROOT" --check-config
	rm "$ROOT/etc/haishin/conf.d/odd.conf"
	rm "$ROOT/etc/haishin/certificates/client.key"
	mkfifo "$ROOT/etc/haishin/certificates/client.key"
	timeout 60 "$ROOT/programs/haishin" --root "$ROOT" doctor >"$WORLD/doctor" 2>&1 && fail "nothing is wrong with a key that is a pipe"
	grep -q "client.key" "$WORLD/doctor" || fail "the doctor does not name the key: $(cat "$WORLD/doctor")"
	stop_agent
}

run_tests
