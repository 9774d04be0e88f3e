#!/usr/bin/env bash
# The ledger, by all the real programs: a terminal's report, its receipt, and what an auditor makes of it.
. "$(dirname "$0")/ledger_lib.sh"

test_a_report_is_logged_cosigned_and_proven_to_its_terminal() {
	make_ledger
	terminal_with_receipt
	grep -q "witness.example/W1" "$WORLD/ledger/checkpoint" || fail "W1 has not cosigned"
	grep -q "witness.example/W2" "$WORLD/ledger/checkpoint" || fail "W2 has not cosigned"
	expect 0 "The history is sound" haishin history verify
	haishin --json status | jq -e '.receipt.holds' >/dev/null || fail "$(haishin --json status)"
	audit_log 0 "All of it holds"
	audit_log 0 "Cosigned by W1, W2"
	certificate operator /CN=Operator extendedKeyUsage=clientAuth 30
	ask_collector "/ledger?lang=en" --cert "$WORLD/pki/operator.pem" --key "$WORLD/pki/operator.key" >"$WORLD/page"
	[ "$(grep -o '<bdi>witness.example/W[12]</bdi><td><time' "$WORLD/page" | sort -u | wc -l)" = 2 ] ||
		fail "the page does not say which witnesses signed, and when: $(cat "$WORLD/page")"
	ask_collector /ledger/checkpoint | diff - "$WORLD/ledger/checkpoint" || fail "another checkpoint is served"
	[ "$(jq -r '.entry, .proof' "$ROOT/var/lib/haishin/receipt.json" | wc -c)" -le 2048 ] || fail "a large receipt"
	stop_agent
}

test_the_history_is_proven_on_another_machine() {
	make_ledger
	terminal_with_receipt
	haishin history export "$WORLD/history.jsonl" >/dev/null
	haishin history key >"$WORLD/terminal.pub"
	stop_agent
	rm -r "$ROOT/var/lib/haishin"
	expect 0 "are proven by entry" haishin history verify --file "$WORLD/history.jsonl" --key "$WORLD/terminal.pub" \
		--policy "$WORLD/policy"
	haishin --json history verify --file "$WORLD/history.jsonl" --key "$WORLD/terminal.pub" --policy "$WORLD/policy" |
		jq -e --arg origin "$ORIGIN" '.proven | .rows > 0 and .log == $origin and .logged_before != null' >/dev/null || fail "JSON"
	expect 0 "By 20" audit history "$WORLD/history.jsonl" --key "$WORLD/terminal.pub" --policy "$WORLD/policy"
	grep -v haishin-receipt-1 "$WORLD/history.jsonl" >"$WORLD/bare.jsonl"
	expect 0 "is sound" haishin history verify --file "$WORLD/bare.jsonl" --key "$WORLD/terminal.pub"
	expect 7 "brings no receipt of the ledger" haishin history verify --file "$WORLD/bare.jsonl" --key "$WORLD/terminal.pub" \
		--policy "$WORLD/policy"
	expect 1 "No receipt of the ledger" audit history "$WORLD/bare.jsonl" --key "$WORLD/terminal.pub" --policy "$WORLD/policy"
	sed 's/^log .*/'"$(sed 's/+[^+]*+/+00000000+/; s/[&/]/\\&/g' "$WORLD/ledger-line")/" "$WORLD/policy" >"$WORLD/broken-policy"
	expect 1 "is not what it should be" haishin history verify --file "$WORLD/history.jsonl" --key "$WORLD/terminal.pub" \
		--policy "$WORLD/broken-policy"
}

test_a_witness_that_is_down_delays_the_receipt() {
	make_ledger
	terminal_with_receipt
	stop_witness W2
	report_once
	[ -s "$ROOT/var/lib/haishin/receipt.pending" ] || fail "no receipt is waited for"
	grep -q "missing: W2" "$WORLD/collector.log" || fail "the collector does not name W2: $(cat "$WORLD/collector.log")"
	local digest
	digest=$(sha256sum "$ROOT/var/lib/haishin/receipt.pending" | cut -d' ' -f1)
	grep -q "missing: W2" <(ask_collector "/proofs/$digest") || fail "$(ask_collector "/proofs/$digest")"
	audit_log 0 "All of it holds" # what is served is what was cosigned
	start_witness W2
	wait_until "the witnesses have cosigned" eval "grep -q '^index ' <(ask_collector /proofs/$digest)"
	report_once
	[ ! -e "$ROOT/var/lib/haishin/receipt.pending" ] || fail "the receipt was not fetched"
	history_says "done" "entry"
	audit_log 0 "All of it holds"
	stop_agent
}

test_a_witness_whose_clock_is_wrong_delays_the_receipt() {
	make_ledger
	terminal_with_receipt
	stop_witness W2
	start_witness W2 LD_PRELOAD="$(find /usr/lib -name libfaketime.so.1 -print -quit)" FAKETIME=-400d FAKETIME_DONT_FAKE_MONOTONIC=1
	report_once
	[ -s "$ROOT/var/lib/haishin/receipt.pending" ] || fail "no receipt is waited for"
	grep -q "missing: W2 (its clock, or ours, is wrong: it says 20" "$WORLD/collector.log" || fail "$(cat "$WORLD/collector.log")"
	stop_witness W2
	start_witness W2
	local digest
	digest=$(sha256sum "$ROOT/var/lib/haishin/receipt.pending" | cut -d' ' -f1)
	wait_until "the witnesses have cosigned" eval "grep -q '^index ' <(ask_collector /proofs/$digest)"
	report_once
	history_says "done" "entry"
	stop_agent
}

test_one_witness_of_two_is_enough_where_the_policy_says_so() {
	make_ledger "group one any W1 W2" "quorum one"
	stop_witness W1
	terminal_with_receipt
	audit_log 0 "Cosigned by W2"
	stop_agent
}

test_without_witnesses_the_ledger_proves_that_it_only_grew() {
	make_ledger "quorum none"
	stop_witness W1
	stop_witness W2
	terminal_with_receipt
	report_once
	history_says "done" "entry 2 of 3" # it would have refused it without that proof
	stop_agent
}

run_tests
