#!/usr/bin/env bash
# Where the programs do not build, whoever started the demo or the tests sees why, and where to read on.
set -euo pipefail
cd "$(dirname "$0")/../.."
WORK=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
trap 'rm -rf "$WORK"' EXIT

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

# A copy of this tree in which the first source file cannot be compiled.
make_broken_tree() {
	git ls-files -z -co --exclude-standard | tar --null --ignore-failed-read -T - -c | tar -C "$WORK" -x
	echo '#error the compiler stops here' >"$WORK/common/buf.c"
}

# shows_the_end_of_the_build PRESET COMMAND...: it fails, with the compiler's words and the place of a log that has them too.
shows_the_end_of_the_build() {
	local preset=$1 said
	shift
	! said=$(HAISHIN_DEMO=$WORK/demo "$@" 2>&1) || fail "'$*' succeeds where nothing can be built"
	[[ $said == *"the compiler stops here"* ]] || fail "'$*' does not show why: $said"
	[[ $said == *" is in $WORK/build/$preset/build.log" ]] || fail "'$*' does not end with where the log is: $said"
	grep -q "the compiler stops here" "$WORK/build/$preset/build.log" || fail "the log does not say why"
}

make_broken_tree
shows_the_end_of_the_build release "$WORK/tools/demo" --offline
shows_the_end_of_the_build sanitize "$WORK/tests/run" nothing
