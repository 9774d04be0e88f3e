#!/usr/bin/env bash
# Ways to the window's port, and through it to the agent, for those whom it is not for: other accounts, other browsers, other sites.
. "$(dirname "$0")/../../e2e/lib.sh"

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal '[control]' 'staff_may_set = terminal.institution_name'
	boot_terminal
	"$PROGRAMS/haishin-window" --root "$ROOT" --print-address >"$WORLD/address" 2>"$WORLD/window.log" &
	WINDOW_PID=$!
	wait_until "the window has an address" grep -q http "$WORLD/address"
	ADDRESS=$(cat "$WORLD/address")
	ORIGIN=${ADDRESS%/*}
}

# enter: the one browser. PAGE is the page's own address.
enter() {
	PAGE=$ORIGIN$(curl -s -o /dev/null -c "$WORLD/cookies" -w '%{redirect_url}' "$ADDRESS" | sed "s|^$ORIGIN||")
	# It is there as long as somebody listens.
	curl -sN -b "$WORLD/cookies" "${PAGE}api/events" >"$WORLD/events" &
	wait_until "the page listens" grep -q 'event: state' "$WORLD/events"
}

# answers STATUS CURL-ARGUMENT...
answers() {
	local status=$1 got
	shift
	got=$(curl -s -o "$WORLD/body" -w '%{http_code}' --max-time 20 "$@" || true)
	[ "$got" = "$status" ] || fail "curl $*: $got, not $status: $(cat "$WORLD/body")"
}

# as_page STATUS BODY: what the page itself would ask to be done.
as_page() {
	answers "$1" -b "$WORLD/cookies" -H "Origin: $ORIGIN" -H 'Content-Type: application/json' -d "$2" "${PAGE}api/do"
}

is_enabled() {
	haishin --json status | jq -e '.disabled == null' >/dev/null || fail "$1"
}

test_the_page_itself_gets_in() {
	terminal
	enter
	answers 200 -b "$WORLD/cookies" "$PAGE"
	grep -q 'Update manager' "$WORLD/body" || fail "there is no page"
	as_page 200 '{"method":"Disable","parameters":{"why":"test"}}'
	haishin --json status | jq -e '.disabled.why == "test"' >/dev/null || fail "the page can do nothing"
	as_page 200 '{"method":"Enable"}'
	grep -q '"disabled": *"' "$WORLD/events" || grep -q '"disabled":"' "$WORLD/events" || fail "the page was not told"
	stop_agent
}

test_a_second_browser_is_refused() {
	terminal
	enter
	answers 410 "$ADDRESS"
	answers 403 "$PAGE"
	answers 403 "${PAGE}api/state"
	answers 403 -b haishin_window=00000000000000000000000000000000 "${PAGE}api/state"
	answers 403 "$ORIGIN/"
	answers 403 "$ORIGIN/favicon.ico"
	stop_agent
}

test_a_name_that_leads_here_is_refused() {
	terminal
	answers 403 -H "Host: localhost:${ORIGIN##*:}" "$ADDRESS"
	answers 403 -H 'Host: evil.example' "$ADDRESS"
	enter # it was not spent
	answers 403 -b "$WORLD/cookies" -H 'Host: evil.example' "${PAGE}api/state"
	stop_agent
}

test_another_site_can_neither_ask_nor_do() {
	terminal
	enter
	local site
	for site in https://evil.example http://127.0.0.1:1 null; do
		answers 403 -b "$WORLD/cookies" -H "Origin: $site" -H 'Content-Type: application/json' -d '{"method":"Disable"}' "${PAGE}api/do"
		answers 403 -b "$WORLD/cookies" -H "Origin: $site" "${PAGE}api/state"
	done
	answers 403 -b "$WORLD/cookies" -H 'Content-Type: application/json' -d '{"method":"Disable"}' "${PAGE}api/do"
	answers 403 -b "$WORLD/cookies" -H "Origin: $ORIGIN" -d '{"method":"Disable"}' "${PAGE}api/do" # as a form would
	answers 403 -b "$WORLD/cookies" -H 'Sec-Fetch-Site: cross-site' "$PAGE"
	answers 403 -b "$WORLD/cookies" -H 'Sec-Fetch-Site: same-site' "$PAGE" # another port of this machine
	answers 403 -b "$WORLD/cookies" -X OPTIONS -H 'Origin: https://evil.example' "${PAGE}api/do"
	is_enabled "another site disabled delivery"
	stop_agent
}

test_the_cookie_is_sent_to_no_other_port() {
	terminal
	local head
	head=$(curl -s -D - -o /dev/null "$ADDRESS")
	grep -qi "^set-cookie: haishin_window=[0-9a-f]*; Path=/[0-9a-f]\{32\}/; HttpOnly; SameSite=Strict" <<<"$head" || fail "$head"
	grep -qi "^content-security-policy: default-src 'none'" <<<"$head" || fail "$head"
	! grep -qi "unsafe-\|access-control-allow" <<<"$head" || fail "$head"
	grep -qi '^referrer-policy: no-referrer' <<<"$head" || fail "$head"
	stop_agent
}

test_another_account_gets_no_word() {
	terminal
	enter
	if [ "$(id -u)" -eq 0 ]; then
		chmod 644 "$WORLD/cookies" # even one that has read it
		! setpriv --reuid=65534 --regid=65534 --clear-groups curl -s --max-time 20 -b "$WORLD/cookies" "$PAGE" >"$WORLD/body" ||
			fail "another account was answered"
		[ ! -s "$WORLD/body" ] || fail "another account was told: $(cat "$WORLD/body")"
	fi
	answers 200 -b "$WORLD/cookies" "$PAGE"
	stop_agent
}

test_what_is_not_the_pages_business_is_not_done() {
	terminal
	enter
	local method
	for method in SetEnvironment Rollback Install ExportHistory Watch org.varlink.service.GetInfo '' '../Disable'; do
		as_page 404 "{\"method\":\"$method\",\"parameters\":{\"environment\":\"x\"}}"
	done
	as_page 400 'not JSON'
	as_page 400 '[1]'
	as_page 400 "{\"method\":\"Disable\",\"parameters\":{\"why\":\"$(head -c 9000 /dev/zero | tr '\0' a)\"}}"
	answers 404 -b "$WORLD/cookies" --path-as-is "${PAGE}../../etc/passwd"
	answers 404 -b "$WORLD/cookies" --path-as-is "${PAGE}%2e%2e/window.js"
	answers 404 -b "$WORLD/cookies" "${PAGE}api/do"
	is_enabled "it was done all the same"
	stop_agent
}

test_a_setting_gets_no_further_than_the_operator_lets_it() {
	terminal
	enter
	local before
	before=$(find "$ROOT/etc" -type f -exec sha256sum {} + | sort)
	as_page 200 '{"method":"SetSetting","parameters":{"name":"server.url","value":"https://evil.example"}}'
	grep -q '"ok": *false' "$WORLD/body" || fail "$(cat "$WORLD/body")"
	as_page 200 '{"method":"SetSetting","parameters":{"name":"terminal.institution_name","value":"a\n[control]\nusers = nobody"}}'
	grep -q '"ok": *false' "$WORLD/body" || fail "$(cat "$WORLD/body")"
	as_page 200 '{"method":"SetSetting","parameters":{"name":"control.staff_may_set","value":"server.url"}}'
	grep -q '"ok": *false' "$WORLD/body" || fail "$(cat "$WORLD/body")"
	as_page 200 '{"method":"SetSetting","parameters":{"name":"restart.command","value":"/bin/sh"}}'
	grep -q '"ok": *false' "$WORLD/body" || fail "$(cat "$WORLD/body")"
	[ "$before" = "$(find "$ROOT/etc" -type f -exec sha256sum {} + | sort)" ] || fail "a file was changed"
	stop_agent
}

# What a page shows of texts from outside is text: a reason, a name.
test_a_text_from_outside_ends_no_element() {
	terminal
	enter
	as_page 200 '{"method":"Disable","parameters":{"why":"</script><script>alert(1)</script>"}}'
	answers 200 -b "$WORLD/cookies" "$PAGE"
	! grep -q '</script><script>alert' "$WORLD/body" || fail "a reason ended the data"
	stop_agent
}

# The real browser, started as from the menu: the address is on no command line, and the program ends with it.
test_the_address_stands_on_no_command_line() {
	terminal
	kill "$WINDOW_PID"
	command -v chromium >/dev/null || { [ "${CI:-}" != true ] || fail "there is no chromium"; return 0; }
	mkdir -p "$WORLD/bin" "$WORLD/runtime"
	chmod 700 "$WORLD/runtime"
	cat >"$WORLD/bin/chromium" <<END
#!/bin/sh
echo "\$@" >>$WORLD/chromium.arguments
exec $(command -v chromium) --headless=new --no-sandbox --user-data-dir=$WORLD/profile "\$@" >$WORLD/chromium.log 2>&1
END
	chmod 755 "$WORLD/bin/chromium"
	PATH=$WORLD/bin:$PATH XDG_RUNTIME_DIR=$WORLD/runtime "$PROGRAMS/haishin-window" --root "$ROOT" 2>"$WORLD/window.log" &
	WINDOW_PID=$!
	wait_until "the browser is started" test -s "$WORLD/chromium.arguments"
	local file
	file=$(sed 's|.*file://||' "$WORLD/chromium.arguments")
	[ "$(stat -c %a "$(dirname "$file")")" = 700 ] && [ "$(stat -c %a "$file")" = 600 ] || fail "$file is not ours alone"
	! tr '\0' ' ' 2>/dev/null </proc/"$WINDOW_PID"/cmdline | grep -c '127.0.0.1' >/dev/null || fail "the address is on our command line"
	! grep -c 'http' "$WORLD/chromium.arguments" >/dev/null || fail "the address is on the browser's command line"
	wait_until "the page is open" eval "ss -Htn state established '( sport = :'\$(ss -Htlnp | sed -n 's/.*127.0.0.1:\([0-9]*\) .*pid=$WINDOW_PID,.*/\1/p')' )' | grep -c . >/dev/null"
	pkill -f -- "--user-data-dir=$WORLD/profile"
	# Two minutes where the page was not there yet when its browser ended.
	local end=$((SECONDS + 200))
	while kill -0 "$WINDOW_PID" 2>/dev/null; do
		[ $SECONDS -lt $end ] || fail "the window did not end with its page"
		read -rt 0.2 <> <(:) || true
	done
	[ ! -e "$file" ] || fail "the file with the address is still there"
	stop_agent
}

run_tests
