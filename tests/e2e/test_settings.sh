#!/usr/bin/env bash
# What staff may set: by the real agent, which takes it at once.
. "$(dirname "$0")/lib.sh"

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal '[control]' 'staff_may_set = delivery.window terminal.telephone' "$@"
	boot_terminal
}

setting() {
	haishin --json settings | jq -r --arg name "$1" '.settings[] | select(.name == $name).value'
}

has_setting() {
	[ "$(setting "$1")" = "$2" ]
}

test_a_setting_is_in_force_at_once_and_in_the_history() {
	terminal
	expect 0 "hours of delivery (delivery.window) is now '01:00-02:00'; it was '$WINDOW'." haishin settings delivery.window 01:00-02:00
	wait_until "the agent has started over" has_setting delivery.window 01:00-02:00
	kill -0 "$AGENT_PID" || fail "the agent has ended"
	haishin --json status | jq -e '.window == "01:00-02:00"' >/dev/null || fail "the window is not in force"
	expect 0 "delivery.window by $(id -un): from '$WINDOW' to '01:00-02:00'" haishin history
	expect 0 "again what the operator's files say; it was '01:00-02:00'" haishin settings delivery.window --reset
	wait_until "the operator's window holds again" has_setting delivery.window "$WINDOW"
	stop_agent
}

test_it_survives_a_kill_and_a_restart() {
	terminal
	expect 0 "" haishin settings terminal.telephone 05020173758
	kill -9 "$AGENT_PID"
	wait "$AGENT_PID" || true
	AGENT_PID=
	boot_terminal
	has_setting terminal.telephone 05020173758 || fail "the setting is lost"
	expect 0 "nothing is wrong" "$ROOT/programs/haishind" --root "$ROOT" --check-config
	stop_agent
}

test_what_is_not_left_to_staff_is_refused_and_said_so() {
	terminal
	local before after
	before=$(find "$ROOT/etc" -type f -exec sha256sum {} + | sort)
	expect 1 "This setting may not be changed here." haishin settings network.rate 64K
	expect 1 "This setting may not be changed here." haishin settings server.url https://elsewhere.example
	expect 1 "This setting may not be changed here." haishin settings control.staff_may_set server.url
	expect 1 "This setting may not be changed here." haishin settings restart.command /bin/sh
	expect 2 "This value does not do for this setting." haishin settings delivery.window never
	expect 2 "This value does not do" haishin settings terminal.telephone 050-2017-37
	expect 3 "cannot be found" haishin settings server.url
	expect 2 "haishin settings NAME --reset" haishin settings --reset
	after=$(find "$ROOT/etc" -type f -exec sha256sum {} + | sort)
	[ "$before" = "$after" ] || fail "a refused setting changed a file"
	! grep -q "change a setting" <(haishin history) || fail "a refused setting stands in the history"
	stop_agent
}

test_a_disk_that_takes_nothing_is_told_and_recorded() {
	terminal
	rm -rf "$ROOT/etc/haishin/conf.d"
	ln -s /nowhere/at/all "$ROOT/etc/haishin/conf.d"
	expect 1 "" haishin settings delivery.window 01:00-02:00
	haishin --json history | jq -e '[.rows[] | select(.operation == "setting").outcome] | index("failed") != null' >/dev/null ||
		fail "the failure is not in the history"
	has_setting delivery.window "$WINDOW" || fail "it holds all the same"
	stop_agent
}

# ask_restart: asks over the socket, as the window does.
ask_restart() {
	python3 - "$ROOT/run/haishin/control.sock" <<'END'
import json, os, socket, sys
os.chdir(os.path.dirname(sys.argv[1]))  # the path may be too long for a socket's address
agent = socket.socket(socket.AF_UNIX)
agent.connect("control.sock")
agent.sendall(b'{"method":"jp.haishin.Agent.Restart"}\0')
answer = b""
while not answer.endswith(b"\0"):
    answer += agent.recv(65536)
print(json.loads(answer[:-1]))
END
}

test_a_restart_goes_through_the_agent_where_the_operator_allows_it() {
	terminal '[restart]' 'command = /restart'
	printf '#!/bin/sh\necho restarted >>%s\n' "$WORLD/restarted" >"$ROOT/restart"
	chmod 755 "$ROOT/restart"
	expect 0 "'error': 'none'" ask_restart
	[ -s "$WORLD/restarted" ] || fail "nothing was restarted"
	expect 0 "asked for by $(id -un)" haishin --json history
	echo 'on_request = no' >>"$ROOT/etc/haishin/haishin.conf"
	stop_agent
	start_agent
	expect 0 "'code': 'denied'" ask_restart
	[ "$(wc -l <"$WORLD/restarted")" = 1 ] || fail "it was restarted against the operator's word"
	stop_agent
}

# said_code: what the doctor's code says, on a machine without an agent.
said_code() {
	local code
	code=$(haishin doctor | sed -n 's/^Code for the call centre: //p')
	"$PROGRAMS/haishin" --json code "$code"
}

test_the_code_that_the_doctor_shows_is_understood_on_another_machine() {
	terminal
	expect 0 "" job button
	expect 0 '"finding":"certificate-ends","reason":"staged"' jq -c . <(said_code)
	restart_terminal
	expect 0 '{"name":"distro-app","standing":"newest"}' jq -c . <(said_code)
	expect 0 '"contact":1' jq -c . <(said_code)
	stop_server
	expect 0 "server-stopped" said_code
	stop_agent
	expect 0 '"finding":"agent-stopped-below-root","reason":null' jq -c . <(said_code)
	expect 2 "This is no code of haishin" haishin code 1234-5678
	expect 0 "The doctor: " haishin code "$(haishin doctor | sed -n 's/^Code for the call centre: //p')"
}

run_tests
