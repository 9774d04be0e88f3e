#!/usr/bin/env bash
# The records of a terminal: what auditors and the server learn, by the real programs.
. "$(dirname "$0")/lib.sh"

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal "$@"
}

test_the_history_is_checked_on_another_machine() {
	terminal
	boot_terminal
	expect 0 "" job button
	restart_terminal
	expect 0 "The history is sound" haishin history verify
	expect 0 "rows are in $WORLD/history.jsonl" haishin history export "$WORLD/history.jsonl"
	expect 1 "File exists" haishin history export "$WORLD/history.jsonl"
	haishin history key >"$WORLD/terminal.pub"
	stop_agent
	rm -r "$ROOT/var/lib/haishin" # the other machine has neither the terminal's records nor its agent
	expect 0 "The export is sound: rows 1 to" haishin history verify --file "$WORLD/history.jsonl" --key "$WORLD/terminal.pub"
	sed '3s/"outcome":"[a-z]*"/"outcome":"failed"/' "$WORLD/history.jsonl" >"$WORLD/edited.jsonl"
	expect 1 "history row 2 was changed" haishin history verify --file "$WORLD/edited.jsonl" --key "$WORLD/terminal.pub"
	expect 1 "The export is not what the terminal sealed" haishin history verify --file "$WORLD/edited.jsonl" --key "$WORLD/terminal.pub"
	"$PROGRAMS/haishin-repo" key new other --unencrypted --keys "$WORLD/other" >/dev/null
	expect 7 "sealed with another key" haishin history verify --file "$WORLD/history.jsonl" --key "$WORLD/other/other.pub.json"
	expect 1 "is not what it should be: an export, a public key" haishin history verify --file "$ROOT/etc/haishin/haishin.conf" \
		--key "$WORLD/terminal.pub"
	expect 3 "does not exist" haishin history verify --file "$WORLD/nowhere" --key "$WORLD/terminal.pub"
	expect 2 "go together" haishin history verify --file "$WORLD/history.jsonl"
}

test_the_private_key_is_for_root_alone() {
	terminal
	boot_terminal
	[ "$(stat -c %a "$ROOT/var/lib/haishin/terminal.key")" = 600 ] || fail "the key's mode"
	! grep -q PRIVATE <(haishin history key; haishin --json history key; haishin history export) || fail "the key got out"
	stop_agent
}

# another_environment FOLDER: a second publisher with keys of its own, behind a folder as on a stick.
another_environment() {
	local production=$WORLD
	mkdir -p "$1/keys" && chmod 700 "$1/keys"
	WORLD=$1
	repo init --unencrypted
	for package in "${PACKAGES[@]}"; do repo delegate "$package" --unencrypted; done
	publish_all 2.0.0
	WORLD=$production
	cp "$1/publisher/repository/metadata/1.root.json" "$ROOT/usr/share/haishin/verification.json"
	printf '%s\n' '[environment verification]' "url = file://$1/publisher/repository" \
		'trusted_root = /usr/share/haishin/verification.json' >>"$ROOT/etc/haishin/haishin.conf"
}

is_connected_to() {
	haishin --json status | jq -e --arg name "$1" '.environment == $name and .job == null'
}

test_switching_the_environment_keeps_both_states_apart() {
	terminal
	another_environment "$WORLD/verification"
	boot_terminal
	expect 0 "" job button
	expect 0 "* " haishin env
	expect 0 "switched from production to verification" haishin env verification
	wait_until "the agent has started over" is_connected_to verification
	expect 0 "connection verification environment" haishin status
	expect 0 "" job button
	[ -e "$ROOT/var/lib/haishin/environments/verification/tuf/root.json" ] || fail "no trust of its own"
	haishin --json env | jq -e '[.chapters[].environment] == ["production", "verification"]' >/dev/null || fail "chapters"
	expect 0 "switched from verification to production" haishin env production
	wait_until "the agent has started over" is_connected_to production
	expect 0 "" job check # trust of production goes on where it was: another publisher's would be refused
	expect 3 "nowhere" haishin env nowhere
	expect 0 "The history is sound" haishin history verify
	stop_agent
}

# What a disk that lost its power leaves: nothing, zeros, a part of the name.
test_a_lost_choice_of_the_environment_heals() {
	local left file
	terminal
	another_environment "$WORLD/verification"
	boot_terminal
	file=$ROOT/var/lib/haishin/environment
	expect 0 "switched from production to verification" haishin env verification
	wait_until "the agent has started over" is_connected_to verification
	stop_agent
	for left in '' '\0\0\0\0\0\0\0' 'verif' 'verification\nverification\n' "$(printf 'x%.0s' $(seq 100))"; do
		printf "$left" >"$file"
		start_agent
		is_connected_to verification >/dev/null || fail "'$left' leads elsewhere: $(haishin env)"
		[ "$(cat "$file")" = verification ] || fail "'$left' stays: $(cat "$file")"
		! haishin --json status | jq -e '.problems[] | select(.reason == "file-damaged")' >/dev/null || fail "'$left' is still told"
		stop_agent
	done
	: >"$file"
	expect 0 "" job check # by hand, without the resident part
	[ "$(cat "$file")" = verification ] || fail "a job by hand went elsewhere"
	rm "$file" # never chosen
	boot_terminal
	is_connected_to production >/dev/null || fail "nobody chose it"
	expect 0 "The history is sound" haishin history verify
	stop_agent
}

# start_report_server: takes reports, and keeps them in $WORLD/reports.
start_report_server() {
	mkdir -p "$WORLD/reports"
	rm -f "$WORLD/report-port"
	"$PROGRAMS/haishin-server" --root "$WORLD/publisher/repository" --listen 127.0.0.1:0 --port-file "$WORLD/report-port" \
		--tls-cert "$WORLD/pki/server.pem" --tls-key "$WORLD/pki/server.key" --client-ca "$WORLD/pki/ca.pem" \
		--reports "$WORLD/reports" >"$WORLD/report-server.log" 2>&1 &
	wait_until "the server of reports listens" test -s "$WORLD/report-port"
	REPORT_URL=https://localhost:$(cat "$WORLD/report-port")/reports
}

# reported FILTER: one of the reports that arrived is so.
reported() {
	jq -es "any($1)" "$WORLD"/reports/*.json >/dev/null || fail "no report says: $1"
}

test_the_server_learns_of_rollbacks_and_of_what_it_missed() {
	terminal
	set_report_url https://localhost:1/reports
	boot_terminal
	expect 0 "" job button # nobody takes reports: the night is none the worse
	[ -z "$(ls "$WORLD/reports" 2>/dev/null)" ] || fail "a report arrived nowhere"
	grep -qx network <(sqlite3 "$ROOT/var/lib/haishin/state.db" "SELECT error FROM report") || fail "no record of it"
	expect 0 "The server has taken no report yet" haishin status
	expect 0 "サーバーへの報告は、まだ一度も届いていません" env LC_ALL=C.UTF-8 LANGUAGE=ja "$PROGRAMS/haishin" --root "$ROOT" status
	haishin --json status | jq -e '.report | .taken == false and .last_taken == null and .error == "network" and .attempts == 1' \
		>/dev/null || fail "status does not tell: $(haishin --json status)"
	restart_terminal
	release face-library 2.0.0 --self-test bin/sick
	repo catalog set face-library=2.0.0
	repo publish
	start_report_server
	set_report_url "$REPORT_URL"
	expect 0 "" job button
	reported '.number == 1 and ([.deliveries[] | select(.state == "confirmed")] | length) == 4'
	reported '.packages[] | .name == "face-library" and .version == "1.0.0" and .staged == "2.0.0"'
	restart_terminal # the self-test fails: the former release is back
	job check >/dev/null 2>&1 || true
	reported '.number > 1 and any(.deliveries[]; .version == "2.0.0" and .state == "rolled-back")'
	reported 'any(.quarantine[]; .package == "face-library" and .version == "2.0.0")'
	haishin history export "$WORLD/history.jsonl" >/dev/null
	haishin --json status | jq -e '.report | .taken and .last_taken != null' >/dev/null || fail "$(haishin --json status)"
	! grep -q "no report" <(haishin status) || fail "a report that arrived is told as missing"
	set_report_url https://localhost:1/reports
	job check >/dev/null 2>&1 || true
	wait_until "the agent knows the new address" eval "haishin status | grep 'The server has taken no report since 20'"
	reported ".history | . as \$h | \$h.rows > 0 and \$h.head != null"
	# The certificate and what is signed are long texts in base64, in which any two letters may stand.
	! jq '.. | strings | select(length < 120)' "$WORLD"/reports/*.json | grep -w "$INSTITUTION\|$(id -un)@\|$(hostname)" ||
		fail "a report names somebody"
	stop_agent
}

test_the_completion_report_needs_nothing_that_is_known() {
	terminal
	repo campaign add 150 --first "$(date -d '2 days ago' +%F)" --last "$(date -d '9 days' +%F)" --afterwards all-day
	repo publish
	sed -i 's/^\[terminal\]/&\ninstitution_name = 医療法人 さくら会/' "$ROOT/etc/haishin/haishin.conf"
	boot_terminal
	expect 3 "completion report" haishin report # there was no contact yet
	expect 0 "" job button
	expect 3 "Campaign 150 is not complete on this terminal yet" haishin report --telephone 05020173758
	restart_terminal
	expect 2 "give --name and --telephone" haishin report
	expect 2 "no telephone number" haishin report --telephone 050-2017-37
	expect 2 "no telephone number" haishin report --telephone 050-2017-37580-1
	expect 0 "Telephone: 05020173758" haishin report --telephone 050-2017-3758
	expect 0 "Telephone: 05020173758" haishin report --telephone '050(2017)3758'
	expect 0 "Telephone: 05020173758" haishin report --telephone ０５０－２０１７－３７５８
	expect 0 "Telephone: 0312345678" haishin report --telephone 03ー1234ー5678
	expect 0 "Identification number: 150" haishin report --telephone 05020173758
	expect 0 "Date of completion: $(TZ=Asia/Tokyo date +%Y%m%d)" haishin report --telephone 05020173758
	expect 0 "医療法人 さくら会" haishin report --telephone 05020173758
	expect 0 '"05020173758"' haishin report --telephone 05020173758 --csv
	expect 0 "\"'=HYPERLINK(\"\"http://evil.example\"\")\"" haishin report --telephone 05020173758 --csv --name '=HYPERLINK("http://evil.example")'
	haishin --json report --telephone 05020173758 | jq -e '.complete and .exit == 0' >/dev/null || fail "JSON"
	stop_agent
}

set_report_url() {
	sed -i '/^report_url/d; s|^\[server\]|&\nreport_url = '"$1|" "$ROOT/etc/haishin/haishin.conf"
	[ -z "$AGENT_PID" ] || kill -HUP "$AGENT_PID"
}

run_tests
