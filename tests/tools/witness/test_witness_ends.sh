#!/usr/bin/env bash
# haishin-witness is killed at each of its changes to files, or one of them fails, and it is started again: what it cosigned it still
# knows, and a second view of the log is not cosigned. WITNESS_STATES says how many states of the log it cosigns meanwhile.
#
#   test_witness_ends.sh [TEST...]
# shellcheck source=tests/tools/witness/witness_lib.sh
. "$(dirname "$0")/witness_lib.sh"
: "${END_AT_WRITE:?}"

states=${WITNESS_STATES:-5}

# Some states of one log, and another view of each.
make_logs() {
	local i
	make_parties
	for ((i = 1; i <= states; i++)); do
		cp -r log "view$i" && cp log.key "view$i.key"
		append "$i" this
		append "$i" that "$PWD/view$i"
		"$LEDGER_TOOL" request "$PWD/log" $origin "$(size_of $((i - 1)))" >"this$i"
		"$LEDGER_TOOL" request "$PWD/view$i" $origin "$(size_of $((i - 1)))" >"that$i"
		rm -r "view$i" "view$i.key"
	done
	printf 'old 0\n\n%s\n' "$(sed '1,/^$/d' "this$states")" >newest
	for ((i = 1; i <= states; i++)); do
		[ $i = 1 ] || echo next
		question "this$i" /dev/null
		echo fail
	done >climb
}

size_of() {
	echo $(($1 * ($1 + 1) / 2))
}

# question BODY ANSWER: one question in curl's words; the witness's port stands for PORT.
question() {
	printf '%s\n' silent 'url = "http://witness.example/add-checkpoint"' 'connect-to = "::127.0.0.1:PORT"' \
		'header = "Expect:"' "data-binary = \"@$1\"" "output = \"$2\"" 'write-out = "%{http_code}\\n"'
}

# ask_all [OPTION...]: the questions of standard input over one connection; prints the status of each.
ask_all() {
	sed "s/PORT/$(cat port)/" | curl "$@" --config - || :
}

# Has one state after the other cosigned until one is not; sets cosigned.
climb() {
	cosigned=$(ask_all --fail-early <climb | grep -c '^200$' || :)
}

# After the restart the witness knows at least what it gave away, and the other view of it is refused.
check_memory() {
	local known=0 status=none other=none
	{
		question newest known
		if [ "$cosigned" -gt 0 ]; then
			echo next
			question "that$cosigned" answer
		fi
	} | ask_all >statuses
	{ read -r status || :; read -r other || :; } <statuses
	[ "$status" = 409 ] || [ "$cosigned" = 0 ] || fail "cosigned $cosigned and forgot it: $status $(cat known)"
	[ "$status" != 409 ] || known=$(cat known)
	[ "$known" -ge "$(size_of "$cosigned")" ] || fail "cosigned $cosigned and knows $known only"
	[ "$cosigned" = 0 ] || [ "$other" = 409 ] || fail "answered $other to a second view"
}

# strike_everywhere [END_HOW=fail]: at each change, until there is none left.
strike_everywhere() {
	local at points=0
	make_logs
	for ((at = 1; ; at++)); do
		rm -f store.db* mark
		start_witness LD_PRELOAD="$END_AT_WRITE" END_AT=$at END_MARK="$PWD/mark" "$@"
		cosigned=0
		[ ! -s port ] || climb
		stop_witness
		[ -e mark ] || break
		points=$((points + 1))
		start_witness
		[ -s port ] || fail "does not start after change $at: $(cat witness.out)"
		check_memory
		stop_witness
	done
	[ "$cosigned" = "$states" ] || fail "undisturbed it cosigned $cosigned of $states"
	[ $points -gt 20 ] || fail "only $points changes"
	echo "  $points ran, 0 bad"
}

test_never_cosigns_two_views_wherever_it_ends() {
	strike_everywhere
}

test_never_cosigns_two_views_whichever_change_fails() {
	strike_everywhere END_HOW=fail
}

run_tests "$@"
