#!/usr/bin/env bash
# Bytes that no browser of ours sends, at the window's port: requests that say two things at once, that never end, that want another protocol,
# and the page's own requests bent. None does anything, and the page works as before.
. "$(dirname "$0")/../../e2e/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

# open_window NAME: its ADDRESS and PORT_OF_WINDOW.
open_window() {
	"$PROGRAMS/haishin-window" --root "$ROOT" --print-address >"$WORLD/$1.address" 2>"$WORLD/$1.log" &
	wait_until "the window has an address" grep -q http "$WORLD/$1.address"
	ADDRESS=$(cat "$WORLD/$1.address")
	PORT_OF_WINDOW=${ADDRESS#http://127.0.0.1:}
	PORT_OF_WINDOW=${PORT_OF_WINDOW%%/*}
	HOST=127.0.0.1:$PORT_OF_WINDOW
}

# enter NAME: the one browser has come; FOLDER and COOKIE are its.
enter() {
	FOLDER=/$(curl -s -o /dev/null -c "$WORLD/$1.cookies" -w '%{redirect_url}' "$ADDRESS" | sed 's|.*/\([0-9a-f]*\)/$|\1|')
	COOKIE=haishin_window=$(awk '$6 == "haishin_window" { print $7 }' "$WORLD/$1.cookies")
	curl -sN -b "$COOKIE" "http://$HOST$FOLDER/api/events" >"$WORLD/$1.events" &
	wait_until "the page listens" grep -q 'event: state' "$WORLD/$1.events"
}

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal '[control]' 'staff_may_set = terminal.institution_name'
	boot_terminal
	open_window window
	enter window
	DO="POST $FOLDER/api/do HTTP/1.1\r\n"
	OURS="Host: $HOST\r\nOrigin: http://$HOST\r\nContent-Type: application/json\r\nCookie: $COOKIE\r\n"
	DISABLE='{"method":"Disable","parameters":{"why":"attack"}}'
	LENGTH="Content-Length: ${#DISABLE}\r\n"
}

# raw BYTES: as printf '%b' has them; the status of the answer.
raw() {
	printf '%b' "$1" | "$here/send_raw.py" "$PORT_OF_WINDOW"
}

# refused WHAT BYTES: nothing is answered but a refusal, or nothing at all.
refused() {
	local status
	status=$(raw "$2")
	[[ $status == closed || $status == [45]?? ]] || fail "$1 was answered with $status"
}

# The page itself still gets in, and nothing was done.
unharmed() {
	[ "$(raw "GET $FOLDER/api/state HTTP/1.1\r\nHost: $HOST\r\nCookie: $COOKIE\r\nConnection: close\r\n\r\n")" = 200 ] ||
		fail "the page does not get in any more"
	haishin --json status | jq -e '.disabled == null' >/dev/null || fail "it was done all the same"
	! haishin --json history | jq -e '[.rows[].operation] | any(. == "disable" or . == "setting")' >/dev/null || fail "the history tells of it"
}

test_the_page_as_bytes_gets_in() {
	terminal
	unharmed
	[ "$(raw "$DO$OURS$LENGTH\r\n$DISABLE")" = 200 ] || fail "what is bent in the other tests is not right to begin with"
	haishin --json status | jq -e '.disabled.why == "attack"' >/dev/null || fail "it was not done"
	stop_agent
}

# Two readers might take another of the two: neither is taken.
test_a_request_that_says_a_thing_twice_is_refused() {
	terminal
	refused "a second Host" "$DO${OURS}Host: evil.example\r\n$LENGTH\r\n$DISABLE"
	refused "a first Host" "${DO}Host: evil.example\r\n$OURS$LENGTH\r\n$DISABLE"
	refused "a second Origin" "$DO${OURS}Origin: https://evil.example\r\n$LENGTH\r\n$DISABLE"
	refused "a second cookie" "$DO${OURS}Cookie: haishin_window=0\r\n$LENGTH\r\n$DISABLE"
	refused "a second type" "$DO${OURS}Content-Type: text/plain\r\n$LENGTH\r\n$DISABLE"
	refused "two kinds of sites" "$DO${OURS}Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n$LENGTH\r\n$DISABLE"
	refused "a second length" "$DO$OURS${LENGTH}Content-Length: 1\r\n\r\n$DISABLE"
	refused "a length and chunks" "$DO$OURS${LENGTH}Transfer-Encoding: chunked\r\n\r\n32\r\n$DISABLE\r\n0\r\n\r\n"
	refused "chunks" "$DO${OURS}Transfer-Encoding: chunked\r\n\r\n32\r\n$DISABLE\r\n0\r\n\r\n"
	refused "an unknown encoding" "$DO${OURS}Transfer-Encoding: gzip, chunked\r\n\r\n32\r\n$DISABLE\r\n0\r\n\r\n"
	# One request hidden in the body of another.
	refused "a request within a request" "POST $FOLDER/api/do HTTP/1.1\r\nHost: $HOST\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n$DO$OURS$LENGTH\r\n$DISABLE"
	unharmed
	stop_agent
}

test_a_line_that_names_another_place_or_another_deed_is_refused() {
	terminal
	local line
	for line in "GET http://evil.example$FOLDER/ HTTP/1.1" "GET http://$HOST$FOLDER/ HTTP/1.1" "CONNECT $HOST HTTP/1.1" \
		"GET //evil.example/ HTTP/1.1" "GET $FOLDER\\\\..\\\\api HTTP/1.1" "GET $FOLDER/../../etc/passwd HTTP/1.1" \
		"GET $FOLDER/%2e%2e/%2e%2e/etc/passwd HTTP/1.1" "GET $FOLDER/%00 HTTP/1.1" "GET $FOLDER/%00x HTTP/1.1" "GET $FOLDER/.%00./x HTTP/1.1" "GET $FOLDER/window.js/../../x HTTP/1.1" \
		"GET $FOLDER HTTP/1.1" "GET ${FOLDER^^}/ HTTP/1.1" "GET $FOLDER/ HTTP/0.9" "GET $FOLDER/ HTTP/9.9" "GET $FOLDER/" "get $FOLDER/ HTTP/1.1" \
		"TRACE $FOLDER/ HTTP/1.1" "PUT $FOLDER/api/do HTTP/1.1" "PATCH $FOLDER/api/do HTTP/1.1" "DELETE $FOLDER/ HTTP/1.1" \
		"PROPFIND $FOLDER/ HTTP/1.1" "OPTIONS * HTTP/1.1" "GET $FOLDER/api/do HTTP/1.1" "GET $FOLDER/api/do?method=Disable HTTP/1.1"; do
		refused "'$line'" "$line\r\nHost: $HOST\r\nCookie: $COOKIE\r\nConnection: close\r\n\r\n"
	done
	refused "a request without a Host" "GET $FOLDER/ HTTP/1.0\r\nCookie: $COOKIE\r\n\r\n"
	refused "a request with an empty Host" "GET $FOLDER/ HTTP/1.1\r\nHost:\r\nCookie: $COOKIE\r\n\r\n"
	unharmed
	stop_agent
}

test_what_is_no_request_ends_nothing() {
	terminal
	local many
	many=$(printf 'X-%s: x\\r\\n' $(seq 3000))
	refused "a greeting of TLS" '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n'
	refused "zeros" '\0\0\0\0\0\0\0\0\r\n\r\n'
	refused "a folded header" "GET $FOLDER/ HTTP/1.1\r\nHost: evil.example\r\n $HOST\r\nCookie: $COOKIE\r\n\r\n"
	refused "a header without a name" "GET $FOLDER/ HTTP/1.1\r\n: x\r\nHost: evil\r\nCookie: $COOKIE\r\n\r\n"
	refused "3,000 headers" "GET $FOLDER/ HTTP/1.1\r\n${many}Host: $HOST\r\nCookie: $COOKIE\r\n\r\n"
	refused "an address without an end" "GET /$(head -c 60000 /dev/zero | tr '\0' a) HTTP/1.1\r\nHost: $HOST\r\n\r\n"
	refused "a cookie without an end" "GET $FOLDER/ HTTP/1.1\r\nHost: $HOST\r\nCookie: $(head -c 60000 /dev/zero | tr '\0' ';')\r\n\r\n"
	unharmed
	stop_agent
}

# Refused as soon as it has said so, and not when it has sent all.
test_a_body_that_is_too_large_is_not_waited_for() {
	terminal
	refused "a body of a terabyte" "$DO${OURS}Content-Length: 1099511627776\r\n\r\n{"
	refused "one byte too many" "$DO${OURS}Content-Length: 8193\r\n\r\n{"
	refused "a length below nothing" "$DO${OURS}Content-Length: -1\r\n\r\n{"
	refused "a length beyond all numbers" "$DO${OURS}Content-Length: 99999999999999999999999999\r\n\r\n{"
	refused "a length that is none" "$DO${OURS}Content-Length: 0x20\r\n\r\n$DISABLE"
	refused "a stranger's body" "POST $FOLDER/api/do HTTP/1.1\r\nHost: $HOST\r\nOrigin: https://evil.example\r\nContent-Length: 8000\r\n\r\n{"
	refused "a body for the address" "POST ${ADDRESS#http://*/} HTTP/1.1\r\nHost: $HOST\r\nContent-Length: 8000\r\n\r\n{"
	unharmed
	stop_agent
}

test_another_protocol_is_no_way_in() {
	terminal
	local upgrade="Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	refused "a socket of another site" "GET $FOLDER/api/events HTTP/1.1\r\nHost: $HOST\r\nOrigin: https://evil.example\r\nCookie: $COOKIE\r\n$upgrade\r\n"
	refused "a socket without the cookie" "GET $FOLDER/api/events HTTP/1.1\r\nHost: $HOST\r\nOrigin: http://$HOST\r\n$upgrade\r\n"
	[ "$(raw "GET $FOLDER/api/state HTTP/1.1\r\nHost: $HOST\r\nOrigin: http://$HOST\r\nCookie: $COOKIE\r\n$upgrade\r\n")" != 101 ] ||
		fail "it speaks another protocol"
	refused "HTTP/2 by knowledge" 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0'
	unharmed
	stop_agent
}

test_events_are_for_the_page_alone() {
	terminal
	local events="GET $FOLDER/api/events HTTP/1.1\r\nHost: $HOST\r\n"
	refused "a stranger who listens" "$events\r\n"
	refused "another site that listens" "${events}Cookie: $COOKIE\r\nOrigin: https://evil.example\r\n\r\n"
	refused "another port that listens" "${events}Cookie: $COOKIE\r\nSec-Fetch-Site: same-site\r\n\r\n"
	refused "a frame that listens" "${events}Cookie: $COOKIE\r\nOrigin: null\r\n\r\n"
	# Four pages may listen; the first of them does.
	printf '%b' "${events}Cookie: $COOKIE\r\n\r\n" | "$here/send_raw.py" "$PORT_OF_WINDOW" 3 >"$WORLD/held" &
	local holder=$!
	wait_until "three more listen" grep -q held "$WORLD/held"
	wait_until "there is no place for a fifth" eval '[ "$(raw "$events""Cookie: $COOKIE\r\n\r\n")" = 503 ]'
	unharmed
	kill "$holder"
	stop_agent
}

# The same account has two windows open: what one's browser knows opens nothing of the other.
test_the_secrets_of_another_window_are_no_good() {
	terminal
	local host=$HOST folder=$FOLDER cookie=$COOKIE address=$ADDRESS
	open_window other
	refused "the address of the first" "GET /${address##*/} HTTP/1.1\r\nHost: $HOST\r\n\r\n"
	enter other
	refused "the first's cookie" "GET $FOLDER/api/state HTTP/1.1\r\nHost: $HOST\r\nCookie: $cookie\r\n\r\n"
	refused "the first's page" "GET $folder/api/state HTTP/1.1\r\nHost: $HOST\r\nCookie: $COOKIE\r\n\r\n"
	refused "the first's host" "GET $FOLDER/api/state HTTP/1.1\r\nHost: $host\r\nCookie: $COOKIE\r\n\r\n"
	refused "the first's origin" "POST $FOLDER/api/do HTTP/1.1\r\nHost: $HOST\r\nOrigin: http://$host\r\nContent-Type: application/json\r\nCookie: $COOKIE\r\n$LENGTH\r\n$DISABLE"
	refused "an address a second time" "GET /${ADDRESS##*/} HTTP/1.1\r\nHost: $HOST\r\n\r\n"
	refused "half a cookie" "GET $FOLDER/api/state HTTP/1.1\r\nHost: $HOST\r\nCookie: ${COOKIE:0:30}\r\n\r\n"
	refused "a cookie of another name" "GET $FOLDER/api/state HTTP/1.1\r\nHost: $HOST\r\nCookie: x$COOKIE\r\n\r\n"
	unharmed
	stop_agent
}

test_who_sends_slowly_keeps_nobody_out() {
	terminal
	printf 'GET / HTTP/1.1\r\nHost: ' | "$here/send_raw.py" "$PORT_OF_WINDOW" 16 >"$WORLD/held" &
	local holder=$!
	wait_until "sixteen are silent" grep -q held "$WORLD/held"
	unharmed
	kill "$holder"
	if [ "$(id -u)" -eq 0 ]; then
		# Of another account not one is taken, so that any number does no harm.
		printf 'GET / HTTP/1.1\r\nHost: ' | "$here/send_raw.py" "$PORT_OF_WINDOW" 100 65534 >"$WORLD/others"
		grep -q held "$WORLD/others" || fail "nobody has tried"
		unharmed
	fi
	stop_agent
}

# What only the page's cookie gets as far as: deeds that are none, in words that mean two things.
test_a_deed_that_is_bent_is_not_done() {
	terminal
	local body bytes
	for body in '{"method":"Check","method":"SetEnvironment"}' '{"method":"Disable\\u0000x"}' '{"method":5}' '{"method":["Disable"]}' \
		'{"method":{"x":"Disable"}}' '{"METHOD":"Disable"}' '{"method":"disable"}' '{"method":" Disable"}' '{"method":"jp.haishin.Agent.Disable"}' \
		'{}' '""' 'null' '{"method":"Disable"' '{"method":"Disable"}{"method":"Disable"}' '\xff{"method":"Disable"}' \
		"$(head -c 6000 /dev/zero | tr '\0' '[')"; do
		bytes=$(printf '%b' "$body" | wc -c)
		refused "'${body:0:60}'" "$DO${OURS}Content-Length: $bytes\r\n\r\n$body"
	done
	for body in '{"method":"Disable","parameters":{"why":5}}' '{"method":"Disable","parameters":{"who":"root"}}' \
		'{"method":"Disable","parameters":{"until":"yesterday"}}' \
		'{"method":"Hold","parameters":{"package":"../../etc/passwd"}}' '{"method":"Hold","parameters":{"package":""}}' \
		'{"method":"SetSetting","parameters":{"name":"terminal.institution_name","value":{"a":1}}}' \
		'{"method":"SetSetting","parameters":{"name":"terminal.institution_name","value":"a","file":"/etc/passwd"}}' \
		'{"method":"SetSetting","parameters":{"name":"terminal.institution_name\\u0000x","value":"a"}}' \
		'{"method":"SetSetting","parameters":{"name":"terminal.institution_name","value":"a\\u0000\\n[control]"}}'; do
		bytes=$(printf '%b' "$body" | wc -c)
		raw "$DO${OURS}Content-Length: $bytes\r\n\r\n$body" >/dev/null
	done
	unharmed
	stop_agent
}

# A page that is asked in vain for what it shows: what is in the question reaches no shell, no file and no statement.
test_a_question_that_is_bent_is_no_error_of_ours() {
	terminal
	local query
	for query in 'history?package=../../etc/passwd' "history?package='%3B--" 'history?since=never' 'history?outcome=%00' 'history?limit=-1' \
		'history.csv?package=%0d%0aX-Evil:%201' 'notes?package=../../../etc/passwd&version=1' 'notes?version=%0a' 'completion?x=y' 'settings?all=1'; do
		[ "$(raw "GET $FOLDER/api/$query HTTP/1.1\r\nHost: $HOST\r\nCookie: $COOKIE\r\nConnection: close\r\n\r\n")" = 200 ] ||
			fail "$query"
	done
	curl -s -D "$WORLD/head" -o /dev/null -b "$COOKIE" "http://$HOST$FOLDER/api/history.csv?package=%0d%0aX-Evil:%201"
	! grep -qi '^x-evil' "$WORLD/head" || fail "a question writes a header"
	unharmed
	stop_agent
}

run_tests
