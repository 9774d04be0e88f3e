#!/usr/bin/env bash
# prune of haishin-repo, from outside: what goes, and what must stay.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

# Makes everything that is published look DAYS old.
age() {
	find pub/repository -type f -exec touch -d "$1 days ago" {} +
}

# Five states: two 100 days old, then 60, 20 and 0 days old; a new root with the fourth.
five_states() {
	small_repository
	age 40
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	find pub/repository -type f -exec sh -c 'touch -d "$(date -d @$(stat -c %Y "$1")) -60 days" "$1"' sh {} \;
	quietly "$repo" rotate root --repo pub --keys keys
	quietly "$repo" catalog set face-library=5.1.0 --rollout 50 --repo pub --keys keys
	touch stamp
	quietly "$repo" publish --repo pub --keys keys
	find pub/repository -type f -newer stamp -exec touch -d "20 days ago" {} +
	quietly "$repo" catalog set face-library=5.1.0 --rollout 75 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
}

exists() {
	[ -e "pub/repository/$1" ] || fail "$1 is gone"
}

is_gone() {
	[ ! -e "pub/repository/$1" ] || fail "$1 is still there"
}

test_keeps_every_state_of_the_last_days_and_nothing_before() {
	five_states
	[ "$(jq .signed.version pub/repository/metadata/timestamp.json)" = 5 ]
	quietly "$repo" prune --repo pub
	is_gone metadata/1.snapshot.json
	is_gone metadata/2.snapshot.json
	exists metadata/3.snapshot.json
	exists metadata/4.snapshot.json
	exists metadata/5.snapshot.json
	is_gone metadata/1.face-library.json
	exists metadata/2.face-library.json
	exists metadata/1.root.json
	exists metadata/2.root.json
	[ "$(ls pub/repository/metadata/*.operator.json pub/repository/targets/*catalog.json | wc -l)" = 6 ]
	verify
	quietly "$repo" prune --older-than 0 --repo pub
	exists metadata/1.root.json
	exists metadata/2.root.json
	[ "$(cd pub/repository/metadata && echo *.snapshot.json *.operator.json)" = "5.snapshot.json 4.operator.json" ]
	verify
}

test_a_terminal_that_was_off_all_the_time_finds_its_way() {
	five_states
	quietly "$repo" prune --older-than 0 --repo pub
	client init
	client refresh
	client download face-library/face-library-5.1.0.json catalog.json
}

test_releases_stay_as_long_as_a_role_lists_them() {
	small_repository
	age 400
	release face-library 5.1.0
	quietly "$repo" publish --repo pub --keys keys
	quietly "$repo" prune --older-than 0 --repo pub
	ls pub/repository/targets/face-library/*5.0.2.tar.zst >/dev/null
	verify
}

test_what_is_staged_keeps_the_files_it_needs() {
	small_repository
	local former
	former=$(cd pub/repository/targets && echo *catalog.json)
	quietly "$repo" catalog set face-library=5.0.2 --rollout 1 --repo pub --keys keys
	cp pub/staged/operator.json kept.json
	cp "pub/staged/targets/"*catalog.json pub/repository/targets/
	age 400
	quietly "$repo" prune --repo pub
	[ "$(find pub/repository/targets -name '*catalog.json' | wc -l)" = 2 ] || fail "what is staged lost a file"
	quietly "$repo" withdraw --all --repo pub
	age 400
	says "Removed 1 files" "$repo" prune --repo pub
	[ "$(cd pub/repository/targets && echo *catalog.json)" = "$former" ]
	verify
}

test_a_dry_run_tells_and_changes_nothing() {
	five_states
	cp -r pub before
	"$repo" prune --dry-run --json --repo pub >would.json
	diff -r before pub
	says "Would remove $(jq length would.json) files" "$repo" prune --dry-run --repo pub
	"$repo" prune --json --repo pub >did.json
	cmp would.json did.json
	says "Removed 0 files of 0 bytes" "$repo" prune --repo pub
}

test_leaves_alone_what_is_not_the_repositorys() {
	small_repository
	quietly "$repo" prune --older-than 0 --repo pub
	echo hello >pub/repository/targets/README
	echo hello >pub/repository/metadata/index.html
	echo hello >pub/repository/metadata/1.stranger.json
	age 400
	says "Removed 0 files" "$repo" prune --older-than 0 --repo pub
	quietly "$repo" init --repo empty --keys keys-2 --unencrypted
	rm empty/repository/metadata/timestamp.json
	refuses 3 "nothing is published yet" "$repo" prune --repo empty
}

run_tests "$@"
