#!/usr/bin/env bash
# haishin-witness is killed at each of its changes to files, or one of them fails, and it is started again: what it cosigned it still
# knows, and a second view of the log is not cosigned. WITNESS_STATES says how many states of the log it cosigns meanwhile.
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
		cp -r log "log$i" && cp log.key "log$i.key"
		append "$i" that "$PWD/view$i"
		"$LEDGER_TOOL" request "$PWD/log$i" $origin "$(size_of $((i - 1)))" >"this$i"
		"$LEDGER_TOOL" request "$PWD/view$i" $origin "$(size_of $((i - 1)))" >"that$i"
	done
}

size_of() {
	echo $(($1 * ($1 + 1) / 2))
}

# Cosigns one state after the other until it ends; sets cosigned.
climb() {
	local i
	cosigned=0
	for ((i = 1; i <= states; i++)); do
		cp "this$i" body
		ask 2>/dev/null
		[ "$status" = 200 ] || return 0
		cosigned=$i
	done
}

# After the restart the witness knows at least what it gave away, and the other view of it is refused.
check_memory() {
	local known
	printf 'old 0\n\n%s\n' "$(sed '1,/^$/d' "this$states")" >body
	ask
	if [ "$status" = 409 ]; then known=$(cat answer); else known=0; fi
	[ "$status" = 409 ] || [ "$cosigned" = 0 ] || fail "cosigned $cosigned and forgot it: $status $(cat answer)"
	[ "$known" -ge "$(size_of "$cosigned")" ] || fail "cosigned $cosigned and knows $known only"
	if [ "$cosigned" -gt 0 ]; then
		cp "that$cosigned" body
		ask
		[ "$status" = 409 ] || fail "answered $status to a second view"
	fi
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

run_tests
