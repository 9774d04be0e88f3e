#!/usr/bin/env bash
# haishin-witness is killed at each of its changes to files, and started again: what it cosigned it still knows, and a second
# view of the log is not cosigned.
# shellcheck source=tests/tools/witness/witness_lib.sh
. "$(dirname "$0")/witness_lib.sh"
: "${END_AT_WRITE:?}"

# Five states of one log, and another view of each.
make_logs() {
	local i
	make_parties
	for i in 1 2 3 4 5; do
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
	for i in 1 2 3 4 5; do
		cp "this$i" body
		ask 2>/dev/null
		[ "$status" = 200 ] || return 0
		cosigned=$i
	done
}

# After the restart the witness knows at least what it gave away, and the other view of it is refused.
check_memory() {
	local known
	printf 'old 0\n\n%s\n' "$(sed '1,/^$/d' this5)" >body
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

test_never_cosigns_two_views_wherever_it_ends() {
	local at ended=yes points=0
	make_logs
	for ((at = 1; ; at++)); do
		rm -f store.db* mark
		start_witness LD_PRELOAD="$END_AT_WRITE" END_AT=$at END_MARK="$PWD/mark"
		cosigned=0
		[ ! -s port ] || climb
		stop_witness
		[ -e mark ] || break
		points=$((points + 1))
		start_witness
		[ -s port ] || fail "does not start after it ended at change $at: $(cat witness.out)"
		check_memory
		stop_witness
	done
	[ "$cosigned" = 5 ] || fail "without an end it cosigned $cosigned of 5"
	[ $points -gt 20 ] || fail "only $points changes"
	echo "  ended at each of $points changes"
}

run_tests
