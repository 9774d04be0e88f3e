#!/usr/bin/env bash
# The ledger and a witness are killed, cut off their power, or refused a write, at each of their changes to files: no two
# checkpoints that contradict each other, no receipt without its entry, no second view that is cosigned. The short share is the
# tests themselves; in full, each way of striking comes to at least a thousand.
#
#   PROGRAMS=build/release/bin tests/proofs/ledger-cuts.sh [--share short|full] [--seed N] [--only log|witness]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${PROGRAMS:?where the programs are}"
built=$(cd "$PROGRAMS/.." && pwd)
share=full only=''
while [ $# -gt 0 ]; do
	case $1 in
	--share) share=${2:?--share short or --share full}; shift 2 ;;
	--seed) shift 2 ;; # nothing here is left to chance
	--only) only=${2:?--only log or --only witness}; shift 2 ;;
	*) echo "ledger-cuts: there is no '$1'" >&2; exit 2 ;;
	esac
done
if [ "$share" = full ]; then export LEDGER_STRIKES=1000 WITNESS_STATES=220 WITNESS_STEP=10; fi
export TMPDIR=${TMPDIR:-/dev/shm}
export HAISHIN_BIN=$PROGRAMS LEDGER_TOOL=$built/tests/ledger_tool END_AT_WRITE=$built/tests/libend_at_write.so
[ -e "$END_AT_WRITE" ] || END_AT_WRITE=${END_AT_WRITE%/*}/end_at_write.so
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT

# strike NAME PROGRAM [ARGUMENT...]: what it says, and whether all was well, lies in the folder $said.
strike() {
	local name=$1
	shift
	if "$@" >"$said/$name" 2>&1; then touch "$said/$name.well"; else tail -n 20 "$said/$name"; fi
	sed -n "s/^ *//; s/.*ran, 0 bad/$name: &/p" "$said/$name"
}

witness=$here/../tools/witness/test_witness_ends.sh
[ "$only" = witness ] || strike log "$built/tests/test_ledger_log_cuts"
if [ "$only" != log ]; then
	strike "witness killed" "$witness" test_never_cosigns_two_views_wherever_it_ends &
	strike "witness refused a write" "$witness" test_never_cosigns_two_views_whichever_change_fails
	wait
fi
ran=0 bad=0
for out in "$said"/*; do
	[ "${out%.well}" = "$out" ] || continue
	ran=$((ran + $(grep -o "[0-9]* ran, 0 bad" "$out" | awk '{ sum += $1 } END { print sum + 0 }')))
	[ -e "$out.well" ] || bad=$((bad + 1))
done
echo "ledger cuts: $ran ran, $bad bad"
[ "$bad" -eq 0 ]
