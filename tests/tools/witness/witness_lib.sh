# shellcheck shell=bash
# For tests of haishin-witness from outside, by curl. A test is a function test_THE_BEHAVIOUR, run in a fresh folder.
set -euo pipefail
export LC_ALL=C.UTF-8 ASAN_OPTIONS=${ASAN_OPTIONS:-verify_asan_link_order=0}
: "${HAISHIN_BIN:?say where the programs are}" "${LEDGER_TOOL:?}"
witness=$HAISHIN_BIN/haishin-witness
origin=log.example/1
exec {never}<> <(:) # nothing ever comes from here: who reads it pauses

fail() {
	echo "  $*" >&2
	exit 1
}

# A log, a witness's key, and the file that names the log to the witness.
make_parties() {
	"$LEDGER_TOOL" create "$PWD/log" $origin >log.vkey
	"$witness" new-key --key w.key --name witness.example/w1 >w.vkey
	printf 'log %s\nquorum none\n' "$(cat log.vkey)" >logs
}

# start_witness [ENVIRONMENT...]: sets url; the process is pid.
start_witness() {
	rm -f port
	env "$@" "$witness" serve --key w.key --name witness.example/w1 --logs logs --store store.db --listen 127.0.0.1:0 \
		--port-file port >witness.out 2>&1 &
	pid=$!
	# It has ended, or it listens: there is no third.
	while [ ! -s port ] && kill -0 $pid 2>/dev/null; do read -rt 0.01 -u $never || :; done
	[ ! -s port ] || url=http://127.0.0.1:$(cat port)
}

stop_witness() {
	[ -n "$pid" ] || return 0
	kill "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	pid=''
}

append() { # append COUNT WORD [FOLDER]
	local i
	for ((i = 0; i < $1; i++)); do echo "$2 $i"; done | "$LEDGER_TOOL" append "${3:-$PWD/log}" $origin
}

request() { # request OLD [FOLDER]: what the log asks, in file body
	"$LEDGER_TOOL" request "${2:-$PWD/log}" $origin "$1" >body
}

ask() { # posts file body; sets status, type; the answer is in file answer
	read -r status type < <(curl -sS -o answer -w '%{http_code} %{content_type}\n' --data-binary @body "$url/add-checkpoint" || echo "000 none")
}

answers() { # answers STATUS [TEXT]
	ask
	[ "$status" = "$1" ] || fail "answered $status instead of $1: $(cat answer)"
	[ $# -lt 2 ] || grep -qF -- "$2" answer || fail "does not say '$2': $(cat answer)"
}

run_tests() { # run_tests [NAME...]: all of them, or these
	local name failed=0
	# shellcheck disable=SC2046 # names
	[ $# -gt 0 ] || set -- $(declare -F | awk '$3 ~ /^test_/ { print $3 }')
	for name; do
		(
			folder=$(mktemp -d)
			trap 'stop_witness; rm -rf "$folder"' EXIT
			pid=''
			cd "$folder"
			"$name"
		) && echo "ok $name" || { echo "not ok $name"; failed=1; }
	done
	return $failed
}
