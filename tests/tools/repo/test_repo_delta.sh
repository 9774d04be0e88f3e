#!/usr/bin/env bash
# haishin-repo delta, from outside.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

# Two releases that differ in a few bytes of a file.
two_releases() {
	pack face-library 5.0.2
	package_folder in/face-library-5.1.0 "face-library 5.1.0"
	sed -i 's/777/7 7/' in/face-library-5.1.0/share/numbers
	pack_again 5.1.0
}

pack_again() {
	quietly "$repo" pack "in/face-library-$1" --package face-library --version "$1" --level 1 --output packed
}

delta() {
	"$repo" delta packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json "$@"
}

test_writes_a_small_delta_beside_the_new_release() {
	two_releases
	quietly delta
	[ "$(stat -c %s packed/face-library-5.1.0-from-5.0.2.delta3)" -lt 2000 ]
	[ -z "$(find packed -name '.haishin*')" ] || fail "something is left"
}

test_says_in_json_what_was_saved() {
	two_releases
	delta --json >delta.json
	jq -e '.written and .delta_bytes < .payload_bytes and .from == "5.0.2" and .version == "5.1.0"' delta.json >/dev/null
	[ "$(jq .delta_bytes delta.json)" = "$(stat -c %s "packed/$(jq -r .delta delta.json)")" ]
}

test_tells_for_each_file_how_it_is_made() {
	two_releases
	delta >told
	grep -q 'share/numbers: bytes, [0-9]* bytes; whole [0-9]*' told || fail "$(cat told)"
	delta --json | jq -e '.files[] | select(.path == "share/numbers") | .way == "bytes" and .estimates.whole > .estimates.bytes' >/dev/null
}

test_makes_deltas_from_several_releases_at_once() {
	two_releases
	package_folder in/face-library-5.0.1 "face-library 5.0.1"
	pack_again 5.0.1
	quietly delta --from packed/face-library-5.0.1.json
	[ -s packed/face-library-5.1.0-from-5.0.2.delta3 ]
	[ -s packed/face-library-5.1.0-from-5.0.1.delta3 ]
}

# An archive of text in both, one of whose members differs in one line.
put_archives() {
	local version
	for version in 5.0.2 5.1.0; do
		seq 1 4000 | sed "s/^2000\$/in $version/" >in/numbers
		(cd in && python3 -m zipfile -c "face-library-$version/share/numbers.jar" numbers)
		pack_again "$version"
	done
}

test_an_older_agents_delta_stands_beside_the_other() {
	two_releases
	put_archives
	quietly delta
	quietly delta --for-older-agents
	[ "$(head -c 15 packed/face-library-5.1.0-from-5.0.2.delta3)" = "haishin-delta 3" ]
	[ "$(head -c 15 packed/face-library-5.1.0-from-5.0.2.delta)" = "haishin-delta 2" ]
}

test_what_looks_into_no_file_is_no_larger_than_for_older_agents() {
	two_releases
	quietly delta
	quietly delta --for-older-agents
	cmp packed/face-library-5.1.0-from-5.0.2.delta3 packed/face-library-5.1.0-from-5.0.2.delta
}

test_the_bound_on_memory_does_not_change_the_delta() {
	two_releases
	quietly delta
	mv packed/face-library-5.1.0-from-5.0.2.delta3 usual
	quietly delta --memory 64
	cmp usual packed/face-library-5.1.0-from-5.0.2.delta3
}

test_a_file_that_takes_more_than_the_memory_there_is_goes_whole() {
	mkdir -p in/face-library-5.0.2 in/face-library-5.1.0
	head -c 7M /dev/urandom >in/face-library-5.0.2/large
	{ cat in/face-library-5.0.2/large; echo more; } >in/face-library-5.1.0/large
	pack_again 5.0.2
	pack_again 5.1.0
	delta --memory 64 >told
	grep -q '^\[1/1\] large: whole, .*; not compared, that takes 7[78] MiB (--memory)$' told || fail "$(cat told)"
	grep -q 'not worth having, not written$' told || fail "$(cat told)"
	delta --memory 64 --json | jq -e '.files[0] | .way == "whole" and .memory_needed > 64 * 1048576' >/dev/null
	says "large: bytes, " delta --memory 128
}

test_advises_by_what_terminals_would_fetch() {
	two_releases
	printf '5.0.2,900\n5.0.1,90\n5.1.0,10\n' >counts
	delta --advise counts >told
	grep -q '^5.0.2: 900 terminals, .* worth a delta$' told || fail "$(cat told)"
	grep -q '^5.0.1: 90 terminals, .* does not stand beside the new one$' told || fail "$(cat told)"
	delta --advise counts --json | jq -e '.from[0] | .from == "5.0.2" and .worth and .here' >/dev/null
	[ ! -e packed/face-library-5.1.0-from-5.0.2.delta3 ]
}

test_advises_by_the_table_that_the_collector_gives() {
	two_releases
	{
		printf '\xef\xbb\xbfpackage,version,terminals,confirmed,rolled_back\r\n'
		printf '"face-library","5.0.2",900,880,1\r\n"linkage-app","5.0.1",4000,4000,0\r\n'
		printf '"face-library","5.0.1",90,90,0\r\n"face-library","5.1.0",10,10,0\r\n'
	} >releases.csv
	delta --advise releases.csv --json >told
	jq -e '[.from[] | [.from, .terminals, .worth]] == [["5.0.2", 900, true], ["5.0.1", 90, false], ["5.1.0", 10, false]]' told \
		>/dev/null || fail "$(cat told)"
}

test_refuses_counts_that_are_none() {
	two_releases
	printf 'package,version,terminals\nface-library,5.0.2\n' >counts
	refuses 1 "line 2 of 'counts'" delta --advise counts
	printf '5.0.2,900\n5.0.2,1\n' >counts
	refuses 1 "names version 5.0.2 a second time" delta --advise counts
	printf '5.0.2,900\nfive,x\n' >counts
	refuses 1 "line 2 of 'counts'" delta --advise counts
}

test_writes_none_where_it_would_be_larger_than_the_payload() {
	package_folder in/a one
	mkdir -p in/b
	echo two >in/b/other
	quietly "$repo" pack in/a --package face-library --version 5.0.2 --output packed
	quietly "$repo" pack in/b --package face-library --version 5.1.0 --output packed
	says "not worth having" delta
	[ ! -e packed/face-library-5.1.0-from-5.0.2.delta3 ]
}

test_add_and_publish_sign_it_as_a_target_of_its_own() {
	small_repository
	package_folder in/face-library-5.1.0 "face-library 5.1.0"
	pack_again 5.1.0
	quietly delta
	quietly "$repo" add packed/face-library-5.1.0.json --repo pub --keys keys
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	verify
	quietly client init
	quietly client download face-library/face-library-5.1.0-from-5.0.2.delta3
}

test_refuses_releases_of_two_packages() {
	pack face-library 5.0.2
	pack linkage-app 1.0.0
	refuses 2 "a delta is between two of one package" \
		"$repo" delta packed/linkage-app-1.0.0.json --from packed/face-library-5.0.2.json
}

test_refuses_a_payload_that_is_damaged() {
	two_releases
	printf 'x' | dd of=packed/face-library-5.0.2.tar.zst bs=1 seek=100 conv=notrunc status=none
	refuses 7 "face-library-5.0.2.tar.zst" delta
	[ -z "$(find packed -name '.haishin*' -o -name '*.delta*')" ] || fail "something is left"
}

run_tests "$@"
