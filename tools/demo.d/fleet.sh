# shellcheck shell=bash
# A simulated fleet beside the demo's own terminal, which reports to the same collector. Sourced by tools/demo.

# What the collector says to the operator at PATH.
ask_collector() {
	curl --silent --show-error --fail --cacert "$DEMO/certificates/ca.pem" --cert "$DEMO/certificates/operator.pem" \
		--key "$DEMO/certificates/operator.key" "https://127.0.0.1:$COLLECTOR_PORT$1"
}

# play_fleet NIGHT: all that are heard in that night of the fleet's life report, each with its own key and certificate.
play_fleet() {
	"${with_clock[@]}" "$BUILD/bin/fleet-sim" --reports "https://127.0.0.1:$COLLECTOR_PORT/reports" --terminals "$FLEET" --night "$1" \
		--server-ca "$DEMO/certificates/ca.pem" --client-ca "$DEMO/certificates/ca.pem" --client-ca-key "$DEMO/certificates/ca.key" \
		--silent 60 --clones 4 --json >"$DEMO/fleet-$1.json" || {
		say "  NOT SO: every answer was as it should be. fleet-sim says in $DEMO/fleet-$1.json what was not." >&2
		exit 1
	}
	# As every day: the terminal beside them believes no old word, and reports to nobody whom it does not believe.
	"${with_clock[@]}" "$BUILD/bin/haishin-repo" refresh --repo "$REPO" --keys "$DEMO/keys" >>"$DEMO/publisher.log"
	say "  $(jq -r '"\(.taken) reports taken, \(.refused) that were none refused; \(.quiet) terminals were not heard"' "$DEMO/fleet-$1.json")"
	report_now
}

silent_are_found() {
	[ "$(ask_collector /api/v1/fleet | jq .silent)" -eq "$(jq .quiet "$DEMO/fleet-2.json")" ]
}

fleet_act() {
	say ""
	say "11. A fleet of $FLEET simulated terminals beside this one. Some fall silent after their first night, some are clones, some send"
	say "    what is no report, some say words that would hurt a careless page."
	set_clock "$(at 5 23:00)"
	play_fleet 1
	set_clock "$(at 7 23:00)"
	play_fleet 2
	wait_for "the collector to find who is silent" silent_are_found
	must "all of them are on the page" test "$(ask_collector /api/v1/fleet | jq .terminals)" -eq $((FLEET + 1))
	say "    What the operator is told at 8 in the morning, in numbers:"
	ask_collector /api/v1/fleet | jq '{terminals, reached, silent, causes, twins}'
}
