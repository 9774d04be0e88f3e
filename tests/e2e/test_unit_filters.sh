#!/usr/bin/env bash
# The filters of system calls in our units: each refuses what it must, and the real programs work under it.
. "$(dirname "$0")/lib.sh"
# The check for leaks traces its own process, which the filters forbid.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
: "${UNDER_FILTER:?}" "${UNITS:?}"
# shellcheck disable=SC2034 # for lib.sh; without a distro-app, the agent is the one that is under its filter
PACKAGES=(face-library linkage-app)

# What no program of ours has a use for, and an attacker would: the kernel's own programs, rings, modules, keys and clocks, other
# processes, mounts, and files past their paths.
FORBIDDEN=(bpf perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd init_module finit_module delete_module
	kexec_load kexec_file_load reboot swapon swapoff add_key request_key keyctl ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd
	open_by_handle_at fanotify_init settimeofday clock_settime acct syslog iopl ioperm quotactl lookup_dcookie
	modify_ldt nfsservctl)
# What makes namespaces' walls: for haishin-check@.service alone, which builds the sandbox.
MOUNTS=(mount umount2 move_mount open_tree fsopen fsmount fsconfig pivot_root chroot)

# A set of system calls with all sets in it, a name a line.
names_in() {
	local word
	if [[ $1 != @* ]]; then
		echo "$1"
		return
	fi
	while read -r word; do
		names_in "$word"
	done < <(systemd-analyze --no-pager syscall-filter "$1" 2>/dev/null | sed -n 's/^ *\([-@a-z_0-9]*\)$/\1/p' | grep -vx -- "$1")
}

# allowed_by UNIT: what its lines of SystemCallFilter= leave, in their order.
allowed_by() {
	local line word
	: >"$WORLD/allowed"
	while read -r line; do
		for word in ${line#\~}; do names_in "$word"; done | sort -u >"$WORLD/words"
		if [[ $line == \~* ]]; then
			comm -23 "$WORLD/allowed" "$WORLD/words" >"$WORLD/next"
		else
			sort -u "$WORLD/allowed" "$WORLD/words" >"$WORLD/next"
		fi
		mv "$WORLD/next" "$WORLD/allowed"
	done < <(sed -n 's/^SystemCallFilter=//p' "$UNITS/$1")
	[ "$(wc -l <"$WORLD/allowed")" -gt 150 ] || fail "the filter of $1 could not be read: $(cat "$WORLD/allowed")"
	cp "$WORLD/allowed" "$WORLD/$1.allowed"
}

# under UNIT PROGRAM...: runs it under the unit's filter.
under() {
	local unit=$1
	shift
	exec "$UNDER_FILTER" "$WORLD/$unit.allowed" "$@"
}

test_every_filter_refuses_what_it_must() {
	local unit tried
	for unit in "$UNITS"/*.service "$UNITS"/user/*.service; do
		unit=${unit#"$UNITS/"}
		mkdir -p "$WORLD/user"
		allowed_by "$unit"
		tried=("${FORBIDDEN[@]}")
		[ "$unit" = haishin-check@.service ] || tried+=("${MOUNTS[@]}")
		[ "$("$UNDER_FILTER" "$WORLD/$unit.allowed" --try "${tried[@]}")" = "" ] ||
			fail "$unit lets through: $("$UNDER_FILTER" "$WORLD/$unit.allowed" --try "${tried[@]}" | tr '\n' ' ')"
	done
}

test_the_trial_can_fail() {
	allowed_by haishin-check@.service
	[ "$("$UNDER_FILTER" "$WORLD/haishin-check@.service.allowed" --try bpf mount getpid | tr '\n' ' ')" = "mount getpid " ] ||
		fail "this test judges nothing"
}

# A program under the filter of the unit that starts it, in place of the program itself.
put_under() {
	local unit=$1 program=$2
	allowed_by "$unit"
	mv "$program" "$program.real"
	printf '#!/bin/sh\nexec "%s" "%s" "%s" "$@"\n' "$UNDER_FILTER" "$WORLD/$unit.allowed" "$program.real" >"$program"
	chmod 755 "$program"
}

test_a_terminal_works_under_its_filters() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	put_under haishind.service "$ROOT/programs/haishind"
	put_under haishin-guard.service "$ROOT/programs/haishin-guard"
	boot_terminal
	download_now 0 ""
	restart_terminal
	runs face-library 1.0.0
	expect 0 "Up to date" haishin status
	haishin doctor >"$WORLD/doctor.log" 2>&1 || fail "doctor"
	expect 0 "" haishin verify face-library
	stop_agent
}

test_the_servers_work_under_their_filters() {
	local pid
	mkdir "$WORLD/reports"
	allowed_by haishin-server.service
	rm -f "$WORLD/port"
	under haishin-server.service "$PROGRAMS/haishin-server" --root "$WORLD/publisher/repository" --listen 127.0.0.1:0 --port-file "$WORLD/port" \
		--tls-cert "$WORLD/pki/server.pem" --tls-key "$WORLD/pki/server.key" --client-ca "$WORLD/pki/ca.pem" --reports "$WORLD/reports" >"$WORLD/server.log" 2>&1 &
	pid=$!
	wait_until "the server listens or has ended" eval "[ -s '$WORLD/port' ] || ! kill -0 $pid"
	curl -sSf -o "$WORLD/got" --cacert "$WORLD/pki/ca.pem" --cert "$WORLD/pki/client.pem" --key "$WORLD/pki/client.key" \
		"https://localhost:$(cat "$WORLD/port")/metadata/timestamp.json" || fail "haishin-server"
	kill $pid
	allowed_by haishin-refresh.service
	(under haishin-refresh.service "$PROGRAMS/haishin-repo" refresh --repo "$WORLD/publisher" --keys "$WORLD/keys") >>"$WORLD/repo.log" 2>&1 || fail "refresh"
}

# A collector that can be started, with an empty ledger.
put_collector() {
	cat >"$WORLD/collector.conf" <<-EOF
		[collector]
		listen = 127.0.0.1:0
		tls_certificate = $WORLD/pki/server.pem
		tls_key = $WORLD/pki/server.key
		client_ca = $WORLD/pki/ca.pem
		[store]
		url = $WORLD/collector.db
		[ledger]
		folder = $WORLD/ledger
		origin = l.example/1
		key = $WORLD/ledger.key
		[role o]
		is = operator
		subject = CN=$INSTITUTION,O=Clinic
	EOF
	"$PROGRAMS/haishin-witness" new-key --key "$WORLD/ledger.key" --name l.example/1 >/dev/null
	"$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" --begin-ledger >"$WORLD/ledger.log"
}

test_a_witness_works_under_its_filter() {
	local pid
	"$PROGRAMS/haishin-witness" new-key --key "$WORLD/w.key" --name w.example/1 >"$WORLD/w.vkey"
	put_collector
	printf '%s\nquorum none\n' "$(grep '^log ' "$WORLD/ledger.log")" >"$WORLD/logs"
	allowed_by haishin-witness.service
	under haishin-witness.service "$PROGRAMS/haishin-witness" serve --key "$WORLD/w.key" --name w.example/1 --logs "$WORLD/logs" \
		--store "$WORLD/w.db" --listen 127.0.0.1:0 --port-file "$WORLD/w.port" >"$WORLD/witness.log" 2>&1 &
	pid=$!
	wait_until "the witness listens or has ended" eval "[ -s '$WORLD/w.port' ] || ! kill -0 $pid"
	[ "$(curl -s -o "$WORLD/got" -w '%{http_code}' --data-binary 'old 0' "http://127.0.0.1:$(cat "$WORLD/w.port")/add-checkpoint")" = 400 ] || fail "haishin-witness"
	kill $pid
}

test_a_collector_works_under_its_filter() {
	local pid path
	put_collector
	allowed_by haishin-collector.service
	under haishin-collector.service "$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" --port-file "$WORLD/c.port" >"$WORLD/collector.log" 2>&1 &
	pid=$!
	wait_until "the collector listens or has ended" eval "[ -s '$WORLD/c.port' ] || ! kill -0 $pid"
	for path in api/v1/fleet ledger/checkpoint metrics ""; do
		curl -sSf -o "$WORLD/got" --cacert "$WORLD/pki/ca.pem" --cert "$WORLD/pki/client.pem" --key "$WORLD/pki/client.key" \
			"https://localhost:$(cat "$WORLD/c.port")/$path" || fail "haishin-collector /$path"
	done
	kill $pid
	wait $pid || fail "haishin-collector did not end well"
}

run_tests
