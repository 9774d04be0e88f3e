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
	[ "$(stat -c %s packed/face-library-5.1.0-from-5.0.2.delta)" -lt 2000 ]
	[ -z "$(find packed -name '.haishin*')" ] || fail "something is left"
}

test_says_in_json_what_was_saved() {
	two_releases
	delta --json >delta.json
	jq -e '.written and .delta_bytes < .payload_bytes and .from == "5.0.2" and .version == "5.1.0"' delta.json >/dev/null
	[ "$(jq .delta_bytes delta.json)" = "$(stat -c %s "packed/$(jq -r .delta delta.json)")" ]
}

test_writes_none_where_it_would_be_larger_than_the_payload() {
	package_folder in/a one
	mkdir -p in/b
	echo two >in/b/other
	quietly "$repo" pack in/a --package face-library --version 5.0.2 --output packed
	quietly "$repo" pack in/b --package face-library --version 5.1.0 --output packed
	says "not worth having" delta
	[ ! -e packed/face-library-5.1.0-from-5.0.2.delta ]
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
	quietly client download face-library/face-library-5.1.0-from-5.0.2.delta
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
	[ -z "$(find packed -name '.haishin*' -o -name '*.delta')" ] || fail "something is left"
}

run_tests "$@"
