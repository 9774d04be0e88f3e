#!/usr/bin/env bash
# A rollout, rehearsed: real terminals, each below a root of its own, a real server, and clocks that are moved. Whoever holds the
# brake's key signs its statements by hand.
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # for lib.sh
PACKAGES=(face-library linkage-app)
RINGS=(pilot north none)
DAY=0 # so many days from now is it

# moved COMMAND...: runs it on that day.
moved() {
	local library
	library=$(find /usr/lib -name libfaketime.so.1 -print -quit)
	LD_PRELOAD=$library FAKETIME="+${DAY}d" FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 "$@"
}

night() {
	TZ=Asia/Tokyo date -d "$1 days 12 hours ago" +%F
}

says_brake() {
	moved repo rollout brake-sign "$@"
}

at_terminal() {
	ROOT=$WORLD/$1
}

# night_of RING: its contact, whatever the hour.
night_of() {
	at_terminal "$1"
	moved "$ROOT/programs/haishind" --root "$ROOT" --job button >>"$WORLD/haishind.log" 2>&1 || fail "the night of $1"
}

restart_of() {
	at_terminal "$1"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	moved "$ROOT/programs/haishin-guard" --root "$ROOT" boot 2>>"$WORLD/guard.log" || fail "the guard of $1"
	moved "$ROOT/programs/haishind" --root "$ROOT" --job confirm >>"$WORLD/haishind.log" 2>&1 || true
}

day_passes() {
	local ring
	for ring in "${RINGS[@]}"; do
		night_of "$ring"
		restart_of "$ring"
	done
}

# They run VERSIONS, ring by ring.
all_run() {
	local i=0 version
	for version in "$@"; do
		at_terminal "${RINGS[$i]}"
		runs face-library "$version"
		i=$((i + 1))
	done
}

make_fleet() {
	local ring
	start_haishin_server
	publish_all 1.0.0
	"$PROGRAMS/haishin-repo" key new brake --keys "$WORLD/keys" --unencrypted >>"$WORLD/repo.log" 2>&1
	repo rollout brake-key "$WORLD/keys/brake.pub.json"
	release face-library 2.0.0
	repo publish
	for ring in "${RINGS[@]}"; do
		at_terminal "$ring"
		make_terminal '[terminal]' "ring = $ring"
		cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	done
	day_passes
	stop_server
}

# The fleet runs 1.0.0; a key may brake; 2.0.0 is there. Its first day is the same for all tests.
fleet() {
	once fleet "keys publisher ${RINGS[*]}" make_fleet
	serve_again "${RINGS[@]/#/$WORLD/}"
	all_run 1.0.0 1.0.0 1.0.0
}

# Pilots tonight, north tomorrow, all the day after.
begin() {
	repo rollout begin face-library=2.0.0 --stage "$(night 0)=ring:pilot" --stage "$(night 1)=ring:north" --stage "$(night 2)=100"
	repo publish
}

test_a_good_candidate_reaches_all_by_its_stages() {
	fleet
	begin
	says_brake
	day_passes
	all_run 2.0.0 1.0.0 1.0.0
	at_terminal none
	start_agent
	expect 0 "step by step" haishin status
	expect 0 "rollout" haishin explain face-library
	haishin --json status | jq -e '.packages[] | select(.name == "face-library") | .not_its_turn and .candidate.gate == "night"' >/dev/null ||
		fail "$(haishin --json status)"
	stop_agent
	DAY=1
	says_brake
	day_passes
	all_run 2.0.0 2.0.0 1.0.0
	DAY=2
	says_brake
	day_passes
	all_run 2.0.0 2.0.0 2.0.0
	moved repo rollout finish face-library
	moved repo publish
	day_passes
	all_run 2.0.0 2.0.0 2.0.0
}

test_nobody_watches_and_only_the_rollout_waits() {
	fleet
	begin
	says_brake
	day_passes
	DAY=3 # no statement since
	release linkage-app 2.0.0
	moved repo catalog set linkage-app=2.0.0
	moved repo publish
	day_passes
	all_run 2.0.0 1.0.0 1.0.0
	runs linkage-app 2.0.0
	says_brake
	day_passes
	all_run 2.0.0 2.0.0 2.0.0
}

test_a_stop_takes_out_what_waits_for_a_restart() {
	fleet
	begin
	says_brake
	night_of pilot
	says_brake --stop face-library --why "cameras go dark"
	night_of pilot
	DAY=2
	day_passes
	all_run 1.0.0 1.0.0 1.0.0
	at_terminal pilot
	start_agent
	expect 0 "cameras go dark" haishin history --package face-library
	stop_agent
}

test_a_recall_brings_the_former_release_back() {
	fleet
	begin
	says_brake
	day_passes
	all_run 2.0.0 1.0.0 1.0.0
	repo rollout withdraw face-library --why "cameras go dark" --recall
	repo publish
	night_of pilot
	start_agent
	expect 0 "called back by the operator" haishin status
	expect 0 "recalled by the operator: cameras go dark" haishin history --package face-library
	stop_agent
	all_run 2.0.0 1.0.0 1.0.0
	day_passes
	all_run 1.0.0 1.0.0 1.0.0
}

# It can stop, and nothing else: not name, not begin, not take back a stop.
test_a_stolen_key_of_the_brake_changes_nothing_else() {
	fleet
	begin
	says_brake --stop face-library --why mischief
	day_passes
	all_run 1.0.0 1.0.0 1.0.0
	rm "$WORLD/publisher/repository/metadata/brake.json"
	DAY=1
	says_brake # the thief pretends that somebody watches, and that nothing is stopped
	day_passes
	all_run 1.0.0 1.0.0 1.0.0
	release linkage-app 2.0.0
	moved repo catalog set linkage-app=2.0.0
	moved repo publish
	day_passes
	runs linkage-app 2.0.0
	cp "$WORLD/publisher/repository/metadata/brake.json" "$WORLD/thiefs.json"
	"$PROGRAMS/haishin-repo" key new brake2 --keys "$WORLD/keys" --unencrypted >>"$WORLD/repo.log" 2>&1
	moved repo rollout brake-key "$WORLD/keys/brake2.pub.json"
	moved repo rollout resume face-library
	moved repo publish
	day_passes # the thief's statement is still there, and counts no more
	all_run 1.0.0 1.0.0 1.0.0
	says_brake
	day_passes
	all_run 2.0.0 2.0.0 1.0.0
}

run_tests
