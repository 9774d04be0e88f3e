# shellcheck shell=bash
# A collector with its ledger, two witnesses, and an auditor, beside the publisher, server and terminal of lib.sh: all the real
# programs. Sourced by the tests of the ledger.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ORIGIN=ledger.example.jp/1

# ---- Witnesses ----

# start_witness NAME [VARIABLE=VALUE...]: its key and port are those that it had, if it ever ran.
start_witness() {
	local name=$1 at=$WORLD/witness-$1 port=0
	shift
	if [ ! -d "$at" ]; then
		mkdir "$at"
		"$PROGRAMS/haishin-witness" new-key --key "$at/key" --name "witness.example/$name" >"$at/vkey"
	fi
	[ ! -s "$at/port" ] || port=$(cat "$at/port")
	rm -f "$at/port"
	env "$@" "$PROGRAMS/haishin-witness" serve --key "$at/key" --name "witness.example/$name" --logs "$WORLD/witness-logs" \
		--store "$at/store.db" --listen "127.0.0.1:$port" --port-file "$at/port" >>"$WORLD/witness-$name.log" 2>&1 &
	echo $! >"$at/pid"
	wait_until "witness $name listens" test -s "$at/port"
}

stop_witness() {
	kill "$(cat "$WORLD/witness-$1/pid")"
	wait "$(cat "$WORLD/witness-$1/pid")" 2>/dev/null || true
}

# policy_line NAME: how policies name the witness.
policy_line() {
	echo "witness $1 $(cat "$WORLD/witness-$1/vkey") http://127.0.0.1:$(cat "$WORLD/witness-$1/port")/"
}

# ---- The collector ----

collector_settings() { # collector_settings FOLDER-OF-THE-LEDGER STORE KEY
	local at=$WORLD
	printf '%s\n' '[collector]' "listen = 127.0.0.1:${COLLECTOR_PORT:-0}" "tls_certificate = $at/pki/server.pem" \
		"tls_key = $at/pki/server.key" "client_ca = $at/pki/ca.pem" '[store]' "url = $2" \
		'[ledger]' "folder = $1" "origin = $ORIGIN" "key = $3" "policy = $at/policy" \
		'[metadata]' "repository = $at/publisher/repository" "shelf = $at/shelf" \
		'[role boss]' 'is = operator' 'subject = CN=Operator'
}

# make_ledger [LINE...]: releases, a ledger, two witnesses that know it, and the policy, which ends in LINES; by default both must cosign.
make_ledger() {
	[ $# -gt 0 ] || set -- "group both all W1 W2" "quorum both"
	publish_all 1.0.0
	openssl genpkey -algorithm ed25519 -out "$WORLD/ledger.key" 2>/dev/null
	chmod 600 "$WORLD/ledger.key"
	printf 'quorum none\n' >"$WORLD/policy"
	collector_settings "$WORLD/ledger" "$WORLD/collector.db" "$WORLD/ledger.key" >"$WORLD/collector.conf"
	"$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" --begin-ledger | grep '^log ' >"$WORLD/ledger-line" ||
		fail "--begin-ledger"
	printf '%s\nquorum none\n' "$(cat "$WORLD/ledger-line")" >"$WORLD/witness-logs"
	start_witness W1
	start_witness W2
	{
		cat "$WORLD/ledger-line"
		policy_line W1
		policy_line W2
		printf '%s\n' "$@"
	} >"$WORLD/policy"
	repo ledger set "$WORLD/policy"
	repo publish
	certificate operator /CN=Operator extendedKeyUsage=clientAuth 30
}

start_collector() {
	rm -f "$WORLD/collector-port"
	collector_settings "$WORLD/ledger" "$WORLD/collector.db" "$WORLD/ledger.key" >"$WORLD/collector.conf"
	"$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" --port-file "$WORLD/collector-port" \
		>>"$WORLD/collector.log" 2>&1 &
	COLLECTOR_PID=$!
	wait_until "the collector listens or has ended" eval "[ -s '$WORLD/collector-port' ] || ! kill -0 $COLLECTOR_PID"
	[ -s "$WORLD/collector-port" ] || fail "the collector has ended"
	COLLECTOR_PORT=$(cat "$WORLD/collector-port")
	COLLECTOR=https://localhost:$COLLECTOR_PORT
}

stop_collector() {
	kill "$COLLECTOR_PID"
	wait "$COLLECTOR_PID" || fail "the collector did not end well"
}

# does_not_start TEXT: the collector ends by itself and says TEXT.
does_not_start() {
	local got=0
	timeout 60 "$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" >"$WORLD/said" 2>&1 || got=$?
	[ $got -ne 0 ] && [ $got -ne 124 ] || fail "the collector started"
	grep -qF -- "$1" "$WORLD/said" || fail "it does not say '$1': $(cat "$WORLD/said")"
}

# ask_collector PATH [CURL-OPTION...]: as the terminal's certificate.
ask_collector() {
	local path=$1
	shift
	curl -sS --cacert "$WORLD/pki/ca.pem" --cert "$WORLD/pki/client.pem" --key "$WORLD/pki/client.key" "$@" "$COLLECTOR$path"
}

set_report_url() {
	sed -i '/^report_url/d; s|^\[server\]|&\nreport_url = '"$1|" "$ROOT/etc/haishin/haishin.conf"
}

# report_once: a contact of the terminal, with its report.
report_once() {
	job check >/dev/null 2>&1 || true
}

# ---- What is found ----

# history_says OUTCOME TEXT: the newest receipt in the terminal's history is so.
history_says() {
	[ "$(sqlite3 "$ROOT/var/lib/haishin/state.db" \
		"SELECT outcome || ' ' || detail FROM history WHERE operation = 'receipt' ORDER BY number DESC LIMIT 1")" != "" ] ||
		fail "no receipt in the history"
	sqlite3 "$ROOT/var/lib/haishin/state.db" \
		"SELECT outcome || ' ' || detail FROM history WHERE operation = 'receipt' ORDER BY number DESC LIMIT 1" >"$WORLD/receipt"
	grep -q "^$1 .*$2" "$WORLD/receipt" || fail "the newest receipt is not '$1 $2': $(cat "$WORLD/receipt")"
}

audit() {
	LC_ALL=C.UTF-8 "$PROGRAMS/haishin-audit" "$@"
}

audit_log() { # audit_log STATUS TEXT [OPTION...]
	local status=$1 text=$2
	shift 2
	expect "$status" "$text" audit log "$WORLD/ledger" --policy "$WORLD/policy" "$@"
}

# A terminal that has delivered all, reports to the collector, and has a receipt.
terminal_with_receipt() {
	start_haishin_server
	start_collector
	make_terminal
	set_report_url "$COLLECTOR/reports"
	boot_terminal
	expect 0 "" job button
	restart_terminal
	report_once
	history_says "done" "entry"
}
