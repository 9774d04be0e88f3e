#!/usr/bin/env bash
# haishin-repo with keys in a token, a real PKCS#11 library (SoftHSM 2) behind it.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

umask 077 # secrets that others may read are refused
# SoftHSM leaks the name of a curve for each Ed25519 key; what is ours is still looked at.
export ASAN_OPTIONS=$ASAN_OPTIONS:fast_unwind_on_malloc=0
suppressions=$(mktemp)
echo leak:libsofthsm2.so >"$suppressions"
export LSAN_OPTIONS=suppressions=$suppressions:print_suppressions=0
trap 'rm -f "$suppressions"' EXIT
module=$(find /usr/lib -name libsofthsm2.so -print -quit)
token="pkcs11:token=Publisher?module-path=$module"

# A token of one's own in the test's folder.
make_token() {
	mkdir tokens
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf
	export SOFTHSM2_CONF=$PWD/softhsm2.conf
	quietly softhsm2-util --init-token --free --label "${1:-Publisher}" --pin 1234 --so-pin 5678
	echo 1234 >pin
}

new_key() {
	quietly "$repo" key new "$1" --keys keys --token "$token" --pin-file pin "${@:2}"
}

# A repository all of whose keys are in the token.
make_repository() {
	local name
	make_token
	for name in root-1 root-2 root-3 targets snapshot timestamp operator; do new_key "$name"; done
	quietly "$repo" init --repo pub --keys keys --pin-file pin
	quietly "$repo" publish --repo pub --keys keys --pin-file pin
}

pub() {
	quietly "$repo" "$@" --repo pub --keys keys --pin-file pin
}

test_a_repository_is_signed_by_keys_that_never_leave_a_token() {
	make_repository
	[ -z "$(find keys -name '*.pem')" ] || fail "a private key is in a file: $(find keys -name '*.pem')"
	says "Verified as a client sees it" "$repo" verify --repo pub
	pub refresh
	package_folder in "one"
	quietly "$repo" key new face-library --keys keys --token "$token" --pin-file pin
	pub delegate face-library
	pub publish
	quietly "$repo" pack in --package face-library --version 1.0 --level 1 --output packed
	pub add packed/face-library-1.0.json
	pub catalog set face-library=1.0
	pub publish
	says "Verified as a client sees it" "$repo" verify --repo pub
}

test_keys_of_every_kind_sign_in_a_token() {
	local kind
	make_token
	for kind in ed25519 ecdsa rsa; do
		new_key timestamp-$kind --kind $kind
	done
	quietly "$repo" init --repo pub --keys files --unencrypted
	for kind in ed25519 ecdsa rsa; do
		quietly "$repo" rotate timestamp --add keys/timestamp-$kind.pub.json --repo pub --keys files
	done
	quietly "$repo" rotate timestamp --threshold 4 --repo pub --keys files
	quietly "$repo" publish --repo pub --keys files --keys keys --pin-file pin
	says "Verified as a client sees it" "$repo" verify --repo pub
}

test_lists_what_is_in_a_token() {
	make_token
	new_key root-1
	quietly "$repo" key new plain --keys keys --unencrypted
	"$repo" key list --keys keys >list
	grep -q 'root-1 (in a token)  keys/root-1.pub.json$' list || fail "$(cat list)"
	grep -q 'plain  keys/plain.pub.json$' list || fail "$(cat list)"
	[ "$("$repo" key list --keys keys --json | jq -r '.[] | select(.token) | .name')" = root-1 ]
}

test_uses_a_key_that_is_in_a_token_already() {
	make_token
	new_key first
	quietly "$repo" key use again --keys others --token "pkcs11:token=Publisher;object=first?module-path=$module" --pin-file pin
	cmp keys/first.pub.json others/again.pub.json
	refuses 3 "has no such key" "$repo" key use none --keys others --token "pkcs11:token=Publisher;object=none?module-path=$module" --pin-file pin
	refuses 3 "no token matches the URI" "$repo" key use none --keys others --token "pkcs11:token=Other?module-path=$module" --pin-file pin
	refuses 2 "has a key 'first' already" "$repo" key new first --keys others --token "$token" --pin-file pin
}

test_a_key_is_rotated_into_a_token_and_terminals_follow() {
	quietly "$repo" init --repo pub --keys keys --unencrypted
	quietly "$repo" publish --repo pub --keys keys
	make_token
	new_key timestamp-2
	quietly "$repo" rotate timestamp --add keys/timestamp-2.pub.json --remove keys/timestamp.pub.json --repo pub --keys keys
	rm keys/timestamp.pem
	quietly "$repo" publish --repo pub --keys keys --pin-file pin
	says "Verified as a client sees it" "$repo" verify --repo pub
}

test_root_is_signed_by_tokens_away_from_the_repository() {
	local i
	make_token
	mkdir keys
	for i in 1 2 3; do
		quietly "$repo" key new "root-$i" --keys "machine-$i" --token "$token" --pin-file pin
		cp "machine-$i/root-$i.pub.json" keys/
	done
	says "root lacks 2 signatures" "$repo" init --repo pub --keys keys --unencrypted
	quietly "$repo" export root --repo pub --output root.to-sign
	cp root.to-sign copy
	says "root: 2 of 3 keys" "$repo" sign root.to-sign --keys machine-1 --pin-file pin
	quietly "$repo" sign copy --keys machine-3 --pin-fd 3 3<pin
	quietly "$repo" import root.to-sign --repo pub
	says "'root' lacks 0 signatures" "$repo" import copy --repo pub
	quietly "$repo" publish --repo pub --keys keys
	says "Verified as a client sees it" "$repo" verify --repo pub
}

test_a_pin_stands_on_no_command_line_and_in_no_file() {
	make_token
	refuses 2 "must hold no PIN" "$repo" key new root-1 --keys keys --token "$token&pin-value=1234"
	refuses 2 "must hold no PIN" "$repo" key new root-1 --keys keys --token "$token&pin-source=/tmp/pin"
	refuses 2 "there is no terminal to ask at" setsid "$repo" key new root-1 --keys keys --token "$token" </dev/null
	quietly "$repo" key new root-1 --keys keys --token "$token" --pin-fd 3 3<pin
	! grep -r 1234 keys || fail "the PIN is in a file"
	chmod 640 pin
	refuses 1 "run: chmod go-rwx pin" "$repo" key new root-2 --keys keys --token "$token" --pin-file pin
}

test_one_wrong_pin_ends_it() {
	make_token
	echo 9999 >wrong
	refuses 1 "the PIN does not open token 'Publisher'" "$repo" key new root-1 --keys keys --token "$token" --pin-file wrong
	[ ! -e keys/root-1.pub.json ] || fail "a key was written"
	new_key root-1
}

test_a_uri_that_others_could_change_is_not_followed() {
	[ "$(id -u)" -eq 0 ] || return 0
	make_repository
	chmod 666 keys/timestamp.pkcs11
	refuses 1 "run: chmod go-w keys/timestamp.pkcs11" "$repo" refresh --repo pub --keys keys --pin-file pin
}

run_tests "$@"
