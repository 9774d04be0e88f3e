#!/usr/bin/env bash
# haishin-audit log, over logs that hold and logs that cheat.
# shellcheck source=tests/tools/witness/witness_lib.sh
. "$(dirname "$0")/../witness/witness_lib.sh"
audit=$HAISHIN_BIN/haishin-audit

# The SHA-256 whose hexadecimal form is sixty-four times a digit, in base64.
declare -A hash=(
	[a]=qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=
	[b]=u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7s=
	[c]=zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=
)

# entry TERMINAL REPORT ROWS HEAD: what a collector logs of a report; the first and the last are hexadecimal digits.
entry() {
	printf '{"form":"haishin-ledger-entry-1","head":"%s","report":%d,"rows":%d,"sha256":"%032x%032x","terminal":"%s"}\n' \
		"${hash[$4]}" "$2" "$3" "$2" "$3" "${hash[$1]}"
}

begin() {
	"$LEDGER_TOOL" create "$PWD/log" $origin >log.vkey
	printf 'log %s\nquorum none\n' "$(cat log.vkey)" >policy
}

log_entries() { # the entries of standard input
	"$LEDGER_TOOL" append "$PWD/log" $origin
	"$LEDGER_TOOL" publish "$PWD/log" $origin </dev/null
}

# audits STATUS [TEXT...]: of the log, with the options in $options; it says each TEXT.
options=()
audits() {
	local wanted=$1 status=0 text
	shift
	"$audit" log log --policy policy "${options[@]}" >said 2>&1 || status=$?
	[ "$status" = "$wanted" ] || fail "ended with $status instead of $wanted: $(cat said)"
	for text; do grep -qF -- "$text" said || fail "does not say '$text': $(cat said)"; done
}

# Three terminals, 600 reports: two full tiles and a part.
honest_log() {
	local i
	begin
	for i in {1..200}; do
		entry a "$i" $((i * 10)) a
		entry b "$i" $((i * 3)) b
		entry c "$i" $((i * 7)) c
	done | log_entries
}

test_a_log_that_holds() {
	honest_log
	audits 0 "Log $origin: 600 entries of 3 terminals." "All of it holds"
}

test_says_what_changed_since_last_time_and_goes_on_from_there() {
	honest_log
	options=(--keep state)
	audits 0
	options=(--since state --keep state)
	audits 0 "600 entries): 0 new entries"
	entry a 201 2010 a | log_entries
	audits 0 "600 entries): 1 new entries" "Entries before 600 were walked then"
	entry a 202 2000 a | log_entries
	audits 1 "fewer records" "entry 601" "2000 rows after 2010"
	audits 1 "entry 601" # what did not hold is not forgotten
	cp log/checkpoint old
	entry b 201 603 b | log_entries
	options=(--since old)
	audits 1 "602 entries): 1 new entries" "entry 601"
}

test_a_terminal_with_two_histories() {
	begin
	{ entry a 1 10 a; entry a 2 10 b; } | log_entries
	audits 1 "two different histories" "entry 1" "row 10 has two heads" "Findings: 1."
}

test_a_terminal_whose_records_were_cut() {
	begin
	{ entry a 1 10 a; entry b 1 10 a; entry a 2 9 a; } | log_entries
	audits 1 "fewer records" "entry 2" "9 rows after 10"
}

test_a_report_number_that_came_twice() {
	begin
	{ entry a 1 10 a; entry a 2 20 a; entry a 1 30 a; } | log_entries
	audits 1 "under a number that it had used" "report 1 after report 2"
}

test_the_same_entry_once_more_contradicts_nothing() {
	begin
	{ entry a 1 10 a; entry a 1 10 a; } | log_entries
	audits 0 "2 entries of 1 terminals"
}

test_an_entry_that_is_none() {
	begin
	{ entry a 1 10 a; echo '{"form":"another"}'; } | log_entries
	audits 1 "not one of a report" "entry 1"
}

test_an_entry_that_was_exchanged() {
	honest_log
	sed -i 's/"report":7,/"report":8,/' log/tile/entries/000
	audits 1 "not those that were signed" "not what the entries make"
}

test_a_tile_that_was_altered() {
	honest_log
	printf x | dd of=log/tile/0/001 bs=1 seek=1000 conv=notrunc status=none
	audits 1 "not what the entries make" "tile/0/001"
}

test_what_nobody_signed_behind_what_was() {
	honest_log
	cp -r log honest
	printf '\0\1x' >>log/tile/entries/001
	audits 1 "not what the entries make" "tile/entries/001"
	rm -r log && cp -r honest log
	printf '\0\1x' >>log/tile/entries/002.p/88
	audits 1 "not what the entries make" "tile/entries/002.p/88"
	rm -r log && cp -r honest log
	head -c 32 /dev/zero >>log/tile/0/002.p/88
	audits 1 "not what the entries make" "tile/0/002.p/88"
}

test_files_that_are_none() {
	honest_log
	cp -r log honest
	rm log/tile/0/001 && mkfifo log/tile/0/001
	audits 1 "not what the entries make" "tile/0/001"
	rm -r log && cp -r honest log
	truncate -s 1G log/tile/0/001
	audits 1 "not what the entries make" "more than the 8192 bytes"
	rm -r log && cp -r honest log
	truncate -s 1G log/tile/entries/001
	audits 1 "not those that were signed" "entry 256"
	rm -r log && cp -r honest log
	rm log/checkpoint && mkdir log/checkpoint
	audits 1 "nothing is known of the rest"
}

test_logs_of_any_size() {
	local size before=0
	begin
	"$LEDGER_TOOL" publish "$PWD/log" $origin </dev/null
	options=(--keep state)
	audits 0 "0 entries of 0 terminals"
	for size in 1 2 255 256 257 511 512 513; do
		while [ $before -lt $size ]; do
			before=$((before + 1))
			entry a $before $before a
		done | log_entries
		before=$size
		options=(--keep state)
		[ ! -e state ] || options+=(--since state)
		audits 0 "$size entries of 1 terminals" "All of it holds"
	done
	options=()
	audits 0 "513 entries of 1 terminals"
}

# Once a tile is full, its partial forms may go; who has an older checkpoint takes them from the full one.
test_partial_tiles_that_are_gone() {
	local i
	begin
	for i in {1..200}; do entry a "$i" "$i" a; done | log_entries
	cp log/checkpoint old
	for i in {201..300}; do entry a "$i" "$i" a; done | log_entries
	[ ! -e log/tile/0/000.p ] && [ ! -e log/tile/entries/000.p ] || fail "they are there still"
	cp old log/checkpoint
	options=(--keep state)
	audits 0 "200 entries of 1 terminals" "All of it holds"
}

test_a_file_that_is_withheld() {
	honest_log
	rm log/tile/entries/001
	audits 1 "cannot be read" "entry 256"
}

test_a_log_that_went_back() {
	honest_log
	cp -r log former
	options=(--keep state)
	audits 0
	entry a 201 2010 a | log_entries
	options=(--since state --keep state)
	audits 0
	rm -r log && mv former log
	audits 1 "smaller than it was" "601 entries then, 600 now"
}

test_a_second_view_of_the_log() {
	honest_log
	cp -r log other && cp log.key other.key
	entry a 201 2010 a | log_entries
	options=(--keep state)
	audits 0
	rm -r log && mv other log
	{ entry a 201 2011 a; entry b 201 603 b; } | log_entries
	options=(--since state)
	audits 1 "not the continuation"
}

test_a_log_that_the_policy_does_not_name() {
	honest_log
	"$LEDGER_TOOL" create "$PWD/other" other.example/1 >other.vkey
	printf 'log %s\nquorum none\n' "$(cat other.vkey)" >policy
	audits 1 "not accepted" "names no log '$origin'"
}

test_witnesses_that_are_missing() {
	honest_log
	"$witness" new-key --key w.key --name witness.example/w1 >w.vkey
	cp policy logs
	printf 'log %s\nwitness W1 %s\nquorum W1\n' "$(cat log.vkey)" "$(cat w.vkey)" >policy
	audits 1 "not accepted" "no witness of the policy has cosigned it" "missing: W1"
	start_witness
	request 0
	answers 200
	"$LEDGER_TOOL" publish "$PWD/log" $origin <answer
	audits 0 "Cosigned by W1" "All of it holds"
}

test_reads_a_log_at_an_address() {
	honest_log
	"$HAISHIN_BIN/haishin-server" --root log --listen 127.0.0.1:0 --port-file port --insecure-http >server.out 2>&1 &
	pid=$!
	while [ ! -s port ] && kill -0 $pid; do read -rt 0.02 -u $never || :; done
	"$audit" log "http://127.0.0.1:$(cat port)/" --policy policy >said || fail "$(cat said)"
	grep -q "600 entries of 3 terminals" said
	! "$audit" log "http://127.0.0.1:$(cat port)/nowhere" --policy policy >said || fail "a log that is not there holds"
	grep -q "nothing is known of the rest" said || fail "$(cat said)"
}

# start_packing_server [BOMB]: serves the folder log; entries come compressed, asked for or not (tlog-tiles allows it). With BOMB,
# what they unpack to has no end to speak of.
start_packing_server() {
	rm -f port
	python3 - "${1:-}" >server.out 2>&1 <<'PYTHON' &
import gzip, http.server, os, sys
class Server(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		path = "log" + self.path
		if not os.path.isfile(path):
			return self.send_error(404)
		with open(path, "rb") as file:
			body = file.read()
		is_packed = self.path.startswith("/tile/entries/")
		if is_packed:
			body = gzip.compress(body + bytes(10 ** 8 if sys.argv[1] else 0), 1)
		self.send_response(200)
		if is_packed:
			self.send_header("Content-Encoding", "gzip")
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", 0), Server)
with open("port.new", "w") as port:
	port.write(str(server.server_port))
os.rename("port.new", "port")
server.serve_forever()
PYTHON
	pid=$!
	while [ ! -s port ] && kill -0 $pid; do read -rt 0.02 -u $never || :; done
}

test_entries_that_come_compressed() {
	honest_log
	start_packing_server
	"$audit" log "http://127.0.0.1:$(cat port)" --policy policy >said || fail "$(cat said)"
	grep -q "600 entries of 3 terminals" said || fail "$(cat said)"
}

test_entries_that_unpack_to_more_than_any_are() {
	honest_log
	start_packing_server bomb
	! "$audit" log "http://127.0.0.1:$(cat port)" --policy policy >said || fail "it holds"
	grep -q "more than 16777472 bytes" said || fail "$(cat said)"
}

test_a_log_that_cannot_be_reached_is_not_said_to_be_wrong() {
	local status=0
	begin
	"$audit" log http://127.0.0.1:1/ --policy policy >said 2>&1 || status=$?
	[ $status = 1 ] || fail "ended with $status"
	grep -q "nothing is known of the rest" said || fail "$(cat said)"
	! grep -q "does not hold" said || fail "$(cat said)"
	"$audit" log http://127.0.0.1:1/ --policy policy --json >said && fail "it holds"
	[ "$(jq -c '[.holds, .findings_count, .error]' said)" = '[null,0,"network"]' ] || fail "$(cat said)"
}

test_an_entry_that_was_altered_after_the_last_audit() {
	honest_log
	options=(--keep state)
	audits 0
	entry a 201 2010 a | log_entries
	options=(--since state)
	cp -r log honest
	sed -i 's/"report":199,/"report":198,/' log/tile/entries/002.p/89
	audits 1 "not those that were signed" "entry 594"
	rm -r log && mv honest log
	sed -i 's/"report":199,/"report":198,/' log/tile/entries/002.p/88
	audits 1 "not those that were signed"
	! grep -q "cannot be read" said || fail "$(cat said)"
}

test_answers_in_json() {
	honest_log
	options=(--json)
	audits 0
	[ "$(jq -c '[.holds, .size, .terminals, .findings_count]' said)" = '[true,600,3,0]' ] || fail "$(cat said)"
	entry a 201 9 a | log_entries
	audits 1
	[ "$(jq -r '.findings[0] | .kind + " " + (.entry | tostring)' said)" = "fewer-rows 600" ] || fail "$(cat said)"
}

test_speaks_japanese_too() {
	honest_log
	grep -q "すべて正しく" <(LC_ALL=ja_JP.UTF-8 "$audit" log log --policy policy) || fail "not in Japanese"
	entry a 201 9 a | log_entries
	for call in "log nowhere --policy policy" "log log --policy nowhere" "log log --policy log.vkey" "log" "log log --nonsense"; do
		# shellcheck disable=SC2086 # words
		! LC_ALL=ja_JP.UTF-8 "$audit" $call 2>said >/dev/null || fail "'$call' holds"
		grep -q 'せん\|ください' said || fail "'$call' is not answered in Japanese: $(cat said)"
	done
	grep -q "端末 aaaaaaaaaaaaaaaa: 2000 行のあとに 9 行" <(LC_ALL=ja_JP.UTF-8 "$audit" log log --policy policy || :) ||
		fail "$(LC_ALL=ja_JP.UTF-8 "$audit" log log --policy policy)"
}

test_a_wrong_call_is_told_apart_from_a_log_that_does_not_hold() {
	local status=0
	"$audit" log >said 2>&1 || status=$?
	[ $status = 2 ] || fail "ended with $status"
	status=0
	"$audit" nothing >said 2>&1 || status=$?
	[ $status = 2 ] || fail "ended with $status"
}

run_tests
