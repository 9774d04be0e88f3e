#!/usr/bin/env bash
# What goes wrong at a terminal: each fault with its exit status and its words, nothing lost, and the next attempt succeeds.
. "$(dirname "$0")/lib.sh"

# terminal [LINE...]: one that could update, and has not yet.
terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal "$@"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
}

and_then_all_is_well() {
	download_now 0 ""
	boot_terminal
	for package in "${PACKAGES[@]}"; do runs "$package" 1.0.0; done
	stop_agent
}

test_server_unreachable() {
	terminal
	stop_server
	expect 8 "localhost" job button
	runs_nothing face-library
	serve_again "$ROOT"
	and_then_all_is_well
}

test_certificate_missing() {
	terminal
	rm "$ROOT"/etc/haishin/certificates/*
	expect 8 "certificate" job button
	cp "$WORLD"/pki/client.{pem,key} "$ROOT/etc/haishin/certificates/"
	and_then_all_is_well
}

test_certificate_expired() {
	terminal
	LD_PRELOAD=$(find /usr/lib -name libfaketime.so.1 -print -quit) FAKETIME=-30d openssl x509 -in "$WORLD/pki/client.csr" -req -CA "$WORLD/pki/ca.pem" -CAkey "$WORLD/pki/ca.key" \
		-days 10 -out "$ROOT/etc/haishin/certificates/client.pem" 2>/dev/null
	expect 8 "expired" job button
	cp "$WORLD/pki/client.pem" "$ROOT/etc/haishin/certificates/"
	and_then_all_is_well
}

test_server_with_another_certificate() {
	terminal
	cp "$ROOT/etc/haishin/server-ca.pem" "$WORLD/good-ca.pem"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=other -days 2 \
		-out "$ROOT/etc/haishin/server-ca.pem" 2>/dev/null
	expect 8 "certificate" job button
	cp "$WORLD/good-ca.pem" "$ROOT/etc/haishin/server-ca.pem"
	and_then_all_is_well
}

test_no_space() {
	terminal 'reserve_space = 100000G'
	expect 9 "delivery leaves free" job button
	runs_nothing face-library
	sed -i '/^reserve_space/d' "$ROOT/etc/haishin/haishin.conf"
	and_then_all_is_well
}

test_damaged_payload_is_refused_and_the_others_come() {
	terminal
	local payload
	payload=$(echo "$WORLD"/publisher/repository/targets/linkage-app/*.tar.zst)
	cp "$payload" "$WORLD/kept"
	printf X | dd of="$payload" bs=1 seek=1000 conv=notrunc 2>/dev/null
	expect 7 "linkage-app" job button
	boot_terminal
	runs face-library 1.0.0
	runs_nothing linkage-app
	stop_agent
}

test_second_agent() {
	terminal
	start_agent
	expect 75 "another haishind runs" "$ROOT/programs/haishind" --root "$ROOT"
	stop_agent
	and_then_all_is_well
}

test_server_that_lies_about_metadata() {
	terminal
	local timestamp=$WORLD/publisher/repository/metadata/timestamp.json
	cp "$timestamp" "$WORLD/kept"
	sed -i 's/"version": *\([0-9]*\)/"version":9\1/' "$timestamp"
	expect 7 "timestamp" job button
	cp "$WORLD/kept" "$timestamp"
	and_then_all_is_well
}

test_an_older_timestamp_is_a_rollback_attack() {
	terminal
	cp "$WORLD/publisher/repository/metadata/timestamp.json" "$WORLD/old.json"
	download_now 0 ""
	repo refresh
	expect 0 "" job check
	cp "$WORLD/old.json" "$WORLD/publisher/repository/metadata/timestamp.json"
	expect 7 "rollback attack" job check
	start_agent
	grep -q "rollback attack" <(haishin history --json) || fail "the history does not name the attack"
	stop_agent
}

test_configuration_errors_name_file_and_line() {
	terminal
	local conf=$ROOT/etc/haishin/haishin.conf
	cp "$conf" "$WORLD/good.conf"
	for case in 'start_delay_s = 1|given twice' 'attempts_per_night = many|many'; do
		cp "$WORLD/good.conf" "$conf"
		echo "${case%|*}" >>"$conf"
		expect 1 "haishin.conf:$(wc -l <"$conf")" "$ROOT/programs/haishind" --root "$ROOT"
		expect 1 "${case#*|}" "$ROOT/programs/haishind" --root "$ROOT"
	done
	printf '\xef\xbb\xbf' | cat - "$WORLD/good.conf" >"$conf"
	expect 1 "byte order mark" "$ROOT/programs/haishind" --root "$ROOT"
	{ cat "$WORLD/good.conf"; printf '# \x90\xdd\x92\xe8\n'; } >"$conf"
	expect 1 "Shift-JIS" "$ROOT/programs/haishind" --root "$ROOT"
	sed 's|^programs = .*|programs = /opt/a\&b|' "$WORLD/good.conf" >"$conf"
	expect 1 "'&'" "$ROOT/programs/haishind" --root "$ROOT"
	cp "$WORLD/good.conf" "$conf"
	and_then_all_is_well
}

test_a_damaged_store_is_set_aside() {
	terminal
	download_now 0 ""
	boot_terminal
	stop_agent
	head -c 8192 /dev/urandom >"$ROOT/var/lib/haishin/state.db"
	boot_terminal
	runs face-library 1.0.0
	haishin --json status | jq -e '.store_set_aside' >/dev/null || fail "status does not tell"
	ls "$ROOT"/var/lib/haishin/state.db.damaged-* >/dev/null || fail "the damaged store was not kept"
	stop_agent
}

test_an_unknown_package() {
	terminal
	start_agent
	expect 3 "no-such" haishin rollback no-such
	stop_agent
}

# as_nobody VERB...: an account that is neither root nor the agent's.
as_nobody() {
	LC_ALL=C.UTF-8 LANGUAGE=en setpriv --reuid=nobody --regid=nogroup --clear-groups "$ROOT/programs/haishin" --root "$ROOT" "$@"
}

test_an_account_that_changes_things_all_the_time_is_held_up() {
	local i got refused=0
	[ "$(id -u)" = 0 ] || return 0 # another account is for root to become
	start_haishin_server
	make_terminal
	printf '%s\n' '[control]' 'users = nobody' >>"$ROOT/etc/haishin/haishin.conf"
	boot_terminal
	for i in $(seq 40); do
		got=0
		{ as_nobody hold face-library && as_nobody unhold face-library; } >>"$WORLD/nobody.log" 2>&1 || got=$?
		[ $got = 0 ] || [ $got = 5 ] || fail "ended with $got"
		[ $got = 0 ] || refused=$((refused + 1))
	done
	[ $refused -gt 0 ] || fail "nobody was never refused"
	grep -q "asked for too often" "$WORLD/nobody.log" || fail "it is not told why"
	expect 0 "The history is sound" as_nobody history verify
	expect 0 "" haishin hold face-library # others are not held up by it
	[ "$(haishin history --jsonl | grep -c '"operation":"\(hold\|let-go\)"')" -le 62 ] || fail "each of them left a row"
}

test_no_agent() {
	terminal
	expect 1 "" haishin status
}

test_a_mistake_in_the_settings_is_told_and_the_agent_keeps_to_the_former_ones() {
	terminal
	start_agent
	sed -i 's/^window = .*/window = always/' "$ROOT/etc/haishin/haishin.conf"
	expect 1 "[delivery] window" "$ROOT/programs/haishind" --root "$ROOT" --check-config
	expect 2 "--root 'terminal' is no absolute path" "$ROOT/programs/haishind" --root terminal --check-config
	kill -HUP "$AGENT_PID"
	wait_until "the mistake is told" grep -q "delivery. window: .*; the former configuration holds" "$WORLD/haishind.log"
	expect 0 "Hours of delivery: $WINDOW" haishin status
	sed -i 's/^window = always/window = 21:00-04:00/' "$ROOT/etc/haishin/haishin.conf"
	expect 0 "nothing is wrong" "$ROOT/programs/haishind" --root "$ROOT" --check-config
	kill -HUP "$AGENT_PID"
	wait_until "the correction holds" eval "haishin status | grep 'Hours of delivery: 21:00-04:00'"
	stop_agent
}

# in_japanese COMMAND...
in_japanese() {
	LC_ALL=C.UTF-8 LANGUAGE=ja "$PROGRAMS/haishin" --root "$ROOT" "$@"
}

# settings_are_missing ASKED...: each says so, and how they come back
settings_are_missing() {
	local asked
	for asked in "$@"; do
		grep -q "This terminal's settings file is missing" <(haishin $asked 2>&1) || fail "$asked: $(haishin $asked 2>&1)"
		grep -q "force-confmiss" <(haishin $asked 2>&1) || fail "$asked: $(haishin $asked 2>&1)"
		grep -q "etc/haishin/haishin.conf" <(haishin $asked 2>&1) || fail "$asked names no file"
	done
	! grep -q "names the file and the line" <(haishin status 2>&1) || fail "there is no line: $(haishin status 2>&1)"
	grep -q "この端末の設定ファイルがなくなっています" <(in_japanese status 2>&1) || fail "$(in_japanese status 2>&1)"
}

test_settings_that_are_gone_are_told_with_how_they_come_back() {
	terminal
	start_agent
	mv "$ROOT/etc/haishin/haishin.conf" "$WORLD/kept.conf"
	settings_are_missing status
	expect 1 "'haishin doctor' says what it is" haishin download-now
	expect 3 "configuration-missing" haishin --json doctor
	stop_agent
	settings_are_missing status doctor
	mv "$WORLD/kept.conf" "$ROOT/etc/haishin/haishin.conf"
	start_agent
	expect 0 "" haishin check
	stop_agent
}

# A job that starts looks for a resident part, to do the work of the start itself where there is none.
test_jobs_that_start_do_not_keep_the_agent_from_starting_anew() {
	local round jobs
	PORT=1 make_terminal
	boot_terminal
	for round in $(seq 20); do
		jobs=()
		for _ in 1 2 3 4 5 6; do
			"$ROOT/programs/haishind" --root "$ROOT" --job check >/dev/null 2>&1 &
			jobs+=($!)
		done
		kill -HUP "$AGENT_PID" || fail "round $round: the agent is gone"
		wait "${jobs[@]}" || true
	done
	wait_until "the agent answers" agent_is_idle
	stop_agent
}

# boot_without_agent: a start of the machine at which only the guard runs.
boot_without_agent() {
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	"$ROOT/programs/haishin-guard" --root "$ROOT" boot 2>>"$WORLD/guard.log" || fail "the guard"
}

test_jobs_by_hand_know_what_the_guard_did() {
	local job
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	boot_without_agent
	expect 0 "" job confirm # before anything is there
	expect 0 "" job button
	boot_without_agent
	expect 0 "" job confirm
	publish_all 1.1.0
	for job in check button button confirm doctor; do # what is staged waits for the restart, whatever is asked for meanwhile
		expect 0 "" job $job
	done
	boot_without_agent
	boot_without_agent # a second start, with no job in between
	expect 0 "" job button
	[[ $(readlink "$ROOT/opt/haishin/face-library/current") == versions/1.1.0-* ]] || fail "the new release is not current"
	expect 0 "" job confirm
	expect 0 "" job confirm
	boot_without_agent
	start_agent
	[ "$(readlink "$ROOT/opt/haishin/face-library/current")" != "$(readlink "$ROOT/opt/haishin/face-library/previous")" ] ||
		fail "there is no way back"
	! grep -qE "roll back|quarantine|give up" <(haishin history) || fail "a good release is told as bad: $(haishin history)"
	[ "$(haishin --json history --package face-library | jq '[.rows[] | select(.operation == "confirm" and .outcome == "done")] | length')" = 2 ] ||
		fail "not both releases were confirmed: $(haishin history)"
	expect 0 "" haishin rollback face-library
	stop_agent
}

run_tests
