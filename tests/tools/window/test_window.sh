#!/usr/bin/env bash
# The window of staff: the real program, a real agent, and the real Chromium. PICTURES, a folder, gets pictures for the guide.
. "$(dirname "$0")/../../e2e/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C.UTF-8
WINDOW_PID=

# One that runs 1.0.0 of everything.
terminal() {
	running_terminal '[control]' 'staff_may_set = delivery.window terminal.telephone terminal.institution_name' '[restart]' \
		'command = /restart' '[network]' 'rate_outside_window = 0' '[terminal]' 'institution_name = やまだ医院' 'telephone = 05020173758' "$@"
	printf '#!/bin/sh\necho restarted >>%s\n' "$WORLD/restarted" >"$ROOT/restart"
	chmod 755 "$ROOT/restart"
	start_agent
}

# open_window [PROGRAM...]: ADDRESS is its one-time address.
open_window() {
	: >"$WORLD/address"
	LC_ALL=${SPEAKS:-ja_JP.UTF-8} LANGUAGE=${LANGUAGE_OF:-ja} "$@" "$PROGRAMS/haishin-window" --root "$ROOT" --print-address \
		>"$WORLD/address" 2>"$WORLD/window.log" &
	WINDOW_PID=$!
	wait_until "the window has an address" grep -q http "$WORLD/address"
	ADDRESS=$(cat "$WORLD/address")
	PORT_OF_WINDOW=${ADDRESS#http://127.0.0.1:}
	PORT_OF_WINDOW=${PORT_OF_WINDOW%%/*}
}

has_ended() {
	! kill -0 "$WINDOW_PID" 2>/dev/null
}

# look PART: the browser does one part of window.mjs; the program ends with its page.
look() {
	RESTARTED=$WORLD/restarted HAISHIN=$PROGRAMS/haishin HAISHIND=$ROOT/programs/haishind AGENT=$AGENT_PID ROOT=$ROOT \
		"$here/../../browser/with_browser" "$here/window.mjs" "$1" "$ADDRESS" ${PICTURES:+"$PICTURES"} || fail "the browser: $1"
	[ -n "$(command -v chromium)" ] || kill "$WINDOW_PID" # nobody has looked
	wait_until "the window ends with its page" has_ended
	wait "$WINDOW_PID" || fail "the window did not end well"
}

test_all_parts_by_keyboard_in_both_languages() {
	terminal
	open_window
	look tour
	SPEAKS=C.UTF-8 LANGUAGE_OF=en open_window
	look english
	stop_agent
}

test_a_download_goes_on_without_its_page_and_ends_in_a_restart_that_can_be_stopped() {
	terminal
	stop_agent
	sed -i 's/^rate_outside_window = .*/rate_outside_window = 64K/' "$ROOT/etc/haishin/haishin.conf"
	start_agent
	publish_all 2.0.0
	open_window
	look download
	stop_agent
}

test_settings_and_pauses() {
	terminal
	open_window
	look settings
	expect 0 "" haishin settings
	stop_agent
}

test_records_are_filtered_saved_and_copied() {
	repo campaign add 150 --first "$(date -d '2 days ago' +%F)" --last "$(date -d '9 days' +%F)" --afterwards all-day
	terminal '# In a campaign.'
	open_window
	look records
	stop_agent
}

test_the_doctor_step_by_step() {
	terminal
	open_window
	BY=keyboard FINDING=電子証明書 CODE=certificate-ends WAY=つながっています look doctor
	stop_server
	open_window
	BY=mouse FINDING=配信サーバー CODE=server-stopped WAY=ここで止まっています look doctor
	stop_agent
}

test_an_agent_that_goes_and_comes_back() {
	terminal
	open_window
	look gone
	kill "$(cat "$ROOT/again.pid")"
}

# Everything as another account, which may look only: the window, the browser and what drives it.
test_who_may_look_only_sees_that() {
	[ "$(id -u)" -eq 0 ] || return 0
	terminal
	local cache=${XDG_CACHE_HOME:-$HOME/.cache}/haishin
	mkdir -p "$WORLD/theirs/cache/haishin"
	cp -r "$cache"/browser-* "$WORLD/theirs/cache/haishin/" || return 0 # nobody has looked before
	cp -r "$here/window.mjs" "$here/../../browser" "$WORLD/theirs/"
	chown -R 65534:65534 "$WORLD/theirs"
	chmod 755 "$ROOT" "$ROOT/run" "$ROOT/run/haishin"
	local theirs=(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$WORLD/theirs" XDG_CACHE_HOME="$WORLD/theirs/cache"
		LC_ALL=ja_JP.UTF-8 LANGUAGE=ja)
	: >"$WORLD/address"
	within_reach "$PROGRAMS/haishin-window"
	"${theirs[@]}" "$ROOT/programs/haishin-window" --socket "$ROOT/run/haishin/control.sock" --print-address >"$WORLD/address" 2>"$WORLD/window.log" &
	WINDOW_PID=$!
	wait_until "the window has an address" grep -q http "$WORLD/address"
	"${theirs[@]}" "$WORLD/theirs/browser/with_browser" "$WORLD/theirs/window.mjs" visitor "$(cat "$WORLD/address")" || fail "the browser: visitor"
	wait_until "the window ends with its page" has_ended
	stop_agent
}

# times_woken PID
times_woken() {
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/status"
}

test_a_page_that_is_left_open_wakes_nobody() {
	terminal
	open_window
	local agent window left
	IS_OPEN=$WORLD/is-open "$here/../../browser/with_browser" "$here/window.mjs" left "$ADDRESS" &
	left=$!
	if [ -z "$(command -v chromium)" ]; then return 0; fi
	wait_until "the page is open" test -e "$WORLD/is-open"
	agent=$(times_woken "$AGENT_PID") window=$(times_woken "$WINDOW_PID")
	read -rt 20 <> <(:) || true
	[ "$(times_woken "$AGENT_PID")" = "$agent" ] || fail "the agent woke up $(($(times_woken "$AGENT_PID") - agent)) times"
	[ "$(times_woken "$WINDOW_PID")" = "$window" ] || fail "the window woke up $(($(times_woken "$WINDOW_PID") - window)) times"
	# Where no library of the compiler's stands in between.
	grep -q libasan "/proc/$WINDOW_PID/maps" ||
		[ "$(awk '/^VmRSS/ { print $2 }' "/proc/$WINDOW_PID/status")" -lt 16384 ] || fail "the window takes $(grep VmRSS "/proc/$WINDOW_PID/status")"
	rm "$WORLD/is-open"
	wait "$left" || fail "the browser"
	stop_agent
}

run_tests
