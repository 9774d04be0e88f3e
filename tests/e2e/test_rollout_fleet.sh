#!/usr/bin/env bash
# A rollout that steers itself, rehearsed: real terminals, each below a root of its own with a certificate of its own, report to a
# real collector, which signs the brake's statement into the folder that a real server serves to them. Clocks are moved: each day
# of a test begins at five in the afternoon, before the nights' windows, whatever the hour is.
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # for lib.sh
PACKAGES=(face-library linkage-app)
DAY=0 # so many days after the first is it
EVENING=$(TZ=Asia/Tokyo date -d "17:00" +%s)
[ "$EVENING" -gt "$(date +%s)" ] || EVENING=$((EVENING + 86400))
AHEAD=$((EVENING - $(date +%s)))
LIBRARY=$(find /usr/lib -name libfaketime.so.1 -print -quit)

# moved COMMAND...: runs it on that day.
moved() {
	LD_PRELOAD=$LIBRARY FAKETIME="+$((AHEAD + DAY * 86400))s" FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 "$@"
}

night() {
	TZ=Asia/Tokyo date -d "@$((EVENING + $1 * 86400))" +%F
}

# ---- The collector ----

collector() {
	moved "$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" "$@"
}

start_collector() {
	printf '%s\n' '[collector]' "listen = 127.0.0.1:${COLLECTOR_PORT:-0}" "tls_certificate = $WORLD/pki/server.pem" \
		"tls_key = $WORLD/pki/server.key" "client_ca = $WORLD/pki/ca.pem" '[store]' "url = $WORLD/collector.db" \
		'[metadata]' "repository = $WORLD/publisher/repository" "shelf = $WORLD/shelf" '[brake]' "key = $WORLD/keys/brake.pem" \
		"file = $WORLD/publisher/repository/metadata/brake.json" '[fleet]' 'summary_age = 0s' \
		'[role boss]' 'is = operator' 'subject = CN=Boss' >"$WORLD/collector.conf"
	rm -f "$WORLD/collector.port"
	moved exec "$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" --port-file "$WORLD/collector.port" \
		>>"$WORLD/collector.log" 2>&1 &
	COLLECTOR_PID=$!
	wait_until "the collector listens or has ended" eval "[ -s '$WORLD/collector.port' ] || ! kill -0 $COLLECTOR_PID"
	[ -s "$WORLD/collector.port" ] || fail "the collector has ended"
	COLLECTOR_PORT=$(cat "$WORLD/collector.port")
}

stop_collector() {
	kill "$COLLECTOR_PID"
	wait "$COLLECTOR_PID" || fail "the collector did not end well"
}

ask_collector() {
	curl -sS --cacert "$WORLD/pki/ca.pem" --cert "$WORLD/pki/boss.pem" --key "$WORLD/pki/boss.key" \
		"https://localhost:$COLLECTOR_PORT/api/v1/$1"
}

# That somebody asks for the fleet's figures lets it look again.
rollout_is() {
	ask_collector fleet >"$WORLD/fleet.json"
	ask_collector rollouts >"$WORLD/rollouts.json"
	jq -e ".rollouts | max_by(.attempt) | $1" "$WORLD/rollouts.json"
}

# finds CONDITION: the collector comes to it, and the statement that is served says the same.
finds() {
	local end=$((SECONDS + 60))
	until rollout_is "$1" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "the collector does not find '$1': $(cat "$WORLD/rollouts.json")"
		read -rt 0.1 <> <(:) || true
	done
}

says() {
	wait_until "the brake says '$1'" jq -e ".signed.haishin | $1" "$WORLD/publisher/repository/metadata/brake.json"
}

day_comes() {
	DAY=$1
	stop_collector
	start_collector
}

# ---- The fleet ----

at_terminal() {
	ROOT=$WORLD/$1
}

# contact TERMINAL...: each asks the server, whatever the hour, and reports.
contact() {
	local terminal
	for terminal in "$@"; do
		at_terminal "$terminal"
		moved "$ROOT/programs/haishind" --root "$ROOT" --job button >>"$WORLD/haishind.log" 2>&1 || fail "the contact of $terminal"
	done
}

restart() {
	local terminal
	for terminal in "$@"; do
		at_terminal "$terminal"
		cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
		moved "$ROOT/programs/haishin-guard" --root "$ROOT" boot 2>>"$WORLD/guard.log" || fail "the guard of $terminal"
		moved "$ROOT/programs/haishind" --root "$ROOT" --job confirm >>"$WORLD/haishind.log" 2>&1 || true
	done
}

# all_run VERSION TERMINAL...
all_run() {
	local version=$1 terminal
	shift
	for terminal in "$@"; do
		at_terminal "$terminal"
		runs face-library "$version"
	done
}

# terminals COUNT RING: so many, all in that ring, whose names go into the array of the ring's name.
terminals() {
	local i names=()
	for ((i = 1; i <= $1; i++)); do
		at_terminal "$2-$i"
		certificate "$2-$i" "/O=Clinic/CN=$INSTITUTION" extendedKeyUsage=clientAuth 30
		make_terminal '[terminal]' "ring = $2" '[server]' "report_url = https://localhost:$COLLECTOR_PORT/reports"
		cp "$WORLD/pki/$2-$i.pem" "$ROOT/etc/haishin/certificates/client.pem"
		cp "$WORLD/pki/$2-$i.key" "$ROOT/etc/haishin/certificates/client.key"
		cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
		names+=("$2-$i")
	done
	eval "$2=(${names[*]})"
	contact "${names[@]}"
	restart "${names[@]}"
	all_run 1.0.0 "${names[@]}"
}

# fleet PILOTS NORTH OTHERS: they run 1.0.0; the collector may brake, and is there.
fleet() {
	certificate boss /CN=Boss extendedKeyUsage=clientAuth 30
	"$PROGRAMS/haishin-repo" key new brake --keys "$WORLD/keys" --unencrypted >>"$WORLD/repo.log" 2>&1 || fail "no key"
	start_haishin_server
	publish_all 1.0.0
	repo rollout brake-key "$WORLD/keys/brake.pub.json"
	repo publish
	start_collector
	pilot=() north=() other=()
	terminals "$1" pilot
	terminals "$2" north
	terminals "$3" other
}

# begin [OPTION...]: pilots on the first day, north on the next, all on the one after.
begin() {
	moved repo rollout begin face-library=2.0.0 --stage "$(night 0)=ring:pilot" --stage "$(night 1)=ring:north" \
		--stage "$(night 2)=100" "$@"
	moved repo publish
	finds ".stages_open == 1"
	says ".held[0].stages == 1"
}

# ---- Tests ----

test_a_good_candidate_reaches_all_as_those_before_are_well() {
	fleet 7 2 2
	release face-library 2.0.0
	begin --stop-at rolled-back=50% --stop-at silent=50% --least 2
	contact "${pilot[@]}" "${north[@]}" "${other[@]}"
	finds ".nights[0].taken == 7 and .nights[0].others == 4"
	restart "${pilot[@]}" "${north[@]}" "${other[@]}"
	all_run 2.0.0 "${pilot[@]}"
	all_run 1.0.0 "${north[@]}" "${other[@]}"
	day_comes 1
	contact "${north[@]}" # their night has come, and nothing is known of the pilots
	restart "${north[@]}"
	all_run 1.0.0 "${north[@]}"
	contact "${pilot[@]}"
	finds ".stages_open == 2"
	says ".held[0].stages == 2"
	contact "${north[@]}" "${other[@]}"
	restart "${north[@]}" "${other[@]}"
	all_run 2.0.0 "${north[@]}"
	all_run 1.0.0 "${other[@]}"
	day_comes 2
	contact "${pilot[@]}" "${north[@]}"
	finds ".stages_open == 3"
	says ".held[0].stages == 3"
	contact "${other[@]}"
	restart "${other[@]}"
	all_run 2.0.0 "${pilot[@]}" "${north[@]}" "${other[@]}"
	moved repo rollout finish face-library
	moved repo publish
	finds ".is_over"
	contact other-1
	all_run 2.0.0 other-1
}

test_one_that_fails_its_health_check_is_stopped_after_the_first_ring() {
	fleet 3 2 0
	release face-library 2.0.0 --health bin/sick --health-retries 1 --health-retry-pause 1
	begin --least 2
	contact "${pilot[@]}" "${north[@]}"
	finds ".nights[0].taken == 3"
	restart "${pilot[@]}" "${north[@]}"
	all_run 2.0.0 "${pilot[@]}"
	restart "${pilot[@]}"
	all_run 1.0.0 "${pilot[@]}"
	day_comes 1
	contact "${pilot[@]}"
	finds '.stopped.by == "rolled-back" and .stages_open == 1'
	says '.stopped[0].by == "rolled-back"'
	DAY=2
	contact "${north[@]}" "${pilot[@]}"
	restart "${north[@]}" "${pilot[@]}"
	all_run 1.0.0 "${north[@]}" "${pilot[@]}"
}

test_one_that_kills_the_machine_is_stopped_by_silence() {
	fleet 7 8 0
	release face-library 2.0.0
	begin --least 5
	contact "${pilot[@]}" "${north[@]}"
	finds ".nights[0].taken == 7 and .nights[0].others == 8"
	day_comes 1 # the pilots were restarted, and that was the last of them
	contact "${north[@]}"
	finds '.stopped.by == "silent" and .stages_open == 1'
	says '.stopped[0].by == "silent"'
	DAY=2
	contact north-1
	restart north-1
	all_run 1.0.0 "${north[@]}"
}

test_a_person_stops_it_also_while_no_collector_runs() {
	fleet 1 1 0
	release face-library 2.0.0
	begin
	contact "${pilot[@]}"
	stop_collector
	expect 0 "face-library 2.0.0 is stopped" collector brake face-library=2.0.0 --why "cameras go dark"
	says '.stopped[0].why == "cameras go dark"'
	contact "${pilot[@]}"
	restart "${pilot[@]}"
	all_run 1.0.0 "${pilot[@]}"
	start_agent
	expect 0 "cameras go dark" haishin history --package face-library
	stop_agent
	start_collector
	finds '.stopped.why == "cameras go dark"'
	moved repo rollout resume face-library
	moved repo publish
	finds ".attempt == 2 and .stopped == null"
	says ".stopped == [] and .held[0].attempt == 2"
	contact "${pilot[@]}"
	restart "${pilot[@]}"
	all_run 2.0.0 "${pilot[@]}"
	all_run 1.0.0 "${north[@]}"
}

test_while_the_collector_is_down_only_the_rollout_waits() {
	fleet 2 1 0
	release face-library 2.0.0
	begin
	contact pilot-1
	restart pilot-1
	stop_collector
	DAY=3
	release linkage-app 2.0.0
	moved repo catalog set linkage-app=2.0.0
	moved repo publish
	contact pilot-1 pilot-2 north-1
	restart pilot-1 pilot-2 north-1
	all_run 2.0.0 pilot-1
	all_run 1.0.0 pilot-2 north-1
	for ROOT in "$WORLD"/{pilot-1,pilot-2,north-1}; do runs linkage-app 2.0.0; done
	start_collector
	says ".issued > \"$(date -u -d "@$((EVENING + 3 * 86400 - 600))" +%FT%TZ)\""
	contact pilot-1 pilot-2 north-1
	restart pilot-1 pilot-2 north-1
	all_run 2.0.0 pilot-1 pilot-2
	all_run 1.0.0 north-1
}

run_tests
