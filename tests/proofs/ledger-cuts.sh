#!/usr/bin/env bash
# The ledger and a witness are killed, cut off their power, or refused a write, at each of their changes to files: no two
# checkpoints that contradict each other, no receipt without its entry, no second view that is cosigned. The short share is the
# tests themselves; in full, each way of striking comes to at least a thousand.
#
#   PROGRAMS=build/release/bin tests/proofs/ledger-cuts.sh [--share short|full] [--seed N]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${PROGRAMS:?where the programs are}"
built=$(cd "$PROGRAMS/.." && pwd)
share=full
while [ $# -gt 0 ]; do
	case $1 in
	--share) share=${2:?--share short or --share full}; shift 2 ;;
	--seed) shift 2 ;; # nothing here is left to chance
	*) echo "ledger-cuts: there is no '$1'" >&2; exit 2 ;;
	esac
done
if [ "$share" = full ]; then export LEDGER_STRIKES=1000 WITNESS_STATES=130; fi
export TMPDIR=${TMPDIR:-/dev/shm}
export HAISHIN_BIN=$PROGRAMS LEDGER_TOOL=$built/tests/ledger_tool END_AT_WRITE=$built/tests/libend_at_write.so
[ -e "$END_AT_WRITE" ] || END_AT_WRITE=${END_AT_WRITE%/*}/end_at_write.so
bad=0 out=$(mktemp)
trap 'rm -f "$out"' EXIT
for program in "$built/tests/test_ledger_log_cuts" "$here/../tools/witness/test_witness_ends.sh"; do
	"$program" >"$out" 2>&1 || { bad=$((bad + 1)); tail -n 20 "$out"; }
	grep "ran, 0 bad" "$out" || true
	cat "$out" >>"$out.all"
done
ran=$(grep -o "[0-9]* ran, 0 bad" "$out.all" | awk '{ sum += $1 } END { print sum + 0 }')
rm -f "$out.all"
echo "ledger cuts: $ran ran, $bad bad"
[ "$bad" -eq 0 ]
