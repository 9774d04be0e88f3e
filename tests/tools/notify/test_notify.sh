#!/usr/bin/env bash
# The notices of the desktop: the real program, a real agent, and a real notification daemon (dunst) on a screen and a session bus of the
# test's own.
. "$(dirname "$0")/../../e2e/lib.sh"

# One bus for each run of this file.
if [ -z "${DBUS_SESSION_BUS_ADDRESS_OF_TEST:-}" ]; then
	exec env DBUS_SESSION_BUS_ADDRESS_OF_TEST=yes dbus-run-session -- "$0"
fi
export DISPLAY= XDG_RUNTIME_DIR

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal '[restart]' 'command = /restart' 'in_use_command = /unused' "$@"
	printf '#!/bin/sh\necho restarted >>%s\n' "$WORLD/restarted" >"$ROOT/restart"
	printf '#!/bin/sh\nexit 1\n' >"$ROOT/unused"
	chmod 755 "$ROOT/restart" "$ROOT/unused"
	boot_terminal
	start_desktop
}

# A screen, and a daemon whose menu of buttons chooses what stands in the file "press".
start_desktop() {
	XDG_RUNTIME_DIR=$WORLD/runtime
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	Xvfb -displayfd 3 -screen 0 1000x700x24 -nolisten tcp 3>"$WORLD/display" 2>"$WORLD/xvfb.log" &
	wait_until "there is a screen" grep -q '[0-9]' "$WORLD/display"
	DISPLAY=:$(cat "$WORLD/display")
	cat >"$WORLD/menu" <<END
#!/bin/sh
grep -m 1 -F -- "\$(cat $WORLD/press)"
END
	chmod 755 "$WORLD/menu"
	printf '[global]\ndmenu = %s\n' "$WORLD/menu" >"$WORLD/dunstrc"
	start_daemon
}

start_daemon() {
	dunst -config "$WORLD/dunstrc" >"$WORLD/dunst.log" 2>&1 &
	DAEMON_PID=$!
	wait_until "the daemon answers" busctl --user status org.freedesktop.Notifications
}

stop_daemon() {
	kill "$DAEMON_PID"
	wait "$DAEMON_PID" || true
}

start_notify() {
	LC_ALL=ja_JP.UTF-8 LANGUAGE=ja "$PROGRAMS/haishin-notify" --root "$ROOT" 2>"$WORLD/notify.log" &
	NOTIFY_PID=$!
}

displayed() {
	[ "$(dunstctl count displayed)" = "$1" ]
}

# shown TEXT: a notice that says so was shown, and is put away to see it.
shown() {
	dunstctl close-all
	dunstctl history | jq -e --arg text "$1" '.data[0] | map(.message.data) | any(contains($text))' >/dev/null
}

# press LABEL: of the notice that is shown.
press() {
	echo "$1" >"$WORLD/press"
	dunstctl context
}

test_a_restart_is_asked_for_once_and_the_notice_goes_when_it_is_done() {
	terminal
	start_notify
	wait_until "the notice listens" busctl --user status jp.haishin.Notify
	expect 0 "" job button
	haishin hold distro-app >/dev/null # whatever makes the agent look again
	wait_until "the notice is there" displayed 1
	"$PROGRAMS/haishin-notify" --root "$ROOT" || fail "a second one does not give way"
	haishin unhold distro-app >/dev/null
	displayed 1 || fail "the same was told twice"
	restart_terminal
	wait_until "the notice goes with its reason" displayed 0
	shown "診療の前に再起動してください" || fail "it says something else: $(dunstctl history)"
	stop_agent
}

test_tonight_is_noted_by_the_agent() {
	terminal
	expect 0 "" job button
	start_notify
	wait_until "the notice is there" displayed 1
	press 今夜
	wait_until "the agent notes it" eval "haishin --json history | jq -e '[.rows[] | select(.operation == \"restart\").detail] | any(startswith(\"asked for tonight by\"))'"
	wait_until "it is told" displayed 1
	shown "04:30" || fail "the hour is not told: $(dunstctl history)"
	restart_is_due || fail "no restart is due"
	[ ! -e "$WORLD/restarted" ] || fail "it restarted at once"
	stop_agent
}

test_now_counts_down_can_be_stopped_and_restarts() {
	terminal
	expect 0 "" job button
	start_notify
	wait_until "the notice is there" displayed 1
	press 今すぐ再起動
	wait_until "it counts" eval "grep -q '診療の前' <(dunstctl history) && displayed 1"
	press 中止
	wait_until "it stops" displayed 0
	[ ! -e "$WORLD/restarted" ] || fail "it restarted although it was stopped"
	kill "$NOTIFY_PID"
	wait "$NOTIFY_PID" || true
	start_notify # the next sign-in
	wait_until "it comes back" displayed 1
	press 今すぐ再起動
	wait_until "it restarts" test -s "$WORLD/restarted"
	[ "$(wc -l <"$WORLD/restarted")" = 1 ] || fail "it restarted more than once"
	stop_agent
}

# Anybody on the session's bus can send signals: a button of a notice that is not ours, or that nobody sees, does nothing.
test_a_button_that_nobody_sees_does_nothing() {
	terminal
	expect 0 "" job button
	start_notify
	wait_until "the notice is there" displayed 1
	busctl --user emit /org/freedesktop/Notifications org.freedesktop.Notifications ActionInvoked us 4711 restart
	busctl --user emit /org/freedesktop/Notifications org.freedesktop.Notifications ActionInvoked us 1 restart # not from the daemon
	busctl --user emit /org/freedesktop/Notifications org.freedesktop.Notifications ActionInvoked us 0 tonight
	dunstctl close-all
	wait_until "it is put away" displayed 0
	busctl --user emit /org/freedesktop/Notifications org.freedesktop.Notifications ActionInvoked us 1 tonight
	haishin hold distro-app >/dev/null
	haishin unhold distro-app >/dev/null
	! grep -q tonight <(haishin --json history) || fail "a forged button was pressed"
	[ ! -e "$WORLD/restarted" ] || fail "a forged button restarted the machine"
	displayed 0 || fail "what was put away came back"
	stop_agent
}

# What the notifier's unit forbids (the network, memory that a browser's scripts need) would hold for the window too.
test_the_window_opens_outside_of_the_notifiers_unit() {
	terminal
	mkdir "$WORLD/path"
	printf '#!/bin/sh\necho "$@" >%s\n' "$WORLD/asked" >"$WORLD/path/systemd-run"
	chmod 755 "$WORLD/path/systemd-run"
	haishin disable --why test >/dev/null
	# shellcheck disable=SC2016
	PATH=$WORLD/path:$PATH LC_ALL=ja_JP.UTF-8 LANGUAGE=ja sh -c 'SYSTEMD_EXEC_PID=$$ exec "$@"' sh \
		"$PROGRAMS/haishin-notify" --root "$ROOT" 2>"$WORLD/notify.log" &
	wait_until "the notice is there" displayed 1
	press 開く
	wait_until "the service manager is asked" test -s "$WORLD/asked"
	[ "$(cat "$WORLD/asked")" = "--user --collect --quiet haishin-window" ] || fail "it is asked for $(cat "$WORLD/asked")"
	stop_agent
}

test_who_may_not_restart_has_no_such_button() {
	terminal
	[ "$(id -u)" -eq 0 ] || return 0
	expect 0 "" job button
	# Another account, with the session's own rights.
	chmod 755 "$ROOT" "$ROOT/run" "$ROOT/run/haishin"
	expect 1 "may look but not change" setpriv --reuid=65534 --regid=65534 --clear-groups "$ROOT/programs/haishin" --json \
		--socket "$ROOT/run/haishin/control.sock" check
	stop_agent
}

# What shows notices may start anew, or come later than we do: nobody has read what went with it.
test_a_daemon_that_starts_anew_or_late_shows_it_again() {
	terminal
	expect 0 "" job button
	start_notify
	wait_until "the notice is there" displayed 1
	stop_daemon
	start_daemon
	wait_until "it is there again" displayed 1
	press 今すぐ再起動
	wait_until "its button works" eval "displayed 1 && grep -q '診療の前' <(dunstctl history)"
	press 中止
	wait_until "it stops" displayed 0
	stop_daemon
	start_daemon
	haishin hold distro-app >/dev/null
	haishin unhold distro-app >/dev/null
	displayed 0 || fail "what was put away came back with the daemon"
	kill "$NOTIFY_PID"
	wait "$NOTIFY_PID" || true
	stop_daemon
	start_notify # signed in, and the desktop is not up yet
	wait_until "the notice listens" busctl --user status jp.haishin.Notify
	wait_until "it was not shown" grep -q "nobody shows them" "$WORLD/notify.log"
	start_daemon
	wait_until "it is shown once somebody can" displayed 1
	stop_agent
}

# Two people are signed in at once, each with a session of their own: both are told, one decides, and the terminal is asked once.
test_two_people_at_once() {
	terminal
	expect 0 "" job button
	start_notify
	wait_until "the first is told" displayed 1
	local first=$DBUS_SESSION_BUS_ADDRESS
	dbus-daemon --session --nofork --print-address=3 3>"$WORLD/second" >"$WORLD/second.log" 2>&1 &
	wait_until "there is a second session" grep -q unix "$WORLD/second"
	DBUS_SESSION_BUS_ADDRESS=$(cat "$WORLD/second")
	export DBUS_SESSION_BUS_ADDRESS
	start_daemon
	start_notify
	wait_until "the second is told" displayed 1
	press 今夜
	DBUS_SESSION_BUS_ADDRESS=$first
	press 今夜
	wait_until "the agent notes both" eval "[ \"\$(haishin --json history | jq '[.rows[] | select(.operation == \"restart\")] | length')\" = 2 ]"
	restart_is_due || fail "no restart is due"
	[ ! -e "$WORLD/restarted" ] || fail "it restarted at once"
	stop_agent
}

run_tests
