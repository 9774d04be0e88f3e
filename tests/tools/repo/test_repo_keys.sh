#!/usr/bin/env bash
# Keys and ceremonies of haishin-repo, from outside: passphrases, signing on separate machines, rotation and revocation.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

umask 077 # secrets that others may read are refused

new_key() {
	quietly "$repo" key new "$1" --keys "${2:-keys}" --unencrypted
}

publish() {
	quietly "$repo" publish --repo pub --keys keys
}

rotate() {
	quietly "$repo" rotate "$@" --repo pub --keys keys
}

change_something() {
	quietly "$repo" campaign add "$1" --first 2026-01-19 --last 2026-01-30 --repo pub --keys keys
}

test_private_keys_are_encrypted_and_readable_by_their_owner_alone() {
	echo "correct horse" >passphrase
	quietly "$repo" key new vendor --keys keys --passphrase-file passphrase
	grep -q "BEGIN ENCRYPTED PRIVATE KEY" keys/vendor.pem
	[ "$(stat -c %a keys/vendor.pem)" = 600 ]
	openssl pkey -in keys/vendor.pem -passin "pass:correct horse" -noout
	! openssl pkey -in keys/vendor.pem -passin pass:wrong -noout 2>/dev/null || fail "any passphrase opens it"
}

test_all_kinds_of_keys_can_sign() {
	small_repository
	local kind
	for kind in ecdsa rsa ed25519; do
		quietly "$repo" key new "new-$kind" --kind $kind --keys keys --unencrypted
		rotate operator --add "keys/new-$kind.pub.json"
		rotate operator --remove "$(jq -r '.signed.delegations.roles[] | select(.name == "operator") | .keyids[0]' pub/staged/targets.json)"
		change_something 1
		publish
		verify
	done
}

test_a_passphrase_comes_from_a_file_or_a_descriptor() {
	echo "correct horse" >passphrase
	quietly "$repo" init --repo pub --keys keys --passphrase-file passphrase
	quietly "$repo" campaign add 1 --first 2026-01-19 --last 2026-01-30 --repo pub --keys keys --passphrase-fd 7 7<passphrase
	quietly "$repo" publish --repo pub --keys keys --passphrase-file passphrase
	verify
}

test_secrets_that_others_may_read_are_refused() {
	echo secret >passphrase
	quietly "$repo" init --repo pub --keys keys --passphrase-file passphrase
	chmod 640 passphrase
	refuses 1 "'passphrase' is a secret, and its group may read or change it (mode 640); run: chmod go-rwx passphrase" \
		"$repo" refresh --repo pub --keys keys --passphrase-file passphrase
	quietly "$repo" refresh --repo pub --keys keys --passphrase-file <(echo secret)
	chmod 600 passphrase
	chmod 644 keys/timestamp.pem
	refuses 1 "run: chmod go-rwx keys/timestamp.pem" "$repo" refresh --repo pub --keys keys --passphrase-file passphrase
	chmod 600 keys/timestamp.pem
	quietly "$repo" refresh --repo pub --keys keys --passphrase-file passphrase
}

test_a_wrong_or_missing_passphrase_is_said_so() {
	echo "correct horse" >passphrase
	echo "wrong" >wrong
	: >empty
	quietly "$repo" init --repo pub --keys keys --passphrase-file passphrase
	refuses 1 "passphrase" "$repo" refresh --repo pub --keys keys --passphrase-file wrong
	refuses 1 "the passphrase given is empty" "$repo" refresh --repo pub --keys keys --passphrase-file empty
	refuses 3 "cannot open passphrase file 'nowhere'" "$repo" refresh --repo pub --keys keys --passphrase-file nowhere
	refuses 2 "there is no terminal to ask at" setsid -w "$repo" refresh --repo pub --keys keys
}

# everything_below FOLDER...: each file with its content.
everything_below() {
	{ find "$@" -type f ! -name .lock -exec sha256sum {} + 2>/dev/null || true; } | sort
}

# changes_nothing COMMAND...: it is refused for its passphrase, and leaves keys and repository as they were.
changes_nothing() {
	everything_below pub keys >before
	refuses 1 "does not open the private key" "$@" --repo pub --keys keys --passphrase-file wrong
	everything_below pub keys >after
	diff before after || fail "changed something: $*"
}

test_a_wrong_passphrase_changes_nothing() {
	echo "correct horse" >passphrase
	echo wrong >wrong
	quietly "$repo" init --repo pub --keys keys --passphrase-file passphrase
	changes_nothing "$repo" delegate face-library
	quietly "$repo" delegate face-library --repo pub --keys keys --passphrase-file passphrase
	quietly "$repo" publish --repo pub --keys keys --passphrase-file passphrase
	pack face-library 5.0.2
	changes_nothing "$repo" add packed/face-library-5.0.2.json
	quietly "$repo" add packed/face-library-5.0.2.json --repo pub --keys keys --passphrase-file passphrase
	changes_nothing "$repo" catalog set face-library=5.0.2
	quietly "$repo" catalog set face-library=5.0.2 --repo pub --keys keys --passphrase-file passphrase
	changes_nothing "$repo" campaign add 1 --first 2026-01-19 --last 2026-01-30
	changes_nothing "$repo" publish
	quietly "$repo" publish --repo pub --keys keys --passphrase-file passphrase
	changes_nothing "$repo" undelegate face-library
	local role
	for role in root targets snapshot operator face-library; do
		new_key "$role-new" apart
		changes_nothing "$repo" rotate $role --add "apart/$role-new.pub.json"
	done
	verify
}

test_init_with_a_passphrase_that_does_not_open_the_keys_at_hand_makes_nothing() {
	echo "correct horse" >passphrase
	echo wrong >wrong
	local role
	for role in root-1 targets snapshot timestamp; do
		rm -rf keys
		quietly "$repo" key new $role --keys keys --passphrase-file passphrase
		changes_nothing "$repo" init
		[ ! -e pub ] || fail "a repository was begun"
	done
	quietly "$repo" init --repo pub --keys keys --passphrase-file passphrase
	verify
}

# leaves_no_trace STATUS TEXT ARGUMENT...: init is refused, and every name below this folder is as it was.
leaves_no_trace() {
	find . ! -name names -print | sort >names
	refuses "$1" "$2" "$repo" init "${@:3}"
	rm refused.log
	find . ! -name names -print | sort | diff names - || fail "something was left behind: init ${*:3}"
}

test_a_refused_init_leaves_nothing_behind() {
	echo "correct horse" >passphrase
	quietly "$repo" key new taken --keys orphan --unencrypted
	mv orphan/taken.pem orphan/root-1.pem
	rm orphan/taken.pub.json quiet.log
	mkdir empty full
	echo mine >full/file
	local folder
	for folder in far/away empty full; do
		leaves_no_trace 2 "--keys is missing" --repo $folder
		leaves_no_trace 2 "--root-keys" --repo $folder --keys keys --unencrypted --root-keys none
		leaves_no_trace 2 "would need 5 signatures" --repo $folder --keys keys --unencrypted --root-threshold 5
		leaves_no_trace 2 "one argument too many" --repo $folder --keys keys --unencrypted surplus
		leaves_no_trace 3 "cannot open passphrase file" --repo $folder --keys keys --passphrase-file nowhere
		leaves_no_trace 2 "there is a key 'root-1' in 'orphan' already" --repo $folder --keys orphan --unencrypted
		leaves_no_trace 3 "cannot make folder '/proc/keys-of-mine'" --repo $folder --keys /proc/keys-of-mine --unencrypted
		leaves_no_trace 1 "cannot make folder" --repo passphrase/$folder --keys keys --unencrypted
	done
	quietly "$repo" init --repo empty --keys keys --unencrypted
	rm quiet.log
	leaves_no_trace 2 "'empty' is a publisher's folder already" --repo empty --keys keys --unencrypted
}

test_a_refused_delegation_makes_no_key() {
	small_repository
	everything_below pub keys >before
	refuses 2 "would need 2 signatures of 1 keys" "$repo" delegate linkage-app --threshold 2 --repo pub --keys keys --unencrypted
	refuses 2 "is delegated already" "$repo" delegate face-library --repo pub --keys keys --unencrypted
	everything_below pub keys | diff before - || fail "something was left behind"
}

# The operator's keys and the vendor's are closed with different passphrases.
test_the_key_that_a_passphrase_does_not_open_is_named() {
	echo "operator's" >passphrase
	echo "vendor's" >wrong
	quietly "$repo" init --repo pub --keys keys --passphrase-file passphrase
	quietly "$repo" key new face-library --keys keys --passphrase-file wrong
	changes_nothing "$repo" delegate face-library
	grep -q "private key 'keys/targets.pem'" refused.log || fail "does not name the key: $(cat refused.log)"
	everything_below pub keys >before
	refuses 1 "private key 'keys/face-library.pem'" "$repo" delegate face-library --repo pub --keys keys --passphrase-file passphrase
	grep -q "keep them in folders of their own" refused.log || fail "does not say what to do: $(cat refused.log)"
	everything_below pub keys | diff before - || fail "something was left behind"
	mkdir vendor
	mv keys/face-library.* vendor/
	says "'face-library' lacks 1 signature" "$repo" delegate face-library --key vendor/face-library.pub.json --repo pub --keys keys \
		--passphrase-file passphrase
	pack face-library 5.0.2
	says "face-library 5.0.2 is staged." "$repo" add packed/face-library-5.0.2.json --repo pub --keys vendor --passphrase-file wrong
	quietly "$repo" publish --repo pub --keys keys --passphrase-file passphrase
	verify
}

test_a_key_name_is_never_overwritten() {
	new_key vendor
	cp keys/vendor.pem before
	refuses 2 "there is a key 'vendor'" "$repo" key new vendor --keys keys --unencrypted
	refuses 2 "key name '../vendor'" "$repo" key new ../vendor --keys keys --unencrypted
	cmp before keys/vendor.pem
	"$repo" key list --keys keys --json | jq -e 'length == 1 and .[0].name == "vendor" and .[0].private' >/dev/null
}

test_a_vendor_needs_only_its_own_key_and_sends_only_its_public_half() {
	new_key acme vendor
	quietly "$repo" init --repo pub --keys keys --unencrypted
	quietly "$repo" delegate reader-app/acme --key vendor/acme.pub.json --repo pub --keys keys
	pack reader-app/acme 1.0
	says "reader-app/acme 1.0 is staged." "$repo" add packed/reader-app-acme-1.0.json --repo pub --keys vendor
	publish
	verify
}

test_root_is_signed_on_separate_machines() {
	local i
	for i in 1 2 3; do
		new_key "root-$i" "machine-$i"
		mkdir -p keys
		cp "machine-$i/root-$i.pub.json" keys/
	done
	says "root lacks 2 signatures, targets 0" "$repo" init --repo pub --keys keys --unencrypted
	refuses 1 "'root' lacks 2 signatures" "$repo" publish --repo pub --keys keys
	quietly "$repo" export root --repo pub --output root.to-sign
	cp root.to-sign copy-1
	cp root.to-sign copy-3
	says "root: 2 of 3 keys" "$repo" sign copy-1 --keys machine-1
	quietly "$repo" sign copy-3 --keys machine-3
	says "'root' lacks 1 signature" "$repo" import copy-1 --repo pub
	says "'root' lacks 0 signatures" "$repo" import copy-3 --repo pub
	publish
	verify
	client init
	client refresh
}

test_signing_refuses_keys_that_do_not_count_and_imports_refuse_other_documents() {
	small_repository
	new_key stranger elsewhere
	change_something 1
	quietly "$repo" rotate root --repo pub
	quietly "$repo" export root --repo pub --output file
	refuses 3 "no key here can sign this" "$repo" sign file --keys elsewhere
	refuses 7 "the file holds no new valid signature" "$repo" import file --repo pub
	mkdir machine
	cp keys/root-1.* machine/
	quietly "$repo" sign file --keys machine
	jq '.document.signed.version += 1' file >changed
	refuses 7 "what was signed is not what is staged" "$repo" import changed --repo pub
	quietly "$repo" import file --repo pub
	refuses 3 "nothing is staged for 'timestamp'" "$repo" export timestamp --repo pub
	refuses 1 "is not an export" "$repo" import keys/root-1.pub.json --repo pub
}

test_a_new_root_is_signed_by_the_former_threshold_too() {
	small_repository
	client init
	new_key root-4
	new_key root-5
	rotate root --add keys/root-4.pub.json --add keys/root-5.pub.json --remove keys/root-1.pub.json --remove keys/root-2.pub.json
	publish
	verify
	client refresh
	[ "$(jq '.signed.version' client/metadata/root.json)" = 2 ]
	mkdir new
	cp keys/root-[345].* new/
	quietly "$repo" rotate root --threshold 3 --repo pub --keys new
	quietly "$repo" publish --repo pub --keys keys
	client refresh
	[ "$(jq '.signed.version' client/metadata/root.json)" = 3 ]
}

test_every_top_level_role_can_be_rotated_and_clients_follow() {
	small_repository
	client init
	client refresh
	local role
	for role in timestamp snapshot targets; do
		new_key "$role-2"
		rotate $role --add keys/$role-2.pub.json --remove keys/$role.pub.json
		publish
		rm keys/$role.pem
		change_something 1
		publish
		quietly "$repo" refresh --snapshot --repo pub --keys keys
		verify
		client refresh
	done
}

test_a_stolen_online_key_is_of_no_use_once_revoked() {
	small_repository
	client init
	new_key timestamp-2
	cp -r pub stolen
	rotate timestamp --add keys/timestamp-2.pub.json --remove keys/timestamp.pub.json
	publish
	client refresh
	mkdir thief
	cp keys/timestamp.* thief/
	quietly "$repo" refresh --repo stolen --keys thief
	quietly "$repo" refresh --repo stolen --keys thief
	quietly "$repo" refresh --repo stolen --keys thief
	cp stolen/repository/metadata/timestamp.json pub/repository/metadata/
	refuses 1 "wrong key" client refresh
}

test_a_vendors_key_can_be_replaced_without_the_vendors_former_key() {
	small_repository
	client init
	client refresh
	mv keys/face-library.pem lost.pem
	new_key face-2
	rotate face-library --add keys/face-2.pub.json --remove keys/face-library.pub.json
	publish
	verify
	client download face-library/face-library-5.0.2.json
}

test_a_package_that_is_no_longer_delegated_is_no_longer_trusted() {
	small_repository
	quietly "$repo" catalog drop face-library --repo pub --keys keys
	quietly "$repo" undelegate face-library --repo pub --keys keys
	says "face-library is no longer delegated." "$repo" publish --repo pub --keys keys
	verify
	client init
	refuses 1 "face-library/face-library-5.0.2.json" client download face-library/face-library-5.0.2.json
	quietly "$repo" delegate face-library --repo pub --keys keys
	publish
	verify
	client download face-library/face-library-5.0.2.json
}

test_thresholds_that_cannot_be_met_are_refused() {
	small_repository
	refuses 2 "would need 4 signatures of 3 keys" "$repo" rotate root --threshold 4 --repo pub --keys keys
	refuses 2 "would need 1 signatures of 0 keys" "$repo" rotate timestamp --remove keys/timestamp.pub.json --repo pub --keys keys
	refuses 3 "there is no role 'linkage-app'" "$repo" rotate linkage-app --repo pub --keys keys
	refuses 3 "is not one of role 'targets'" "$repo" rotate targets --remove keys/snapshot.pub.json --repo pub --keys keys
	refuses 3 "no key of role 'targets'" "$repo" rotate targets --remove 0123456789 --repo pub --keys keys
	refuses 2 "is delegated already" "$repo" delegate face-library --repo pub --keys keys
	refuses 2 "is the name of a role of the repository itself" "$repo" delegate snapshot --repo pub --keys keys
	refuses 3 "'linkage-app' is not delegated" "$repo" undelegate linkage-app --repo pub --keys keys
}

test_a_vendor_may_need_two_signatures() {
	quietly "$repo" init --repo pub --keys keys --unencrypted
	new_key one vendor-1
	new_key two vendor-2
	quietly "$repo" delegate face-library --key vendor-1/one.pub.json --key vendor-2/two.pub.json --threshold 2 --repo pub --keys keys
	pack face-library 5.1.0
	says "'face-library' lacks 1 signature" "$repo" add packed/face-library-5.1.0.json --repo pub --keys vendor-1
	quietly "$repo" export face-library --repo pub --output file
	says "face-library/face-library-5.1.0.json" "$repo" sign file --keys vendor-2
	says "'face-library' lacks 0 signatures" "$repo" import file --repo pub
	publish
	verify
}

run_tests "$@"
