#!/usr/bin/env bash
# A new agent that is broken, in each way that it may be, is replaced by the former one within three starts of the machine, and the
# history says why. What the service manager does for haishind.service is done here; tests/proof has the real one.
. "$(dirname "$0")/lib.sh"

# In BODY and SELF_TEST: the real agent, in the release itself, where whoever runs the self-test may read it.
agent='"${0%/*}/agent"'

# agent_release VERSION BODY [SELF_TEST]: distro-app with an agent that runs BODY, and SELF_TEST for its self-test; lines of shell.
agent_release() {
	local input=$WORLD/input/distro-app-$1
	mkdir -p "$input/bin"
	printf '#!/bin/sh\nif [ "$1" = --self-test ]; then\n%s\nfi\n%s\n' "${3:-exec $agent --self-test}" "$2" \
		>"$input/bin/haishind"
	cp "$PROGRAMS/haishin" "$input/bin/"
	cp "$PROGRAMS/haishind" "$input/bin/agent"
	chmod 755 "$input"/bin/*
	"$PROGRAMS/haishin-repo" pack "$input" --package distro-app --version "$1" --level 1 --self-test "bin/haishind --self-test" \
		--health "bin/haishin --root $ROOT status" --health-retries 1 --health-retry-pause 1 --output "$WORLD/packed" \
		>>"$WORLD/repo.log" 2>&1 || fail "pack distro-app $1"
	repo add "$WORLD/packed/distro-app-$1.json"
	repo catalog set "distro-app=$1"
	repo publish
}

# The current agent, as run-current finds it; fails where it ends instead of coming up.
start_current_agent() {
	local program=$ROOT/opt/haishin/distro-app/current/bin/haishind
	[ -e "$program" ] || program=$ROOT/programs/haishind
	"$program" --root "$ROOT" 2>>"$WORLD/haishind.log" &
	AGENT_PID=$!
	wait_until "the agent is idle or has ended" eval "agent_is_idle || ! kill -0 $AGENT_PID"
	agent_is_idle >/dev/null 2>&1
}

# haishind.service: started again whenever it ends; the guard is asked after the fourth time.
serve() {
	local failures=0
	until start_current_agent; do
		failures=$((failures + 1))
		[ $failures -ne 4 ] || "$ROOT/programs/haishin-guard" --root "$ROOT" agent-failed \
			--reason "the agent failed or hung four times within ten minutes" 2>>"$WORLD/guard.log"
		[ $failures -lt 6 ] || fail "no agent comes up"
	done
}

restart_machine() {
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	"$ROOT/programs/haishin-guard" --root "$ROOT" boot 2>>"$WORLD/guard.log" || fail "the guard"
}

state_of_agent() {
	haishin --json status | jq -r '.packages[] | select(.name == "distro-app").state'
}

# new_agent BODY [SELF_TEST]: 1.0.0 is the agent and was confirmed; the new one is staged, and the machine starts anew.
new_agent() {
	start_haishin_server
	make_terminal
	agent_release 1.0.0 "exec $agent \"\$@\""
	restart_machine
	serve
	download_now 0 ""
	stop_agent
	restart_machine
	serve
	[ "$(state_of_agent)" = current ] || fail "distro-app 1.0.0 is not confirmed: $(haishin status)"
	agent_release 2.0.0 "$@"
	download_now 0 ""
	stop_agent
	restart_machine
}

# went_back REASON: the former agent is at work again, and says why.
went_back() {
	runs distro-app 1.0.0
	agent_is_idle >/dev/null 2>&1 || fail "the former agent is not at work"
	haishin --json history | jq -e --arg reason "$1" \
		'[.rows[] | select(.operation == "roll-back" and .version == "2.0.0" and (.detail | contains($reason)))] | length == 1' \
		>/dev/null || fail "the history does not say '$1': $(haishin history --jsonl)"
	download_now 0 ""
	[ "$(state_of_agent)" != staged ] || fail "the broken agent is offered again"
}

test_an_agent_that_crashes_is_taken_back() {
	new_agent 'kill -SEGV $$'
	runs distro-app 2.0.0
	serve
	went_back "failed or hung four times"
}

test_an_agent_that_ends_as_if_all_were_well_is_taken_back() {
	new_agent 'exit 0'
	runs distro-app 2.0.0
	serve
	went_back "failed or hung four times"
}

test_an_agent_that_cannot_open_its_store_is_taken_back() {
	new_agent "sed 's,^\\[paths\\],&\\nstate = /etc/haishin/haishin.conf,' '$ROOT/etc/haishin/haishin.conf' >'$WORLD/broken.conf'
exec $agent --root '$ROOT' --config '$WORLD/broken.conf'"
	runs distro-app 2.0.0
	serve
	went_back "failed or hung four times"
}

test_an_agent_that_hangs_is_taken_back_within_three_starts() {
	new_agent "exec sleep 1000"
	local start
	for start in 1 2 3; do
		runs distro-app 2.0.0
		"$ROOT/opt/haishin/distro-app/current/bin/haishind" --root "$ROOT" &
		AGENT_PID=$!
		wait_until "the agent hangs" grep -q sleep "/proc/$AGENT_PID/comm"
		kill "$AGENT_PID"
		wait "$AGENT_PID" || true
		restart_machine
	done
	serve
	went_back "not confirmed within 3 starts"
}

test_an_agent_that_cannot_be_reached_is_taken_back() {
	new_agent "sed 's,^\\[paths\\],&\\nrun = /elsewhere,' '$ROOT/etc/haishin/haishin.conf' >'$WORLD/elsewhere.conf'
exec $agent --root '$ROOT' --config '$WORLD/elsewhere.conf'"
	runs distro-app 2.0.0
	"$ROOT/opt/haishin/distro-app/current/bin/haishind" --root "$ROOT" 2>>"$WORLD/haishind.log" &
	AGENT_PID=$!
	wait_until "the health check has condemned it" eval "'$PROGRAMS/haishin-guard' --root '$ROOT' status | grep condemned"
	stop_agent
	restart_machine
	serve
	went_back "the health check ended with status"
}

test_an_agent_that_is_not_healthy_ends_once_it_was_taken_back_at_once() {
	new_agent "sed 's,^\\[paths\\],[install]\\nrollback = now\\n&\\nrun = /elsewhere,' '$ROOT/etc/haishin/haishin.conf' >'$WORLD/elsewhere.conf'
exec $agent --root '$ROOT' --config '$WORLD/elsewhere.conf'"
	runs distro-app 2.0.0
	"$ROOT/opt/haishin/distro-app/current/bin/haishind" --root "$ROOT" 2>>"$WORLD/haishind.log" &
	AGENT_PID=$!
	wait_until "the agent has ended by itself" eval "! kill -0 $AGENT_PID"
	runs distro-app 1.0.0
	serve
	went_back "the health check ended with status"
}

test_an_agent_that_cannot_verify_a_signature_is_never_used() {
	new_agent "exec $agent \"\$@\"" \
		"printf '%s\\n' 'openssl_conf = all' '[all]' 'providers = none' '[none]' 'null = only' '[only]' 'activate = 1' >/tmp/no-crypto
OPENSSL_CONF=/tmp/no-crypto exec $agent --self-test"
	runs distro-app 1.0.0
	serve
	went_back "forgery check"
}

# The newer agent takes a setting that the former one has never heard of; then staff send the newer one back.
test_a_former_agent_works_on_with_a_setting_that_only_the_newer_one_knows() {
	new_agent "cp '$ROOT/etc/haishin/haishin.conf' '$WORLD/known.conf'
exec $agent --root '$ROOT' --config '$WORLD/known.conf'"
	runs distro-app 2.0.0
	serve
	[ "$(state_of_agent)" = current ] || fail "distro-app 2.0.0 is not confirmed: $(haishin status)"
	mkdir "$ROOT/etc/haishin/conf.d"
	printf '%s\n' '[network]' 'pause_between = 5m' '[telemetry]' 'colour = blue' >"$ROOT/etc/haishin/conf.d/50-newer.conf"
	expect 0 "" haishin rollback distro-app
	stop_agent
	restart_machine
	runs distro-app 1.0.0
	start_current_agent || fail "the former agent does not start"
	expect 0 "50-newer.conf:2: [network] pause_between" cat "$WORLD/haishind.log"
	expect 0 "50-newer.conf:4: [telemetry] colour" cat "$WORLD/haishind.log"
	expect 0 "2 settings have no effect" haishin status
	expect 0 "[network] pause_between is not known to haishind" haishin doctor
	expect 1 "50-newer.conf:2: [network] pause_between" "$ROOT/programs/haishind" --root "$ROOT" --check-config
	release face-library 5.1.0
	repo catalog set face-library=5.1.0
	repo publish
	stop_agent
	printf '%s\n' '[delivery]' 'window = 00:00-24:00' >"$ROOT/etc/haishin/conf.d/60-night.conf"
	expect 0 "" job night
	rm "$ROOT/etc/haishin/conf.d/60-night.conf"
	restart_machine
	serve
	runs face-library 5.1.0
	haishin --json status | jq -e '(.packages[] | select(.name == "face-library").state) == "current"
		and (.unknown_settings | map(.key)) == ["pause_between", "colour"]' >/dev/null ||
		fail "the night is not complete: $(haishin --json status)"
}

# The service manager starts the agent of the Debian package in spite of the new release.
test_an_agent_that_is_not_the_one_on_trial_confirms_nothing() {
	new_agent "exec $agent \"\$@\""
	runs distro-app 2.0.0
	"$ROOT/programs/haishind" --root "$ROOT" 2>>"$WORLD/haishind.log" &
	AGENT_PID=$!
	wait_until "the trial has ended" eval "'$PROGRAMS/haishin-guard' --root '$ROOT' status | grep condemned"
	stop_agent
	restart_machine
	serve
	went_back "the agent that answers is haishin"
}

run_tests
