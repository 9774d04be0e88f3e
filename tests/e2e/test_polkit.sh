#!/usr/bin/env bash
# Rights by polkit: the real daemon with the policy file of our package, on a system bus of the test's own, and rules as a site would
# write them. Everything is in a mount namespace, so that the machine's own polkit sees nothing of it.
. "$(dirname "$0")/lib.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)

if [ "$(id -u)" -ne 0 ]; then
	echo "polkit decides about other accounts: this test needs root"
	[ "${CI:-}" != true ] || exit 1
	exit 77
fi
[ "${WITHIN_OF_TEST:-}" = yes ] || exec env WITHIN_OF_TEST=yes unshare --mount "$0"

STAFF=65534 # nobody: in no group of ours
PASSWORD=correct-horse

# start_polkit RULE...: lines of a site's rules file. The administrator is root, with a password of the test's own.
start_polkit() {
	local d=$WORLD/polkit
	umount -q /usr/share/polkit-1/actions /etc/polkit-1/rules.d /usr/share/polkit-1/rules.d /etc/shadow /run || true # of the test before
	mkdir -p "$d"/{actions,rules,none}
	cp /usr/share/polkit-1/actions/org.freedesktop.policykit.policy "$source/packaging/polkit/jp.haishin.agent.policy" "$d/actions"
	printf '%s\n' 'polkit.addAdminRule(function(action, subject) { return ["unix-user:root"]; });' "$@" >"$d/rules/10-site.rules"
	sed "s|^root:[^:]*:|root:$(openssl passwd -6 "$PASSWORD"):|" /etc/shadow >"$d/shadow"
	chmod 640 "$d/shadow"
	chown root:shadow "$d/shadow"
	chmod 755 "$d" "$d"/{actions,rules,none}
	mount --bind "$d/actions" /usr/share/polkit-1/actions
	mount --bind "$d/rules" /etc/polkit-1/rules.d
	mount --bind "$d/none" /usr/share/polkit-1/rules.d
	mount --bind "$d/shadow" /etc/shadow
	mount -t tmpfs -o mode=755 tmpfs /run
	install -d -o messagebus /run/dbus
	dbus-daemon --system --nofork --nopidfile --nosyslog --address=unix:path=/run/dbus/system_bus_socket >"$WORLD/bus.log" 2>&1 &
	BUS_PID=$!
	wait_until "there is a bus" busctl --system list
	/usr/lib/polkit-1/polkitd >"$WORLD/polkitd.log" 2>&1 &
	wait_until "polkit answers" busctl --system status org.freedesktop.PolicyKit1
}

# With the bus, which would start it again.
stop_polkit() {
	kill "$BUS_PID"
	wait "$BUS_PID" || true
}

# terminal RULE...: one whose folder is no secret, on a machine where polkit is installed.
terminal() {
	start_polkit "$@"
	PORT=1 make_terminal '[control]' 'staff_may_set = terminal.telephone'
	within_reach "$PROGRAMS"/haishin-{permit,window}
	install -D -m 644 /usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service -t "$ROOT/usr/share/dbus-1/system-services"
	install -D -m 644 "$source/packaging/polkit/jp.haishin.agent.policy" -t "$ROOT/usr/share/polkit-1/actions"
	boot_terminal
	chmod 755 "$ROOT" "$ROOT/run" "$ROOT/run/haishin" "$ROOT/programs"
}

as_staff() {
	setpriv --reuid=$STAFF --regid=$STAFF --clear-groups env LC_ALL=C.UTF-8 LANGUAGE=en "$ROOT/programs/haishin" \
		--socket "$ROOT/run/haishin/control.sock" "$@"
}

is_disabled() {
	haishin --json status | jq -e '.disabled != null' >/dev/null
}

# begin_as_staff PROGRAM ARGUMENT...: with what it prints in staff.out and staff.log, once the file "go" is there. CALLER_PID is its process, which an
# agent for passwords may be bound to before: once it is staff's own.
begin_as_staff() {
	rm -f "$WORLD/go"
	# shellcheck disable=SC2016
	setpriv --reuid=$STAFF --regid=$STAFF --clear-groups env LC_ALL=C.UTF-8 LANGUAGE=en GO="$WORLD/go" sh -c \
		'until [ -e "$GO" ]; do sleep 0.1; done; exec "$@"' sh "$ROOT/programs/$1" --socket "$ROOT/run/haishin/control.sock" "${@:2}" \
		>"$WORLD/staff.out" 2>"$WORLD/staff.log" &
	CALLER_PID=$!
	wait_until "it is staff's" grep -q '^sh$' "/proc/$CALLER_PID/comm"
}

# offer_agent [PASSWORD]: polkit's own agent for text terminals, for CALLER_PID; types the password where one is given.
offer_agent() {
	python3 - "$CALLER_PID" $STAFF "$@" >"$WORLD/agent.log" 2>&1 <<'END' &
import os, pty, sys, termios, time
caller, staff, password = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
ready, tell = os.pipe()
os.set_inheritable(tell, True)
pid, line = pty.fork()
if pid == 0:
    os.setgroups([]); os.setgid(staff); os.setuid(staff)
    os.execv("/usr/bin/pkttyagent", ["pkttyagent", "--notify-fd", str(tell), "--process", caller])
os.close(tell)
os.read(ready, 1)
os.write(1, b"it listens\n")
seen = b""
while True:
    try:
        got = os.read(line, 4096)
    except OSError:
        break
    if not got:
        break
    os.write(1, got)
    seen += got
    if b"assword:" in seen and password:
        seen = b""
        while termios.tcgetattr(line)[3] & termios.ECHO:
            time.sleep(0.01)  # what is typed before it asks in silence is thrown away
        os.write(line, password[0].encode() + b"\n")
END
	wait_until "there is an agent for passwords" grep -q 'it listens' "$WORLD/agent.log"
}

test_a_rule_that_says_yes_lets_staff_and_one_that_says_no_does_not() {
	terminal 'polkit.addRule(function(action, subject) {
		if (action.id == "jp.haishin.agent.pause" && subject.user == "nobody") return polkit.Result.YES;
		if (action.id.indexOf("jp.haishin.agent.") == 0) return polkit.Result.NO; });'
	as_staff --json status | jq -e '(.may_change | not) and .may_ask' >/dev/null || fail "staff are not told that they may ask"
	haishin --json status | jq -e '.may_change and (.may_ask | not)' >/dev/null || fail "root is to ask"
	expect 0 "" as_staff disable --why inventory
	is_disabled || fail "it was not done"
	haishin --json history | jq -e '[.rows[] | select(.operation == "disable").detail] | any(contains("nobody"))' >/dev/null ||
		fail "the history does not say who it was"
	expect 0 "" as_staff enable
	expect 0 "" as_staff hold face-library
	expect 0 "" as_staff unhold face-library
	local before
	before=$(haishin --json history | jq '.rows | length')
	expect 1 "polkit says no" as_staff --json check
	expect 1 "polkit says no" as_staff --json verify
	expect 1 "polkit says no" as_staff --json download-now
	expect 1 "polkit says no" as_staff --json rollback face-library
	expect 1 "polkit says no" as_staff --json settings terminal.telephone 0312345678
	expect 1 "polkit says no" as_staff --json env test
	expect 1 "polkit says no" as_staff --json install "$WORLD/publisher/repository"
	[ "$before" = "$(haishin --json history | jq '.rows | length')" ] || fail "something was done all the same"
	stop_agent
}

# Each method asks for its own action: what one rule allows, no other one does.
test_each_kind_of_change_is_an_action_of_its_own() {
	terminal 'polkit.addRule(function(action, subject) { polkit.log("asked " + action.id + " " + subject.user); return polkit.Result.NO; });'
	local call kind method parameters
	for call in look:Check look:Verify download:DownloadNow pause:Disable pause:Enable pause:Hold:package pause:Unhold:package \
		restart:Restart settings:SetSetting:name rollback:Rollback:package rollback:Release:package install:Install:path \
		environment:SetEnvironment:environment enrol:Enrol:url:code; do
		IFS=: read -r kind method parameters <<<"$call"
		: >"$WORLD/polkitd.log"
		python3 - "$ROOT/run/haishin/control.sock" "$method" "$parameters" $STAFF >"$WORLD/answer" <<'END'
import json, os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[4])); os.setuid(int(sys.argv[4]))
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
parameters = {name: "x" for name in sys.argv[3].split(":") if name}
line.sendall(json.dumps({"method": "jp.haishin.Agent." + sys.argv[2], "parameters": parameters}).encode() + b"\0")
print(line.recv(65536).decode())
END
		grep -q '"denied"' "$WORLD/answer" || fail "$method: $(cat "$WORLD/answer")"
		grep -q "asked jp.haishin.agent.$kind nobody" "$WORLD/polkitd.log" || fail "$method asks for something else"
	done
	stop_agent
}

test_an_administrators_password_lets_staff_do_it_once() {
	terminal
	begin_as_staff haishin disable --why inventory
	offer_agent "$PASSWORD"
	touch "$WORLD/go"
	wait "$CALLER_PID" || fail "the right password does not do: $(cat "$WORLD"/staff.* "$WORLD/agent.log")"
	is_disabled || fail "it was not done"
	haishin enable >/dev/null
	begin_as_staff haishin disable --why inventory
	offer_agent wrong
	touch "$WORLD/go"
	! wait "$CALLER_PID" || fail "a wrong password did"
	! is_disabled || fail "it was done with a wrong password"
	expect 1 "nothing here can ask for an administrator's password" as_staff disable # nobody to ask
	! is_disabled || fail "it was done without a password"
	stop_agent
}

# A question that nobody answers keeps neither the agent nor others waiting, and goes with whoever asked.
test_the_agent_goes_on_while_somebody_is_asked() {
	terminal
	begin_as_staff haishin disable
	offer_agent
	touch "$WORLD/go"
	wait_until "a password is asked for" grep -q 'assword:' "$WORLD/agent.log"
	haishin --json status >/dev/null || fail "the agent does not answer"
	expect 0 "" haishin hold face-library
	expect 0 "" haishin unhold face-library
	expect 75 "a password is being asked for already" as_staff --json hold face-library
	pgrep -f "haishin-permit jp.haishin.agent.pause $CALLER_PID " >/dev/null || fail "who asks?"
	kill "$CALLER_PID"
	wait_until "nobody is asked any more" eval "! pgrep -f 'haishin-permit jp.haishin.agent.pause $CALLER_PID '"
	! is_disabled || fail "it was done for somebody who had gone"
	expect 1 "nothing here can ask" as_staff --json hold face-library # the place is free again
	begin_as_staff haishin disable
	offer_agent
	touch "$WORLD/go"
	wait_until "a password is asked for" grep -q 'assword:' "$WORLD/agent.log"
	stop_agent
	! pgrep -f "haishin-permit jp.haishin.agent.pause $CALLER_PID " >/dev/null || fail "the agent has left a question behind"
}

# Who is asked for a password by a button of the window reads on in it meanwhile; a page that is closed asks no more.
test_the_window_goes_on_while_somebody_is_asked() {
	terminal
	begin_as_staff haishin-window --print-address
	offer_agent
	touch "$WORLD/go"
	wait_until "the window has an address" grep -q http "$WORLD/staff.out"
	local origin page press
	origin=$(sed 's|/[0-9a-f]*$||' "$WORLD/staff.out")
	local as_page=(setpriv --reuid=$STAFF --regid=$STAFF --clear-groups curl -s --max-time 60)
	"${as_page[@]}" -D - -o /dev/null "$(cat "$WORLD/staff.out")" >"$WORLD/head"
	page=$origin$(sed -n 's|^Location: \(/[0-9a-f]*/\).*|\1|p' "$WORLD/head")
	as_page+=(-b "$(sed -n 's/^Set-Cookie: \([^;]*\);.*/\1/p' "$WORLD/head")")
	"${as_page[@]}" -N "${page}api/events" >"$WORLD/events" &
	wait_until "the page listens" grep -q 'event: state' "$WORLD/events"
	"${as_page[@]}" -H "Origin: $origin" -H 'Content-Type: application/json' -d '{"method":"Disable"}' "${page}api/do" >"$WORLD/answer" &
	press=$!
	wait_until "a password is asked for" grep -q 'assword:' "$WORLD/agent.log"
	"${as_page[@]}" "${page}api/state" | jq -e .answers >/dev/null || fail "the window does not answer"
	"${as_page[@]}" "${page}api/history" | jq -e . >/dev/null || fail "the window shows no history"
	haishin hold face-library >/dev/null
	haishin unhold face-library >/dev/null
	wait_until "the page is told of what happens" eval '[ "$(grep -c "event: state" "$WORLD/events")" -gt 1 ]'
	"${as_page[@]}" -H "Origin: $origin" -H 'Content-Type: application/json' -d '{"method":"Enable"}' "${page}api/do" >"$WORLD/second"
	jq -e '.ok | not' "$WORLD/second" >/dev/null || fail "a second one is asked: $(cat "$WORLD/second")"
	[ ! -s "$WORLD/answer" ] || fail "it was answered before anybody decided: $(cat "$WORLD/answer")"
	kill "$press"
	wait_until "nobody is asked any more" eval "! pgrep -f 'haishin-permit jp.haishin.agent.pause $CALLER_PID '"
	! is_disabled || fail "it was done for a page that had gone"
	stop_agent
}

# Who connects, hands the socket to another process and ends, is not who calls: a process that takes its number gets nothing.
test_a_caller_that_has_gone_is_nobody() {
	terminal 'polkit.addRule(function(action, subject) { return polkit.Result.YES; });'
	python3 - "$ROOT/run/haishin/control.sock" $STAFF >"$WORLD/answer" <<'END'
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
line = socket.socket(socket.AF_UNIX)
line.set_inheritable(True)
other = os.fork()
if other == 0:
    line.connect(sys.argv[1])
    os._exit(0)
os.waitpid(other, 0)
line.sendall(b'{"method":"jp.haishin.Agent.Disable","parameters":{"why":"stolen"}}\0')
print(line.recv(65536).decode())
END
	grep -q '"error"' "$WORLD/answer" || fail "it was done: $(cat "$WORLD/answer")"
	! is_disabled || fail "it was done for a process that had ended"
	stop_agent
}

test_without_polkit_it_is_as_before() {
	terminal 'polkit.addRule(function(action, subject) { return polkit.Result.YES; });'
	stop_polkit
	expect 1 "nobody may look but not change anything on this terminal" as_staff --json disable
	expect 0 "" haishin disable
	expect 0 "" haishin enable
	stop_agent
	rm "$ROOT/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service"
	start_agent
	as_staff --json status | jq -e '(.may_change or .may_ask) | not' >/dev/null || fail "there is nothing to ask"
	expect 1 "nobody may look but not change anything on this terminal" as_staff --json disable
	stop_agent
}

test_an_operator_may_do_without_it() {
	terminal 'polkit.addRule(function(action, subject) { return polkit.Result.YES; });'
	stop_agent
	sed -i 's/^\[control\]/&\npolkit = no/' "$ROOT/etc/haishin/haishin.conf"
	start_agent
	as_staff --json status | jq -e '.may_ask | not' >/dev/null || fail "polkit is asked all the same"
	expect 1 "nobody may look but not change anything on this terminal" as_staff --json disable
	sed -i 's/^polkit = no/users = nobody/' "$ROOT/etc/haishin/haishin.conf"
	stop_agent
	start_agent
	stop_polkit # whom [control] users names is not asked about
	expect 0 "" as_staff disable
	stop_agent
}

run_tests
