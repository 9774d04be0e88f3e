#!/usr/bin/env bash
# A rollout that steers itself, rehearsed: twenty real terminals, each below a root of its own with a certificate of its own, which come
# all at once, report to a real collector, which signs the brake's statement into the folder that a real server serves to them. Clocks are
# moved: each day of a test begins at five in the afternoon, before the nights' windows, whatever the hour is.
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # for lib.sh
PACKAGES=(face-library linkage-app)
DAY=0 # so many days after the first is it
BRAKE=brake # the collector's key
COLLECTOR_PID=none
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
		'[metadata]' "repository = $WORLD/publisher/repository" "shelf = $WORLD/shelf" '[brake]' "key = $WORLD/keys/$BRAKE.pem" \
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

# each COMMAND TERMINAL...: COMMAND for each of them, all at once.
each() {
	local command=$1 terminal process processes=()
	shift
	for terminal in "$@"; do
		(at_terminal "$terminal" && "$command" "$terminal") &
		processes+=($!)
	done
	for process in "${processes[@]}"; do wait "$process" || exit 1; done
}

ask_once() {
	moved "$ROOT/programs/haishind" --root "$ROOT" --job button >"$ROOT/job.log" 2>&1 || fail "the contact of $1: $(cat "$ROOT/job.log")"
	cat "$ROOT/job.log" >>"$WORLD/haishind.log"
}

# A collector that is too busy says so; the report then comes with the next contact.
ask_server() {
	ask_once "$1"
	while kill -0 "$COLLECTOR_PID" 2>/dev/null && grep -q "the report was not sent" "$ROOT/job.log"; do ask_once "$1"; done
}

# contact TERMINAL...: each asks the server, whatever the hour, and reports.
contact() {
	each ask_server "$@"
}

start_anew() {
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	moved "$ROOT/programs/haishin-guard" --root "$ROOT" boot 2>>"$WORLD/guard.log" || fail "the guard of $1"
	moved "$ROOT/programs/haishind" --root "$ROOT" --job confirm >>"$WORLD/haishind.log" 2>&1 || true
}

restart() {
	each start_anew "$@"
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

make_one() {
	certificate "$1" "/O=Clinic/CN=$INSTITUTION" extendedKeyUsage=clientAuth 30
	make_terminal '[terminal]' "ring = ${1%-*}" '[server]' "report_url = https://localhost:$COLLECTOR_PORT/reports"
	cp "$WORLD/pki/$1.pem" "$ROOT/etc/haishin/certificates/client.pem"
	cp "$WORLD/pki/$1.key" "$ROOT/etc/haishin/certificates/client.key"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
}

# names RING COUNT: what so many terminals of a ring are called.
names() {
	local i
	for ((i = 1; i <= $2; i++)); do echo "$1-$i"; done
}

make_fleet() {
	local terminal
	certificate boss /CN=Boss extendedKeyUsage=clientAuth 30
	"$PROGRAMS/haishin-repo" key new brake --keys "$WORLD/keys" --unencrypted >>"$WORLD/repo.log" 2>&1 || fail "no key"
	start_haishin_server
	publish_all 1.0.0
	repo rollout brake-key "$WORLD/keys/brake.pub.json"
	repo publish
	start_collector
	for terminal in "${all[@]}"; do # openssl numbers certificates in one file
		at_terminal "$terminal"
		make_one "$terminal"
	done
	contact "${all[@]}"
	restart "${all[@]}"
	stop_collector
	stop_server
}

# Twenty terminals in three rings run 1.0.0; the collector may brake, and is there. Its first evening is the same for all tests.
fleet() {
	mapfile -t pilot < <(names pilot 7)
	mapfile -t north < <(names north 6)
	mapfile -t other < <(names other 7)
	all=("${pilot[@]}" "${north[@]}" "${other[@]}")
	once fleet "keys pki publisher collector.db ${all[*]}" make_fleet
	serve_again "${all[@]/#/$WORLD/}"
	start_collector
	sed -i "s|^report_url = .*|report_url = https://localhost:$COLLECTOR_PORT/reports|" "$WORLD"/*/etc/haishin/haishin.conf
	all_run 1.0.0 "${all[@]}"
}

# begin [OPTION...]: pilots on the first day, north on the next, all on the one after.
begin() {
	moved repo rollout begin face-library=2.0.0 --stage "$(night 0)=ring:pilot" --stage "$(night 1)=ring:north" \
		--stage "$(night 2)=100" "$@"
	moved repo publish
	finds ".stages_open == 1"
	says ".held[0].stages == 1"
}

# ---- A thief, who has the brake's key and a mirror ----

# The mirror has all that is published now.
fill_mirror() {
	rm -rf "$WORLD/thief"
	cp -a "$WORLD/publisher" "$WORLD/thief"
}

# thief_says [OPTION...]: and a statement of the stolen key in the place of the collector's.
thief_says() {
	fill_mirror
	moved "$PROGRAMS/haishin-repo" rollout brake-sign "$@" --repo "$WORLD/thief" --keys "$WORLD/stolen" >>"$WORLD/repo.log" 2>&1 ||
		fail "the thief signs nothing"
	cp "$WORLD/thief/repository/metadata/brake.json" "$WORLD/thiefs.json"
}

start_mirror() {
	rm -f "$WORLD/mirror.port"
	"$PROGRAMS/haishin-server" --root "$WORLD/thief/repository" --listen 127.0.0.1:0 --port-file "$WORLD/mirror.port" \
		--tls-cert "$WORLD/pki/server.pem" --tls-key "$WORLD/pki/server.key" --client-ca "$WORLD/pki/ca.pem" \
		>"$WORLD/mirror.log" 2>&1 &
	MIRROR_PID=$!
	wait_until "the mirror listens" [ -s "$WORLD/mirror.port" ]
}

stop_mirror() {
	kill "$MIRROR_PID"
	wait "$MIRROR_PID" || true
}

# from_mirror TERMINAL...: a contact through the thief's mirror.
from_mirror() {
	local terminal mirror
	start_mirror
	mirror=$(cat "$WORLD/mirror.port")
	for terminal in "$@"; do sed -i "s|^url = .*|url = https://localhost:$mirror|" "$WORLD/$terminal/etc/haishin/haishin.conf"; done
	contact "$@"
	for terminal in "$@"; do sed -i "s|^url = .*|url = https://localhost:$PORT|" "$WORLD/$terminal/etc/haishin/haishin.conf"; done
	stop_mirror
}

# ---- Tests ----

test_a_good_candidate_reaches_all_as_those_before_are_well() {
	fleet
	release face-library 2.0.0
	begin --stop-at rolled-back=50% --stop-at silent=50% --least 2
	contact "${all[@]}"
	finds ".nights[0].taken == 7 and .nights[0].others == 13"
	restart "${all[@]}"
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
	all_run 2.0.0 "${all[@]}"
	moved repo rollout finish face-library
	moved repo publish
	finds ".is_over"
	contact other-1
	all_run 2.0.0 other-1
}

test_one_that_fails_its_health_check_is_stopped_after_the_first_ring() {
	fleet
	release face-library 2.0.0 --health bin/sick --health-retries 1 --health-retry-pause 1
	begin --least 2
	contact "${all[@]}"
	finds ".nights[0].taken == 7"
	restart "${all[@]}"
	all_run 2.0.0 "${pilot[@]}"
	restart "${pilot[@]}"
	all_run 1.0.0 "${pilot[@]}"
	day_comes 1
	contact "${pilot[@]}"
	finds '.stopped.by == "rolled-back" and .stages_open == 1'
	says '.stopped[0].by == "rolled-back"'
	DAY=2
	contact "${all[@]}"
	restart "${all[@]}"
	all_run 1.0.0 "${all[@]}"
}

test_one_that_kills_the_machine_is_stopped_by_silence() {
	fleet
	release face-library 2.0.0
	begin --least 5
	contact "${all[@]}"
	finds ".nights[0].taken == 7 and .nights[0].others == 13"
	day_comes 1 # the pilots were restarted, and that was the last of them
	contact "${north[@]}" "${other[@]}"
	finds '.stopped.by == "silent" and .stages_open == 1'
	says '.stopped[0].by == "silent"'
	DAY=2
	contact "${north[@]}" "${other[@]}"
	restart "${north[@]}" "${other[@]}"
	all_run 1.0.0 "${north[@]}" "${other[@]}"
}

test_a_person_stops_it_also_while_no_collector_runs() {
	fleet
	release face-library 2.0.0
	begin
	contact "${pilot[@]}"
	stop_collector
	expect 0 "face-library 2.0.0 is stopped" collector brake face-library=2.0.0 --why "cameras go dark"
	says '.stopped[0].why == "cameras go dark"'
	contact "${all[@]}"
	restart "${all[@]}"
	all_run 1.0.0 "${all[@]}"
	at_terminal pilot-1
	start_agent
	expect 0 "cameras go dark" haishin history --package face-library
	stop_agent
	start_collector
	finds '.stopped.why == "cameras go dark"'
	moved repo rollout resume face-library
	moved repo publish
	finds ".attempt == 2 and .stopped == null"
	says ".stopped == [] and .held[0].attempt == 2"
	contact "${all[@]}"
	restart "${all[@]}"
	all_run 2.0.0 "${pilot[@]}"
	all_run 1.0.0 "${north[@]}" "${other[@]}"
}

test_while_the_collector_is_down_only_the_rollout_waits() {
	local waiting
	fleet
	waiting=("${pilot[@]:3}" "${north[@]}" "${other[@]}")
	release face-library 2.0.0
	begin
	contact "${pilot[@]:0:3}"
	restart "${pilot[@]:0:3}"
	stop_collector
	DAY=3
	release linkage-app 2.0.0
	moved repo catalog set linkage-app=2.0.0
	moved repo publish
	contact "${all[@]}"
	restart "${all[@]}"
	all_run 2.0.0 "${pilot[@]:0:3}"
	all_run 1.0.0 "${waiting[@]}"
	for ROOT in "${all[@]/#/$WORLD/}"; do runs linkage-app 2.0.0; done
	start_collector
	says ".issued > \"$(date -u -d "@$((EVENING + 3 * 86400 - 600))" +%FT%TZ)\""
	contact "${all[@]}"
	restart "${all[@]}"
	all_run 2.0.0 "${pilot[@]}"
	all_run 1.0.0 "${north[@]}" "${other[@]}"
}

# It stops, and pretends that somebody watches; all else is as it would be without it, and the operator takes it away.
test_a_stolen_key_of_the_brake_changes_nothing_else() {
	fleet
	mkdir -m 700 "$WORLD/stolen"
	cp -p "$WORLD"/keys/brake.* "$WORLD/stolen/"
	release face-library 2.0.0
	begin
	contact "${pilot[@]}"
	finds ".nights[0].taken == 7 and .stopped == null"
	thief_says --stop face-library --why mischief
	from_mirror "${pilot[@]:0:3}" "${other[@]:0:3}"
	restart "${all[@]}"
	all_run 1.0.0 "${pilot[@]:0:3}" "${north[@]}" "${other[@]}"
	all_run 2.0.0 "${pilot[@]:3}"
	finds ".stopped == null" # the collector knows nothing of it
	release linkage-app 2.0.0
	moved repo catalog set linkage-app=2.0.0
	moved repo publish
	thief_says # that nothing is stopped, and no stage is held
	from_mirror "${pilot[@]:0:3}" "${other[@]}"
	contact "${pilot[@]:3}" "${north[@]}"
	restart "${all[@]}"
	all_run 1.0.0 "${pilot[@]:0:3}" "${north[@]}" "${other[@]}" # a stop that was seen is not taken back; no night comes earlier
	for ROOT in "${all[@]/#/$WORLD/}"; do runs linkage-app 2.0.0; done
	"$PROGRAMS/haishin-repo" key new brake-2 --keys "$WORLD/keys" --unencrypted >>"$WORLD/repo.log" 2>&1 || fail "no key"
	moved repo rollout brake-key "$WORLD/keys/brake-2.pub.json"
	moved repo rollout resume face-library
	moved repo publish
	fill_mirror
	cp "$WORLD/thiefs.json" "$WORLD/thief/repository/metadata/brake.json"
	from_mirror "${pilot[@]:0:3}" # where the thief's word is still to be had, and counts no more
	restart "${pilot[@]:0:3}"
	all_run 1.0.0 "${pilot[@]:0:3}"
	stop_collector
	BRAKE=brake-2
	start_collector
	finds ".attempt == 2 and .stopped == null"
	says ".held[0].attempt == 2"
	contact "${all[@]}"
	restart "${all[@]}"
	all_run 2.0.0 "${pilot[@]}"
	all_run 1.0.0 "${north[@]}" "${other[@]}"
}

run_tests
