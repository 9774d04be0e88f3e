#!/usr/bin/env bash
# Deliveries from publisher to running release, with the real programs and real web servers.
. "$(dirname "$0")/lib.sh"

deliver_two_generations() {
	publish_all 1.0.0
	make_terminal
	boot_terminal
	expect 0 "" haishin download-now
	runs_nothing face-library
	expect 0 "estart" haishin status
	restart_terminal
	for package in "${PACKAGES[@]}"; do runs "$package" 1.0.0; done
	publish_all 2.0.0
	download_now 0 ""
	restart_terminal
	for package in "${PACKAGES[@]}"; do runs "$package" 2.0.0; done
	haishin --json status | jq -e '.verdict == "up-to-date"' >/dev/null || fail "status: $(haishin status)"
	haishin history verify >/dev/null || fail "the history's chain"
}

test_delivers_from_haishin_server() {
	start_haishin_server
	deliver_two_generations
	grep -q "$INSTITUTION" "$WORLD/access.log" || fail "the access log does not name the client"
}

test_delivers_from_nginx() {
	start_nginx
	deliver_two_generations
}

test_status_agrees_with_the_disk_and_the_store() {
	start_haishin_server
	deliver_two_generations
	local folder
	for package in "${PACKAGES[@]}"; do
		folder=$(haishin --json status | jq -r --arg name "$package" '.packages[] | select(.name == $name) | .folder')
		[ "versions/$folder" = "$(readlink "$ROOT/opt/haishin/$package/current")" ] || fail "$package: $folder"
	done
	[ "$(sqlite3 "$ROOT/var/lib/haishin/state.db" 'pragma integrity_check')" = ok ] || fail "integrity_check"
}

test_a_release_that_is_not_healthy_is_taken_back_and_not_tried_again() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	boot_terminal
	download_now 0 ""
	restart_terminal
	release face-library 2.0.0 --health bin/sick
	repo catalog set face-library=2.0.0
	repo publish
	download_now 0 ""
	restart_terminal
	runs face-library 2.0.0
	restart_terminal
	runs face-library 1.0.0
	download_now 0 ""
	restart_terminal
	runs face-library 1.0.0
	grep -q '"quarantine"' <(haishin history --package face-library --json) || fail "no quarantine in the history"
}

test_a_release_that_fails_its_self_test_is_never_seen_by_the_applications() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	boot_terminal
	download_now 0 ""
	restart_terminal
	local input=$WORLD/input/face-library-2.0.0
	mkdir -p "$input/bin"
	printf '#!/bin/sh\nexit 1\n' >"$input/bin/broken"
	chmod 755 "$input/bin/broken"
	"$PROGRAMS/haishin-repo" pack "$input" --package face-library --version 2.0.0 --self-test bin/broken \
		--output "$WORLD/packed" >/dev/null
	repo add "$WORLD/packed/face-library-2.0.0.json"
	repo catalog set face-library=2.0.0
	repo publish
	download_now 0 ""
	restart_terminal
	runs face-library 1.0.0
	haishin --json status | jq -e '.packages[] | select(.name == "face-library") | .state == "rolled-back"' >/dev/null ||
		fail "$(haishin status)"
}

# A local answer decides: an application's own web server stands for it.
test_a_release_is_confirmed_by_a_local_answer() {
	start_haishin_server
	mkdir "$WORLD/application"
	echo alive >"$WORLD/application/health"
	"$PROGRAMS/haishin-server" --root "$WORLD/application" --listen 127.0.0.1:0 --port-file "$WORLD/application.port" \
		--insecure-http >"$WORLD/application.log" 2>&1 &
	local application=$!
	wait_until "the application listens" test -s "$WORLD/application.port"
	release face-library 1.0.0 --health-url "http://127.0.0.1:$(cat "$WORLD/application.port")/health"
	release linkage-app 1.0.0 --health-url "http://127.0.0.1:$(cat "$WORLD/application.port")/missing"
	repo catalog set face-library=1.0.0 linkage-app=1.0.0
	repo publish
	make_terminal
	boot_terminal
	download_now 0 ""
	restart_terminal
	haishin --json status | jq -e '.packages[] | select(.name == "face-library") | .state == "current"' >/dev/null ||
		fail "face-library was not confirmed: $(haishin status)"
	haishin --json status | jq -e '.packages[] | select(.name == "linkage-app") | .state == "condemned"' >/dev/null ||
		fail "linkage-app was not condemned: $(haishin status)"
	kill "$application"
}

test_the_second_generation_comes_as_a_delta() {
	start_haishin_server
	release linkage-app 1.0.0
	repo catalog set linkage-app=1.0.0
	repo publish
	make_terminal
	boot_terminal
	download_now 0 ""
	restart_terminal
	mkdir -p "$WORLD/input/linkage-app-2.0.0/bin"
	cp "$WORLD/input/linkage-app-1.0.0/bin/self-test" "$WORLD/input/linkage-app-2.0.0/bin/"
	{ echo "a new beginning"; cat "$WORLD/input/linkage-app-1.0.0/data.bin"; } >"$WORLD/input/linkage-app-2.0.0/data.bin"
	"$PROGRAMS/haishin-repo" pack "$WORLD/input/linkage-app-2.0.0" --package linkage-app --version 2.0.0 \
		--self-test bin/self-test --output "$WORLD/packed" >>"$WORLD/repo.log"
	"$PROGRAMS/haishin-repo" delta "$WORLD/packed/linkage-app-2.0.0.json" --from "$WORLD/packed/linkage-app-1.0.0.json" \
		>>"$WORLD/repo.log"
	repo add "$WORLD/packed/linkage-app-2.0.0.json"
	repo catalog set linkage-app=2.0.0
	repo publish
	download_now 0 ""
	restart_terminal
	runs linkage-app 2.0.0
	cmp "$WORLD/input/linkage-app-2.0.0/data.bin" "$ROOT/opt/haishin/linkage-app/current/data.bin" || fail "wrong bytes"
	grep -q 'linkage-app-2.0.0-from-1.0.0.delta3 20' "$WORLD/access.log" || fail "the delta was not fetched"
	! grep -q 'linkage-app-2.0.0.tar.zst' "$WORLD/access.log" || fail "the payload was fetched too"
}

test_rollback_by_hand_goes_back_at_the_next_restart() {
	start_haishin_server
	deliver_two_generations
	expect 0 "" haishin rollback linkage-app
	runs linkage-app 2.0.0
	restart_terminal
	runs linkage-app 1.0.0
	runs face-library 2.0.0
}

# asked_for TIMES: so often was a payload of the third generation asked for.
asked_for() {
	[ "$(grep -c '3.0.0.tar.zst' "$WORLD/access.log")" -ge "$1" ]
}

test_what_helps_does_not_wait_for_a_delivery_that_takes_long() {
	start_haishin_server
	deliver_two_generations
	publish_all 3.0.0
	printf '%s\n' '[network]' 'rate_outside_window = 8192' >>"$ROOT/etc/haishin/haishin.conf" # 300 kB each: minutes
	restart_terminal
	sqlite3 "$ROOT/var/lib/haishin/state.db" "DELETE FROM setting WHERE name = 'button.pressed'"
	haishin download-now >"$WORLD/press.log" 2>&1 &
	local press=$! got=0
	wait_until "bytes come" asked_for 1
	expect 0 "" haishin rollback linkage-app
	wait "$press" || got=$?
	[ "$got" = 75 ] || fail "the press ended with $got: $(cat "$WORLD/press.log")"
	haishin history --jsonl | jq -es 'any(.operation == "fetch" and .outcome == "stopped")' >/dev/null || fail "no row of it"
	sqlite3 "$ROOT/var/lib/haishin/state.db" "DELETE FROM setting WHERE name = 'button.pressed'"
	haishin download-now >"$WORLD/press.log" 2>&1 &
	press=$!
	wait_until "bytes come" asked_for 2
	expect 0 "" haishin disable --why "the line is needed"
	wait "$press" || true
	wait_until "nothing is at work" agent_is_idle
	restart_terminal
	runs linkage-app 1.0.0
}

test_a_disabled_terminal_is_served_from_a_folder() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	boot_terminal
	haishin disable --why "billing week" >/dev/null
	stop_server
	expect 4 "billing week" haishin download-now
	expect 3 "no repository" haishin install "$WORLD/keys"
	expect 0 "4 packages are ready" haishin install "$WORLD/publisher/repository/metadata/timestamp.json"
	expect 0 "nothing new in this repository" haishin install "$WORLD/publisher/repository"
	expect 0 "from a folder, asked for by root" haishin history --jsonl
	restart_terminal
	for package in "${PACKAGES[@]}"; do runs "$package" 1.0.0; done
}

run_tests
