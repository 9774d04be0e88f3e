#!/usr/bin/env bash
# A terminal's certificate, from the one-time code to the end: the real collector, the real agent, curl and openssl beside them.
. "$(dirname "$0")/lib.sh"
OPEN=$(TZ=Asia/Tokyo date -d "1 hour ago" +%H:00)-$(TZ=Asia/Tokyo date -d "3 hours" +%H:00)
NAME=reception-1

collector() {
	"$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" "$@"
}

# start_collector [LINE...]: LINES go below [authority].
start_collector() {
	mkdir -p "$WORLD/collector"
	printf '%s\n' '[collector]' 'listen = 127.0.0.1:0' "tls_certificate = $WORLD/pki/server.pem" "tls_key = $WORLD/pki/server.key" \
		"client_ca = $WORLD/pki/ca.pem" '[store]' "url = $WORLD/collector/collector.db" '[role boss]' 'is = operator' \
		'subject = CN=Boss' '[fleet]' 'summary_age = 0s' \
		'[authority]' "certificate = $WORLD/pki/ca.pem" "key = $WORLD/pki/ca.key" "crl = $WORLD/collector/crl.pem" "$@" >"$WORLD/collector.conf"
	certificate boss /CN=Boss extendedKeyUsage=clientAuth 30
	rm -f "$WORLD/collector.port"
	"$PROGRAMS/haishin-collector" --config "$WORLD/collector.conf" --port-file "$WORLD/collector.port" >>"$WORLD/collector.log" 2>&1 &
	COLLECTOR_PID=$!
	wait_until "the collector listens or has ended" eval "[ -s '$WORLD/collector.port' ] || ! kill -0 $COLLECTOR_PID"
	[ -s "$WORLD/collector.port" ] || fail "the collector has ended"
	COLLECTOR=https://localhost:$(cat "$WORLD/collector.port")
}

ask_collector() {
	curl -sS --cacert "$WORLD/pki/ca.pem" --cert "$WORLD/pki/boss.pem" --key "$WORLD/pki/boss.key" "$COLLECTOR$1"
}

new_code() {
	collector enrol "$NAME" --institution "$INSTITUTION" --json | jq -r .code
}

# A terminal that has no certificate yet, and reports to the collector.
terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal "$@"
	rm "$ROOT"/etc/haishin/certificates/*
	sed -i "s|^\[server\]|[server]\nreport_url = $COLLECTOR/reports|" "$ROOT/etc/haishin/haishin.conf"
	boot_terminal
}

# The terminal's night, now; the agent is not there to begin one itself.
night() {
	stop_agent
	sed -i "s|^window = .*|window = $OPEN|" "$ROOT/etc/haishin/haishin.conf"
	expect 0 "" job night
	sed -i "s|^window = .*|window = $WINDOW|" "$ROOT/etc/haishin/haishin.conf"
}

certificates() {
	find "$ROOT/etc/haishin/certificates" -name "*.$1" | sort
}

test_a_terminal_gets_its_certificate_and_goes_to_work() {
	start_collector
	terminal
	expect 8 "client certificate" haishin check
	expect 0 "has its certificate" haishin enrol "$COLLECTOR" "$(new_code)"
	[ "$(certificates pem | wc -l)" = 1 ] && [ "$(certificates key | wc -l)" = 1 ] || fail "there are $(ls "$ROOT/etc/haishin/certificates")"
	[ "$(stat -c %a "$(certificates key)")" = 600 ] || fail "others can read the key"
	openssl x509 -in "$(certificates pem)" -noout -subject -nameopt RFC2253 | grep -x "subject=CN=$NAME,OU=$INSTITUTION,O=haishin" >/dev/null ||
		fail "it is called $(openssl x509 -in "$(certificates pem)" -noout -subject)"
	openssl pkey -in "$(certificates key)" -noout -text | grep prime256v1 >/dev/null || fail "its key is none of P-256"
	night
	wait_until "its report is there" eval "ask_collector /api/v1/terminals | grep '\"name\":\"$NAME\"'"
	start_agent
	expect 0 "client certificate" haishin history
	stop_agent
}

test_a_code_that_is_none_is_told_to_staff() {
	start_collector
	terminal
	expect 7 "This code gives no certificate" haishin enrol "$COLLECTOR" AAAAA-AAAAA-AAAAA-AAAAA
	expect 7 "haishin: " env LC_ALL=C.UTF-8 LANGUAGE=ja "$ROOT/programs/haishin" --root "$ROOT" enrol "$COLLECTOR" AAAAA-AAAAA-AAAAA-AAAAA
	[ -z "$(certificates pem)" ] || fail "there is a certificate"
	expect 2 "" haishin enrol http://localhost:1 AAAAA-AAAAA-AAAAA-AAAAA
	expect 8 "" haishin enrol https://localhost:1 AAAAA-AAAAA-AAAAA-AAAAA
	! grep -rq AAAAA-AAAAA "$ROOT/var/lib/haishin" || fail "the code was kept"
	stop_agent
}

test_a_code_may_come_on_the_standard_input() {
	start_collector
	terminal
	expect 0 "has its certificate" eval "new_code | haishin enrol $COLLECTOR"
	stop_agent
}

test_it_is_renewed_by_itself() {
	start_collector "days = 30"
	terminal
	expect 0 "" haishin enrol "$COLLECTOR" "$(new_code)"
	local first
	first=$(certificates pem)
	night
	[ "$(certificates pem | wc -l)" = 2 ] || fail "it was not renewed: $(cat "$WORLD/haishind.log")"
	[ "$(openssl x509 -in "$first" -noout -subject)" = \
		"$(openssl x509 -in "$(certificates pem | grep -v "$first")" -noout -subject)" ] || fail "another subject"
	[ "$(openssl x509 -in "$first" -noout -pubkey)" != \
		"$(openssl x509 -in "$(certificates pem | grep -v "$first")" -noout -pubkey)" ] || fail "the same key"
	ask_collector "/api/v1/certificates?name=$NAME" | jq -e '.items | length == 2' >/dev/null || fail "the list has not both"
}

test_what_cannot_be_renewed_is_told_to_the_operator_first() {
	start_collector "days = 30"
	terminal
	expect 0 "" haishin enrol "$COLLECTOR" "$(new_code)"
	printf '%s\n' '[server]' "est_url = https://localhost:1" >>"$ROOT/etc/haishin/haishin.conf"
	night
	night
	ask_collector "/api/v1/terminals" | jq -e '.items[0].problems | any(.reason == "certificate-not-renewed")' >/dev/null ||
		fail "the operator is told nothing: $(ask_collector /api/v1/terminals)"
	start_agent
	haishin --json status | jq -e '.verdict != "needs-attention" and .certificate.renewal_trouble != null' >/dev/null ||
		fail "staff are told: $(haishin status)"
	stop_agent
}

test_a_revoked_terminal_is_told_so() {
	start_collector
	terminal
	expect 0 "" haishin enrol "$COLLECTOR" "$(new_code)"
	stop_server
	collector revoke "$NAME" --why stolen >/dev/null
	rm -f "$WORLD/port"
	"$PROGRAMS/haishin-server" --root "$WORLD/publisher/repository" --listen "127.0.0.1:$PORT" --port-file "$WORLD/port" \
		--tls-cert "$WORLD/pki/server.pem" --tls-key "$WORLD/pki/server.key" --client-ca "$WORLD/pki/ca.pem" \
		--client-crl "$WORLD/collector/crl.pem" >"$WORLD/server.log" 2>&1 &
	SERVER_PID=$!
	wait_until "the server listens" [ -s "$WORLD/port" ]
	expect 8 "expired or been revoked" haishin check
	stop_agent
}

# The replaced PC: a new folder, a new code.
test_a_replaced_terminal_names_the_former_one() {
	start_collector
	terminal
	expect 0 "" haishin enrol "$COLLECTOR" "$(new_code)"
	night
	local former
	former=$(ask_collector /api/v1/terminals | jq -r '.items[0].terminal')
	rm -r "$ROOT"/var/lib/haishin "$ROOT"/etc/haishin/certificates
	boot_terminal
	expect 0 "" haishin enrol "$COLLECTOR" "$(new_code)"
	haishin --json history | jq -e --arg former "$former" \
		'[.. | .detail? // empty | strings] | any(contains("in place of terminal " + $former))' >/dev/null ||
		fail "the history does not name $former: $(haishin --json history | jq -c '[.. | .detail? // empty]')"
	night
	ask_collector /api/v1/terminals | jq -e '[.items[] | .verdict] | sort | .[0] != .[1]' >/dev/null || fail "both are expected"
}

run_tests "$@"
