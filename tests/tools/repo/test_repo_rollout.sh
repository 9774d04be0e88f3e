#!/usr/bin/env bash
# haishin-repo rollout: a release that is tried, from its beginning to its end, and who may brake.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

rollout() {
	"$repo" rollout "$@" --repo pub --keys keys
}

publish() {
	quietly "$repo" publish --repo pub --keys keys
}

tonight=$(date +%F)
tomorrow=$(date -d tomorrow +%F)
later=$(date -d '5 days' +%F)

# 5.0.2 is stable, 5.1.0 is there, and a key may brake.
ready() {
	once make_ready
}

make_ready() {
	small_repository
	release face-library 5.1.0
	quietly "$repo" key new brake --keys keys --unencrypted
	quietly rollout brake-key keys/brake.pub.json
	publish
}

# Tonight for pilots, tomorrow 1 %, later all.
begun() {
	once make_begun
}

make_begun() {
	ready
	quietly rollout begin face-library=5.1.0 --stage "$tonight=ring:pilot" --stage "$tomorrow=1" --stage "$later=100"
	publish
}

catalog_says() {
	quietly "$repo" catalog show --json --repo pub
	jq -e "$1" quiet.log >/dev/null || fail "the catalog does not say $1: $(cat quiet.log)"
}

test_a_release_is_tried_beside_the_stable_one() {
	ready
	says "Next: haishin-repo publish" rollout begin face-library=5.1.0 --stage "$tonight=ring:pilot" --stage "$later=10 %" \
		--stop-at rolled-back=2% --stop-at silent=0.5% --least 50
	says "face-library 5.1.0 is being tried from the night of $tonight on, in 2 stages." "$repo" publish --repo pub --keys keys
	catalog_says '.packages[0] | .version == "5.0.2" and .candidate.version == "5.1.0" and .candidate.attempt == 1 and
		.candidate.state == "running" and .candidate.least == 50 and .candidate.stop_at == {"rolled_back": 200, "silent": 50} and
		.candidate.stages[0].rings == ["pilot"] and .candidate.stages[1].percent == 10 and .candidate.place_of == .candidate.digest'
	[ "$(jq -r '.packages[0].candidate.digest' quiet.log)" = "$(sha256sum <packed/face-library-5.1.0.json | cut -d' ' -f1)" ] ||
		fail "the digest is another"
}

test_bounds_are_set_where_nothing_is_said() {
	begun
	catalog_says '.packages[0].candidate | .stop_at == {"rolled_back": 200, "silent": 300} and .least == 20'
}

test_clients_that_know_no_candidates_go_on() {
	begun
	client init
	client refresh
	client download catalog.json face-library/face-library-5.1.0.json
	verify
}

test_several_packages_share_their_places() {
	ready
	quietly "$repo" delegate linkage-app --repo pub --keys keys --unencrypted
	release linkage-app 1.0.0
	release linkage-app 2.0.0 --requires face-library=5.1.0
	quietly "$repo" catalog set linkage-app=1.0.0 --repo pub --keys keys
	publish
	quietly rollout begin face-library=5.1.0 linkage-app=2.0.0 --stage "$tonight=5"
	publish
	catalog_says '.packages[0].candidate.digest as $first | .packages[1].candidate | .place_of == $first and .digest != $first'
	grep -q "will wait" quiet.log && fail "what is tried together meets its requirements"
	verify
}

test_what_cannot_be_begun_is_refused() {
	ready
	refuses 2 "say with --stage" rollout begin face-library=5.1.0
	refuses 2 "is no stage" rollout begin face-library=5.1.0 --stage soon=10
	refuses 2 "is neither ring:NAME nor a share" rollout begin face-library=5.1.0 --stage "$tonight=0"
	refuses 2 "is neither ring:NAME nor a share" rollout begin face-library=5.1.0 --stage "$tonight=101"
	refuses 2 "is no ring" rollout begin face-library=5.1.0 --stage "$tonight=ring:A b"
	refuses 2 "is no bound" rollout begin face-library=5.1.0 --stage "$tonight=1" --stop-at failed=2%
	refuses 2 "is no bound" rollout begin face-library=5.1.0 --stage "$tonight=1" --stop-at silent=101%
	refuses 2 "is not newer than the stable 5.0.2" rollout begin face-library=5.0.2 --stage "$tonight=1"
	refuses 3 "there is no release 9.9.9" rollout begin face-library=9.9.9 --stage "$tonight=1"
	refuses 2 "the catalog offers no 'linkage-app'" rollout begin linkage-app=1.0.0 --stage "$tonight=1"
	refuses 1 "its night is not after" rollout begin face-library=5.1.0 --stage "$later=1" --stage "$tonight=5"
	refuses 1 "is below that of the stage before" rollout begin face-library=5.1.0 --stage "$tonight=9" --stage "$later=5"
	refuses 3 "nothing of 'face-library' is being tried" rollout stop face-library --why x
	says "Nothing is being tried" rollout show
	quietly rollout begin face-library=5.1.0 --stage "$tonight=1"
	refuses 2 "is being tried already (running)" rollout begin face-library=5.1.0 --stage "$tonight=1"
	refuses 2 "5.1.0 is being tried (running), and 5.1.0 is no older" "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
}

test_stop_resume_and_withdraw() {
	begun
	refuses 2 "say with --why" rollout stop face-library
	quietly rollout stop face-library --why "cameras go dark"
	says "The rollout of face-library 5.1.0 is stopped: cameras go dark" "$repo" publish --repo pub --keys keys
	catalog_says '.packages[0].candidate | .state == "stopped" and .why == "cameras go dark" and .recall == false and .attempt == 1'
	refuses 2 "5.1.0 is stopped" rollout finish face-library --early
	quietly rollout resume face-library
	says "The rollout of face-library 5.1.0 goes on, attempt 2." "$repo" publish --repo pub --keys keys
	catalog_says '.packages[0].candidate | .state == "running" and .attempt == 2 and .why == null'
	quietly rollout withdraw face-library --why "cameras go dark" --recall
	says "is withdrawn, and recalled: cameras go dark" "$repo" publish --repo pub --keys keys
	refuses 2 "was withdrawn for good" rollout resume face-library
	refuses 2 "is withdrawn already" rollout stop face-library --why again
	release face-library 5.1.1
	says "5.1.0 was recalled: terminals that have not heard" rollout begin face-library=5.1.1 --stage "$tonight=ring:pilot"
}

test_a_newer_stable_release_takes_the_place_of_one_that_was_withdrawn() {
	begun
	release face-library 5.1.1
	refuses 2 "5.1.0 is being tried (running), and 5.1.1 is no older" "$repo" catalog set face-library=5.1.1 --repo pub --keys keys
	quietly rollout withdraw face-library --why "cameras go dark"
	quietly "$repo" catalog set face-library=5.1.1 --repo pub --keys keys
	publish
	catalog_says '.packages[0] | .version == "5.1.1" and .candidate == null'
}

test_finish_makes_it_the_stable_release() {
	begun
	refuses 2 "has not reached its last stage" rollout finish face-library
	quietly rollout finish face-library --early
	says "The catalog offers face-library 5.1.0 instead of 5.0.2." "$repo" publish --repo pub --keys keys
	grep -qx "face-library 5.1.0 is being tried no longer." refused.log || fail "$(cat refused.log)"
	catalog_says '.packages[0] | .version == "5.1.0" and .rollout_percent == 100 and .candidate == null'
	verify
}

test_finish_needs_no_word_once_the_last_stage_has_come() {
	begun
	quietly at 6 "$repo" rollout finish face-library --repo pub --keys keys
}

test_without_a_brake_every_step_says_so() {
	ready
	says "NO BRAKE: nothing stops face-library 5.1.0 by itself" rollout begin face-library=5.1.0 --stage "$tonight=1" --no-brake
	says "WITHOUT A BRAKE" "$repo" publish --repo pub --keys keys
	says "NO BRAKE" rollout show
	says "NO BRAKE" rollout stop face-library --why x
	says "NO BRAKE" rollout resume face-library
	says "NO BRAKE" rollout withdraw face-library --why x
}

test_who_begins_without_anybody_to_brake_is_told() {
	small_repository
	release face-library 5.1.0
	says "nobody may brake yet, so no stage opens" rollout begin face-library=5.1.0 --stage 2026-01-01=1
	grep -q "the last stage is not for all terminals" refused.log || fail "$(cat refused.log)"
	grep -q "the first stage, 2026-01-01, is over" refused.log || fail "$(cat refused.log)"
}

# The key signs for one path, which nothing stands at; no other client ever asks for its document.
test_the_brakes_key_is_delegated_for_one_path() {
	ready
	jq -e '.signed.delegations.roles[] | select(.name == "brake") | .paths == ["rollout/brake.json"] and .terminating' \
		"pub/repository/metadata/$(ls pub/repository/metadata | grep '[0-9]*.targets.json' | sort -n | tail -n 1)" >/dev/null
	jq -e '.signed.meta | has("brake.json") | not' "pub/repository/metadata/$(ls pub/repository/metadata | grep snapshot | sort -n | tail -n 1)" >/dev/null
	quietly rollout brake-sign
	client init
	client refresh
	client download catalog.json face-library/face-library-5.0.2.json
	verify
	quietly "$repo" prune --repo pub
	[ -f pub/repository/metadata/brake.json ] || fail "prune took the brake's statement"
}

test_a_statement_carries_the_stops_that_are_still_meant() {
	begun
	says "0 stopped, good until" rollout brake-sign
	refuses 2 "say with --why" rollout brake-sign --stop face-library
	refuses 3 "nothing of 'linkage-app' is being tried" rollout brake-sign --stop linkage-app --why x
	says "1 stopped" rollout brake-sign --stop face-library --why "cameras go dark"
	says "1 stopped" rollout brake-sign
	says "STOPPED by the brake" rollout show
	jq -e '.signed.haishin.stopped[0] | .package == "face-library" and .attempt == 1 and .by == "operator" and .why == "cameras go dark"' \
		pub/repository/metadata/brake.json >/dev/null
	says "face-library 5.1.0 is stopped by the brake" "$repo" verify --repo pub
	quietly rollout resume face-library
	publish
	says "good: somebody watches" rollout show
	says "0 stopped" rollout brake-sign
}

test_show_and_verify_say_that_it_waits() {
	begun
	says "there is no statement here: the rollout waits" rollout show
	says "face-library 5.1.0 waits: " "$repo" verify --repo pub
	quietly rollout brake-sign
	says "stale: nobody has signed for 36 hours" at 2 "$repo" rollout show --repo pub
	says "waits: the brake's statement is too old" at 2 "$repo" verify --repo pub
}

test_the_brakes_key_is_exchanged_and_taken_away() {
	begun
	quietly rollout brake-sign
	quietly "$repo" key new brake2 --keys keys --unencrypted
	quietly rollout brake-key keys/brake2.pub.json
	publish
	says "waits: " "$repo" verify --repo pub
	quietly rollout brake-sign
	verify
	refuses 2 "say \"haishin-repo rollout brake-key FILE\"" "$repo" rotate brake --add keys/brake.pub.json --repo pub --keys keys
	refuses 2 "is the name of a role of the repository itself" "$repo" delegate brake --repo pub --keys keys --unencrypted
	quietly rollout brake-key --drop
	publish
	refuses 3 "there is no key to take away" rollout brake-key --drop
	refuses 3 "there is no role 'brake'" rollout brake-sign
}

test_a_candidate_whose_release_is_gone_is_not_published() {
	begun
	quietly "$repo" undelegate face-library --repo pub --keys keys
	refuses 1 "which is not there" "$repo" publish --repo pub --keys keys
}

run_tests "$@"
