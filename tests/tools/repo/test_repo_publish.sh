#!/usr/bin/env bash
# haishin-repo from keys to a published repository, from outside.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

version_of() {
	jq .signed.version pub/repository/metadata/timestamp.json
}

test_a_small_site_publishes_with_five_commands() {
	small_repository
	verify
	client init
	client refresh
	client download face-library/face-library-5.0.2.json face-library/face-library-5.0.2.tar.zst catalog.json
	[ "$(find client/targets -type f | wc -l)" = 3 ]
}

test_each_target_says_package_version_and_kind() {
	small_repository
	jq -e '.signed.targets["face-library/face-library-5.0.2.tar.zst"].custom.haishin ==
		{"package": "face-library", "version": "5.0.2", "kind": "payload"}' pub/repository/metadata/1.face-library.json >/dev/null
}

test_says_in_words_what_changed() {
	small_repository
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	says "The catalog offers face-library 5.1.0 instead of 5.0.2." "$repo" publish --repo pub --keys keys
	grep -q "^face-library/face-library-5.1.0.json is new" refused.log
	says "Nothing changed." "$repo" publish --repo pub --keys keys
}

test_clients_go_on_from_version_to_version() {
	small_repository
	client init
	client refresh
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	client refresh
	client download face-library/face-library-5.1.0.json catalog.json
	[ -f pub/repository/metadata/1.snapshot.json ] || fail "old metadata must stay"
}

test_refuses_a_version_that_is_there_with_other_bytes() {
	small_repository
	echo changed >in/face-library-5.0.2/share/content
	quietly "$repo" pack in/face-library-5.0.2 --package face-library --version 5.0.2 --level 1 --output packed
	refuses 7 "is there already with other content" "$repo" add packed/face-library-5.0.2.json --repo pub --keys keys
}

test_refuses_a_version_that_terminals_take_for_one_that_is_there() {
	small_repository
	pack face-library 5.0.2.0
	refuses 7 "5.0.2.0 is the same version to terminals as 5.0.2" "$repo" add packed/face-library-5.0.2.0.json --repo pub --keys keys
	pack face-library 5.0.10
	quietly "$repo" add packed/face-library-5.0.10.json --repo pub --keys keys
}

test_refuses_a_payload_that_is_not_the_releases() {
	small_repository
	pack face-library 5.1.0
	printf 'X' | dd of=packed/face-library-5.1.0.tar.zst bs=1 seek=100 conv=notrunc status=none
	refuses 7 "its bytes are not what the release says" "$repo" add packed/face-library-5.1.0.json --repo pub --keys keys
	truncate -s 50 packed/face-library-5.1.0.tar.zst
	refuses 7 "the payload has 50 bytes" "$repo" add packed/face-library-5.1.0.json --repo pub --keys keys
	rm packed/face-library-5.1.0.tar.zst
	refuses 3 "the payload must stand beside the release" "$repo" add packed/face-library-5.1.0.json --repo pub --keys keys
}

test_deltas_beside_a_release_are_added_with_it() {
	small_repository
	pack face-library 5.1.0
	echo difference >packed/face-library-5.1.0-from-5.0.2.delta
	echo difference >packed/face-library-5.1.0-from-5.0.2.delta3
	quietly "$repo" add packed/face-library-5.1.0.json --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	client init
	client download face-library/face-library-5.1.0-from-5.0.2.delta
	client download face-library/face-library-5.1.0-from-5.0.2.delta3
	verify
}

test_unknown_packages_and_versions_are_named() {
	small_repository
	pack linkage-app 1.0
	refuses 3 "package 'linkage-app' is delegated to nobody" "$repo" add packed/linkage-app-1.0.json --repo pub --keys keys
	refuses 3 "there is no package 'linkage-app'" "$repo" catalog set linkage-app=1.0 --repo pub --keys keys
	refuses 3 "there is no release 9.9 of 'face-library'" "$repo" catalog set face-library=9.9 --repo pub --keys keys
	refuses 3 "does not offer 'linkage-app'" "$repo" catalog drop linkage-app --repo pub --keys keys
	refuses 2 "'face-library' is not PACKAGE=VERSION" "$repo" catalog set face-library --repo pub --keys keys
	refuses 3 "is not a publisher's folder" "$repo" status --repo in
}

test_a_version_goes_back_only_when_told() {
	small_repository
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	refuses 2 "would go back from 5.1.0 to 5.0.2" "$repo" catalog set face-library=5.0.2 --repo pub --keys keys
	quietly "$repo" catalog set face-library=5.0.2 --back --repo pub --keys keys
}

test_requirements_that_the_catalog_cannot_meet_are_pointed_out() {
	small_repository
	release face-library 5.1.0 --requires distro-app=2.0.0
	says "face-library 5.1.0 requires distro-app 2.0.0, and the catalog offers none" \
		"$repo" catalog set face-library=5.1.0 --repo pub --keys keys
}

test_the_catalog_shows_what_was_set() {
	small_repository
	quietly "$repo" catalog set face-library=5.0.2 --priority 7 --rollout 25 --longest-disable-days 30 --repo pub --keys keys
	"$repo" catalog show --repo pub --json | jq -e '.longest_disable_days == 30 and .packages == [{"package": "face-library",
		"priority": 7, "version": "5.0.2", "release": "face-library/face-library-5.0.2.json", "rollout_percent": 25}]' >/dev/null
	quietly "$repo" catalog drop face-library --repo pub --keys keys
	"$repo" catalog show --repo pub --json | jq -e '.packages == []' >/dev/null
}

test_a_policy_for_the_ledger_is_the_operators_word() {
	local key=PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
	small_repository
	refuses 3 "there is no policy" "$repo" ledger show --repo pub
	printf 'log %s\nquorum W1\n' $key >policy
	refuses 1 "no line before this one names 'W1'" "$repo" ledger set policy --repo pub --keys keys
	printf 'quorum none\n' >policy
	refuses 1 "names no log" "$repo" ledger set policy --repo pub --keys keys
	printf 'log %s\nquorum none\n' $key >policy
	quietly "$repo" ledger set policy --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	verify
	diff policy <("$repo" ledger show --repo pub)
	jq -e '.signed.targets["ledger.policy"].custom.haishin.kind == "policy"' pub/repository/metadata/*.operator.json >/dev/null
	quietly "$repo" ledger drop --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	verify
	refuses 3 "there is no policy" "$repo" ledger show --repo pub
}

# As repositories were made before there were ledgers.
test_a_policy_needs_the_key_of_targets_where_its_path_is_not_the_operators_yet() {
	small_repository
	quietly "$repo" publish --repo pub --keys keys
	local targets=pub/repository/metadata
	targets=$(find "$targets" -name '*.targets.json' | sort -V | tail -n 1)
	jq -c '.signatures = [] | .signed.version += 1 | .signed.delegations.roles[0].paths = ["catalog.json"]' "$targets" >pub/staged/targets.json
	quietly "$repo" key new another --keys keys --unencrypted
	quietly "$repo" rotate operator --add keys/another.pub.json --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	printf 'log PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\nquorum none\n' >policy
	mkdir only && cp keys/operator.* only
	cp -r pub other
	says "'targets' lacks 1 signature" "$repo" ledger set policy --repo other --keys only
	quietly "$repo" ledger set policy --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	verify
	targets=$(find pub/repository/metadata -name '*.targets.json' | sort -V | tail -n 1)
	jq -e '.signed.delegations.roles[0].paths == ["catalog.json", "ledger.policy"]' "$targets" >/dev/null
}

test_services_come_and_go() {
	small_repository
	quietly "$repo" service set e-prescription distro-app=2.0.0 face-library=2.0.0 --title "電子処方箋" --repo pub --keys keys
	"$repo" service list --repo pub --json | jq -e '. == [{"service": "e-prescription", "title": "電子処方箋", "requires": [
		{"package": "distro-app", "version": "2.0.0"}, {"package": "face-library", "version": "2.0.0"}]}]' >/dev/null
	refuses 2 "'x' is not PACKAGE=VERSION" "$repo" service set e-prescription x --repo pub --keys keys
	refuses 1 "'1-rc' is not a version" "$repo" service set e-prescription x=1-rc --repo pub --keys keys
	refuses 3 "there is no service 'checkups'" "$repo" service drop checkups --repo pub --keys keys
	"$repo" publish --repo pub --keys keys >published
	grep -q "Service e-prescription is new." published
	quietly "$repo" service drop e-prescription --repo pub --keys keys
	"$repo" service list --repo pub --json | jq -e '. == []' >/dev/null
	"$repo" publish --repo pub --keys keys >published
	grep -q "Service e-prescription is gone." published
}

test_campaigns_come_and_go() {
	small_repository
	quietly "$repo" campaign add 150 --first 2026-01-19 --last 2026-01-30 --window 20:00-05:00 --leave-out 2026-01-25 \
		--afterwards all-day --title "冬" --package face-library --repo pub --keys keys
	"$repo" campaign list --repo pub --json | jq -e '. == [{"number": 150, "title": "冬", "packages": ["face-library"],
		"first_night": "2026-01-19", "last_night": "2026-01-30", "window": "20:00-05:00", "left_out": ["2026-01-25"],
		"afterwards": "all-day"}]' >/dev/null
	refuses 1 "last night is before its first" "$repo" campaign add 151 --first 2026-02-02 --last 2026-02-01 --repo pub --keys keys
	refuses 1 "'2026-02-30' is not a possible date" "$repo" campaign add 151 --first 2026-02-30 --last 2026-03-01 --repo pub --keys keys
	refuses 1 "--window: 'lunch' is neither hours" "$repo" campaign add 151 --first 2026-02-02 --last 2026-02-03 --window lunch --repo pub --keys keys
	quietly "$repo" campaign add 152 --first 2026-02-02 --last 2026-02-03 --window mon-fri,20:00-05:00,,sat,00:00-24:00 --repo pub --keys keys
	quietly "$repo" campaign drop 152 --repo pub --keys keys
	refuses 2 "--last is missing" "$repo" campaign add 151 --first 2026-02-02 --repo pub --keys keys
	refuses 3 "there is no campaign 151" "$repo" campaign drop 151 --repo pub --keys keys
	quietly "$repo" campaign drop 150 --repo pub --keys keys
	"$repo" campaign list --repo pub --json | jq -e '. == []' >/dev/null
}

test_what_is_staged_can_be_withdrawn() {
	small_repository
	cp -r pub before
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	refuses 3 "nothing is staged for 'linkage-app'" "$repo" withdraw face-library linkage-app --repo pub
	says "What was staged for face-library is withdrawn." "$repo" withdraw face-library --repo pub
	[ -z "$(find pub/staged/targets -name '*5.1.0*')" ] || fail "files of the release stay behind"
	[ -n "$(find pub/staged/targets -name '*.catalog.json')" ] || fail "the catalog that is still staged has lost its file"
	says "What was staged for operator is withdrawn." "$repo" withdraw --all --repo pub
	diff -r -x .lock before pub
	says "Nothing was staged." "$repo" withdraw --all --repo pub
	refuses 2 "the package or role" "$repo" withdraw --repo pub
	verify
}

test_refuses_to_publish_a_catalog_that_offers_what_is_not_there() {
	small_repository
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" withdraw face-library --repo pub
	cp -r pub/repository before
	refuses 1 "the catalog offers face-library 5.1.0, which is not there" "$repo" publish --repo pub --keys keys
	quietly "$repo" withdraw operator --repo pub
	quietly "$repo" undelegate face-library --repo pub --keys keys
	refuses 1 "the catalog offers face-library 5.0.2, which is not there" "$repo" publish --repo pub --keys keys
	diff -r before pub/repository
}

test_a_reader_vendors_role_has_no_slash() {
	quietly "$repo" init --repo pub --keys keys --unencrypted
	quietly "$repo" delegate reader-app/acme --repo pub --keys keys --unencrypted
	release reader-app/acme 1.2.3
	quietly "$repo" catalog set reader-app/acme=1.2.3 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	[ -f "pub/repository/metadata/1.reader-app-acme.json" ]
	verify
	client init
	client download reader-app/acme/reader-app-acme-1.2.3.json
}

test_a_vendors_key_cannot_sign_for_another_package() {
	small_repository
	quietly "$repo" delegate linkage-app --repo pub --keys keys --unencrypted
	mkdir face-vendor
	cp keys/face-library.* face-vendor/
	pack linkage-app 1.0
	says "'linkage-app' lacks 1 signature" "$repo" add packed/linkage-app-1.0.json --repo pub --keys face-vendor
	mkdir others
	cp keys/targets.* keys/snapshot.* keys/timestamp.* others/
	refuses 1 "'linkage-app' lacks 1 signature" "$repo" publish --repo pub --keys others --keys face-vendor
}

test_nothing_changes_for_clients_while_a_signature_is_missing() {
	small_repository
	mkdir online
	cp keys/snapshot.* keys/timestamp.* online/
	pack face-library 5.1.0
	quietly "$repo" add packed/face-library-5.1.0.json --repo pub
	cp -r pub/repository before
	refuses 1 "'face-library' lacks 1 signature" "$repo" publish --repo pub --keys online
	diff -r before pub/repository
}

test_two_publishers_at_once_do_not_meet() {
	small_repository
	(
		flock 9
		refuses 75 "another process holds" "$repo" publish --repo pub --keys keys
	) 9<pub/.lock
	quietly "$repo" publish --repo pub --keys keys
}

test_publishing_again_after_it_was_cut_off_behind_the_metadata() {
	small_repository
	release face-library 5.1.0
	cp -r pub/staged kept
	quietly "$repo" publish --repo pub --keys keys
	local before
	before=$(version_of)
	cp -r kept/*.json pub/staged/
	quietly "$repo" publish --repo pub --keys keys
	[ "$(version_of)" -gt "$before" ]
	verify
	quietly "$repo" status --repo pub --json
	jq -e '.staged == []' quiet.log >/dev/null
}

test_errors_are_json_too() {
	local status=0
	"$repo" status --repo nowhere --json >out.json 2>/dev/null || status=$?
	[ $status = 3 ]
	jq -e '.error == "not-found" and .exit_status == 3' out.json >/dev/null
}

test_a_campaign_names_its_packages_and_says_where_it_delivers_nothing() {
	small_repository
	local later
	later=$(date -d "+9 days" +%F)
	refuses 3 "there is no package 'nope'" "$repo" campaign add 150 --first "$later" --last "$later" --package nope --repo pub --keys keys
	refuses 1 "package name 'No'" "$repo" campaign add 150 --first "$later" --last "$later" --package No --repo pub --keys keys
	says "campaign 150 ended with the night of 2026-01-30: no terminal delivers by it any more" \
		"$repo" campaign add 150 --first 2026-01-19 --last 2026-01-30 --repo pub --keys keys
	says "The catalog is staged. Next: haishin-repo publish" \
		"$repo" campaign add 151 --first "$later" --last "$later" --package face-library --repo pub --keys keys
	! grep -q "no terminal delivers" refused.log || fail "$(cat refused.log)"
	"$repo" campaign list --repo pub >list
	grep -q "150 .*all packages" list && grep -q "151 .*face-library" list || fail "the list does not name the packages: $(cat list)"
	says "Campaign 151 is new: from $later to $later, face-library." "$repo" publish --repo pub --keys keys
	quietly "$repo" delegate linkage-app --repo pub --keys keys --unencrypted
	says "the catalog does not offer linkage-app yet" \
		"$repo" campaign add 152 --first "$later" --last "$later" --package linkage-app --repo pub --keys keys
}

# campaign_at MOMENT TEXT OPTION...: adds campaign 150 at that moment, UTC, and says TEXT; "" where it has nothing to warn of.
campaign_at() {
	local moment=$1 text=$2 library
	shift 2
	library=$(find /usr/lib -name libfaketime.so.1 -print -quit)
	quietly env LD_PRELOAD="$library" FAKETIME="@$moment" TZ=UTC FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
		"$repo" campaign add 150 "$@" --repo pub --keys keys
	if [ -n "$text" ]; then grep -qF -- "$text" quiet.log; else ! grep -q warning quiet.log; fi ||
		fail "at $moment, '$text' and no other warning: $(cat quiet.log)"
}

test_a_campaign_without_a_night_is_told_of_by_the_terminals_clock() {
	small_repository
	local night after monday friday saturday over="campaign 150 ended with the night of" none="campaign 150 has no night left to deliver in"
	night=$(date -d "+9 days" +%F)
	after=$(date -d "+10 days" +%F)
	monday=$(date -d "monday +2 weeks" +%F)
	friday=$(date -d "$monday +4 days" +%F)
	saturday=$(date -d "$monday +5 days" +%F)
	campaign_at "$night 19:59:59" "" --first "$night" --last "$night" # 04:59:59 in Japan, the morning after
	campaign_at "$night 20:00:00" "$over $night: no terminal delivers by it any more" --first "$night" --last "$night"
	campaign_at "$night 20:00:00" "$over $night: what it delivers comes at any time of the day" --first "$night" --last "$night" --afterwards all-day
	campaign_at "$night 02:59:59" "" --first "$night" --last "$night" --window 09:00-12:00 # 11:59:59 in Japan
	campaign_at "$night 03:00:00" "$none" --first "$night" --last "$night" --window 09:00-12:00
	campaign_at "$night 10:00:00" "$none" --first "$after" --last "$after" --leave-out "$after"
	campaign_at "$night 10:00:00" "$none" --first "$monday" --last "$friday" --window sat,sun,00:00-24:00
	campaign_at "$night 10:00:00" "" --first "$monday" --last "$saturday" --window sat,sun,00:00-24:00
	refuses 1 "night $night is left out, but is not one of its nights" \
		"$repo" campaign add 150 --first "$after" --last "$after" --leave-out "$night" --repo pub --keys keys
	refuses 1 "'2026-02-31' is not a possible date" "$repo" campaign add 150 --first "$after" --last 2026-02-31 --repo pub --keys keys
	refuses 1 "'2027-02-29' is not a possible date" "$repo" campaign add 150 --first "$after" --last "$after" --leave-out 2027-02-29 --repo pub --keys keys
	refuses 1 "'tomorrow'" "$repo" campaign add 150 --first tomorrow --last "$after" --repo pub --keys keys
	refuses 2 "'150x' is not a number such as 150" "$repo" campaign add 150x --first "$after" --last "$after" --repo pub --keys keys
}

test_a_share_is_a_number_of_per_cent() {
	small_repository
	local share
	for share in 101 -1 x 50% 0.5 ""; do
		refuses 2 "--rollout" "$repo" catalog set face-library=5.0.2 "--rollout=$share" --repo pub --keys keys
	done
	for share in 0 100; do quietly "$repo" catalog set face-library=5.0.2 --rollout $share --repo pub --keys keys; done
}

# Nothing changed, so the share that was set stays.
test_a_release_that_is_offered_already_is_published_again_as_it_is() {
	small_repository
	pack face-library 5.1.0
	quietly "$repo" publish packed/face-library-5.1.0.json --repo pub --keys keys
	quietly "$repo" catalog set face-library=5.1.0 --rollout 10 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	quietly "$repo" publish packed/face-library-5.1.0.json --repo pub --keys keys
	"$repo" catalog show --repo pub --json | jq -e '.packages[0].rollout_percent == 10' >/dev/null || fail "$(cat quiet.log)"
}

test_publish_tells_of_a_changed_share() {
	small_repository
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --rollout 10 --repo pub --keys keys
	says "The catalog offers face-library 5.1.0 instead of 5.0.2, to 10 % of the terminals." "$repo" publish --repo pub --keys keys
	quietly "$repo" catalog set face-library=5.1.0 --rollout 50 --repo pub --keys keys
	says "to 50 % of the terminals" "$repo" publish --repo pub --keys keys
}

test_publish_adds_and_offers_what_is_named() {
	small_repository
	pack face-library 5.1.0
	pack linkage-app 1.0
	refuses 3 "package 'linkage-app' is delegated to nobody" "$repo" publish packed/linkage-app-1.0.json --repo pub --keys keys
	says "The catalog offers face-library 5.1.0 instead of 5.0.2" "$repo" publish packed/face-library-5.1.0.json --repo pub --keys keys
	grep -q "at one of them: haishin download-now" refused.log || fail "it does not say what comes next: $(cat refused.log)"
	verify
	mkdir empty
	quietly "$repo" delegate linkage-app --repo pub --keys keys --unencrypted
	refuses 1 "linkage-app 1.0 lacks 1 signature" "$repo" publish packed/linkage-app-1.0.json --repo pub --keys empty
}

# What a client has seen since the backup, the daily timestamps and a release, must not make it refuse what is put back.
test_a_folder_from_a_backup_goes_on_ahead_of_what_clients_saw() {
	small_repository
	client init
	quietly client refresh
	cp -a pub backup
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	for _ in 1 2 3; do quietly "$repo" refresh --repo pub --keys keys --snapshot; done
	quietly client refresh
	rm -rf pub
	mv backup pub
	! client refresh >refused.log 2>&1 || fail "the client takes what is older"
	says "Role face-library went from" "$repo" recover --repo pub --keys keys
	quietly client refresh
	verify
	quietly "$repo" add packed/face-library-5.1.0.json --repo pub --keys keys
	refuses 1 "is staged" "$repo" recover --repo pub --keys keys
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	quietly client refresh
	quietly client download face-library/face-library-5.1.0.json
}

test_recover_leaves_a_vendor_alone_whose_key_is_elsewhere() {
	small_repository
	mkdir vendor
	mv keys/face-library.pem vendor/
	says "'face-library' stays as it was in the backup" "$repo" recover --repo pub --keys keys
	verify
}

run_tests "$@"
