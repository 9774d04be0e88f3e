#!/usr/bin/env bash
# What our ledger makes holds for an independent implementation, and what that makes holds for ours.
# Usage: test_peer.sh LEDGER_PEER HAISHIN_AUDIT
set -euo pipefail
ours=$1
audit=$2
here=$(cd "$(dirname "$0")" && pwd)

place=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$place"' EXIT
export GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode GOCACHE="$place/cache" HOME="$place"
go build -o "$place/peer" "$here/peer.go"

"$ours" make "$place" >"$place/ours.txt"
"$place/peer" check "$place/ledger" <"$place/ours.txt"
"$place/peer" make >"$place/theirs.txt"
"$ours" check <"$place/theirs.txt"

# Each of them notices when a line does not hold.
inclusion=$(grep -m 1 '^inclusion 7 ' "$place/theirs.txt")
if "$ours" check <<<"no-$inclusion" >/dev/null 2>&1 || "$place/peer" check "$place/ledger" <<<"no-$inclusion" >/dev/null 2>&1; then
	echo "a line that does not hold was not noticed" >&2
	exit 1
fi

# Ledgers that it made are audited like our own: every tile, every entry.
for size in 1 255 256 257 1100 65537; do
	"$place/peer" ledger "$place/of-$size" $size
	LC_ALL=C.UTF-8 "$audit" log "$place/of-$size" --policy "$place/of-$size.policy" >"$place/said" ||
		{ cat "$place/said" >&2; echo "their ledger of $size entries does not hold for us" >&2; exit 1; }
	grep -q "^Log peer.example/ledger: $size entries of 1 terminals" "$place/said"
	rm -r "$place/of-$size"
done
