#!/usr/bin/env bash
# An agent that waits takes little memory, whatever it has done and been asked before.
. "$(dirname "$0")/lib.sh"

MOST_KIB=4608 # what it took before it served a window

# resident_kib [FIELD]: of the agent; Pss is its own share.
resident_kib() {
	awk -v field="${1:-Rss}:" '$1 == field { print $2 }' "/proc/$AGENT_PID/smaps_rollup"
}

# Where no library of the compiler's keeps its own books in between.
is_counted() {
	! grep -q libasan "/proc/$AGENT_PID/maps"
}

is_small() {
	[ "$(resident_kib)" -le $MOST_KIB ] && [ "$(resident_kib Pss)" -le $((MOST_KIB * 2 / 3)) ]
}

stays_small() {
	wait_until "the agent is small again after $1: $(grep -h -E '^(Rss|Pss):' "/proc/$AGENT_PID/smaps_rollup" | tr -s ' \n' ' ')" is_small
}

test_what_was_asked_and_done_leaves_nothing_behind() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	boot_terminal
	if ! is_counted; then
		stop_agent
		return 0
	fi
	stays_small "its start"
	local i
	for i in 1 2 3 4 5; do
		haishin status >/dev/null || true
		haishin history >/dev/null
		haishin explain face-library >/dev/null || true
		haishin settings >/dev/null
	done
	stays_small "its answers"
	haishin check >/dev/null || true
	haishin download-now >/dev/null || true
	stays_small "a download"
	kill -HUP "$AGENT_PID"
	wait_until "the agent is idle again" agent_is_idle
	stays_small "a configuration that was read anew"
	stop_agent
}

# A page or a notice watches for days.
test_who_only_watches_keeps_nothing_awake() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	boot_terminal
	if is_counted; then
		local window
		"$PROGRAMS/haishin-window" --root "$ROOT" --print-address >"$WORLD/address" 2>"$WORLD/window.log" &
		window=$!
		wait_until "the window has an address" grep -q http "$WORLD/address"
		haishin disable --why "a test" >/dev/null
		haishin enable >/dev/null
		stays_small "what those who watch were told"
		kill "$window"
	fi
	stop_agent
}

run_tests
