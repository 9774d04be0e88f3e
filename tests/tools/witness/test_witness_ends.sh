#!/usr/bin/env bash
# haishin-witness is killed at each of its changes to files, or one of them fails, and it is started again: what it cosigned it still
# knows, and a second view of the log is not cosigned. WITNESS_STATES says how many states of the log it cosigns meanwhile; it
# begins anew after each WITNESS_STEP of them, with what a witness left that was killed there.
#
#   test_witness_ends.sh [TEST...]
# shellcheck source=tests/tools/witness/witness_lib.sh
. "$(dirname "$0")/witness_lib.sh"
: "${END_AT_WRITE:?}"

states=${WITNESS_STATES:-4} step=${WITNESS_STEP:-2}

# Some states of one log, each with an entry more, and another view of each. All are files that are never changed, so that links do
# for a copy.
make_logs() {
	local i
	make_parties
	for ((i = 1; i <= states; i++)); do
		cp -al log view && cp log.key view.key
		append 1 "this $i"
		append 1 "that $i" "$PWD/view"
		"$LEDGER_TOOL" request "$PWD/log" $origin $((i - 1)) >"this$i"
		"$LEDGER_TOOL" request "$PWD/view" $origin $((i - 1)) >"that$i"
		rm -r view
	done
	printf 'old 0\n\n%s\n' "$(sed '1,/^$/d' "this$states")" >newest
}

# question BODY ANSWER: one question in curl's words; the witness's port stands for PORT.
question() {
	printf '%s\n' silent 'url = "http://witness.example/add-checkpoint"' 'connect-to = "::127.0.0.1:PORT"' \
		'header = "Expect:"' "data-binary = \"@$1\"" "output = \"$2\"" 'write-out = "%{http_code}\\n"'
}

# ask_all [OPTION...]: the questions of standard input over one connection; prints the status of each.
ask_all() {
	sed "s/PORT/$(<port)/" | curl "$@" --config - || :
}

# climb FROM: has one state after the other cosigned, from FROM to the next step, until one is not; sets cosigned.
climb() {
	local i
	cosigned=$(for ((i = $1 + 1; i <= $1 + step; i++)); do
		[ $i = $(($1 + 1)) ] || echo next
		question "this$i" /dev/null
		echo fail
	done | ask_all --fail-early | grep -c '^200$' || :)
	cosigned=$(($1 + cosigned))
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
	[ "$known" -ge "$cosigned" ] || fail "cosigned $cosigned and knows $known only"
	[ "$cosigned" = 0 ] || [ "$other" = 409 ] || fail "answered $other to a second view"
}

# take_store FROM: what the witness begins with that has cosigned FROM states: nothing, or what one left that was killed there.
take_store() {
	rm -f store.db*
	[ "$1" = 0 ] || cp -a kept/. .
}

# Leaves what a witness leaves that has cosigned so many, and is killed.
keep_store() {
	take_store $(($1 - step))
	start_witness
	climb $(($1 - step))
	[ "$cosigned" = "$1" ] || fail "undisturbed it cosigned $cosigned of $1"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null || :
	pid=''
	rm -rf kept && mkdir kept && cp -a store.db* kept/
}

# strike_from FROM [END_HOW=fail]: at each change until the next step is cosigned; counts them in points.
strike_from() {
	local from=$1 at
	shift
	for ((at = 1; ; at++)); do
		rm -f mark
		take_store "$from"
		start_witness LD_PRELOAD="$END_AT_WRITE" END_AT=$at END_MARK="$PWD/mark" "$@"
		cosigned=$from
		[ ! -s port ] || climb "$from"
		stop_witness
		[ -e mark ] || break
		points=$((points + 1))
		start_witness
		[ -s port ] || fail "does not start after change $at: $(cat witness.out)"
		check_memory
		stop_witness
	done
	[ "$cosigned" = $((from + step)) ] || fail "undisturbed it cosigned $cosigned of $((from + step))"
}

# strike_everywhere [END_HOW=fail]
strike_everywhere() {
	local from points=0
	make_logs
	for ((from = 0; from < states; from += step)); do
		[ $from = 0 ] || keep_store $from
		strike_from $from "$@"
	done
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
