#!/usr/bin/env bash
# verify, diff, status and refresh of haishin-repo, from outside.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

payload() {
	ls pub/repository/targets/face-library/*.face-library-5.0.2.tar.zst
}

test_verify_reads_everything_a_client_can() {
	small_repository
	"$repo" verify --repo pub --json >out.json
	[ "$(jq -r '[.[].path] | sort | join(" ")' out.json)" = \
		"catalog.json face-library/face-library-5.0.2.json face-library/face-library-5.0.2.tar.zst" ]
	says "6 roles, 3 target files" "$repo" verify --repo pub
	says "6 roles, 3 target files" "$repo" verify --repo pub/repository
	says "6 roles, 3 target files" "$repo" verify --url "file://$PWD/pub/repository/" --root pub/repository/metadata/1.root.json
}

# An authority with a certificate for the server and one for us.
make_certificates() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=authority" \
		-keyout ca.key -out ca.pem 2>/dev/null
	local name
	for name in server client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr 2>/dev/null
		openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out $name.pem 2>/dev/null \
			-extfile <(echo "subjectAltName=IP:127.0.0.1")
	done
}

test_verify_asks_a_server_with_client_certificates() {
	small_repository
	make_certificates
	"$HAISHIN_BIN/haishin-server" --root pub/repository --listen 127.0.0.1:0 --port-file port --tls-cert server.pem \
		--tls-key server.key --client-ca ca.pem >server.log 2>&1 &
	local server=$!
	# shellcheck disable=SC2064
	trap "kill $server; wait $server || true" EXIT
	until [ -s port ]; do kill -0 $server && sleep 0.05; done
	local url
	url=https://127.0.0.1:$(cat port)
	cp pub/repository/metadata/1.root.json root.json
	says "6 roles, 3 target files" "$repo" verify --url "$url" --root root.json --ca ca.pem --certificate client.pem \
		--certificate-key client.key
	refuses 8 "certificate" "$repo" verify --url "$url" --root root.json --ca ca.pem
	refuses 3 "--ca: cannot open 'nowhere'" "$repo" verify --url "$url" --root root.json --ca nowhere
}

test_verify_finds_each_damaged_file() {
	small_repository
	cp -r pub whole
	local file
	for file in $(cd pub/repository && ls metadata/*snapshot.json metadata/2.targets.json metadata/1.face-library.json metadata/timestamp.json \
		targets/*catalog.json targets/face-library/*); do
		[ "$file" != metadata/1.snapshot.json ] || continue
		rm -rf pub
		cp -r whole pub
		printf ' ' | dd of="pub/repository/$file" bs=1 seek=200 conv=notrunc status=none
		cmp -s "pub/repository/$file" "whole/repository/$file" && printf 'x' | dd of="pub/repository/$file" bs=1 seek=200 conv=notrunc status=none
		! "$repo" verify --repo pub >/dev/null 2>&1 || fail "damage in $file is not seen"
	done
}

test_verify_finds_a_missing_file() {
	small_repository
	rm "$(payload)"
	refuses 8 "face-library-5.0.2.tar.zst" "$repo" verify --repo pub
}

test_verify_fails_once_something_has_expired() {
	small_repository
	at 6 "$repo" verify --repo pub >/dev/null
	refuses 7 "run \"haishin-repo refresh\"" at 8 "$repo" verify --repo pub
	! grep -q attack refused.log || fail "the operator is told of an attack: $(cat refused.log)"
}

test_verify_names_what_it_needs_where_there_is_no_repository() {
	mkdir empty
	refuses 3 "holds no repository: name a publisher's folder with --repo" "$repo" verify --repo empty
	refuses 3 "--url and --root" "$repo" verify --url "file://$PWD/pub/repository/"
}

test_verify_does_not_trust_another_root() {
	small_repository
	quietly "$repo" init --repo other --keys other-keys --unencrypted
	refuses 7 "wrong key" "$repo" verify --repo pub --root other/repository/metadata/1.root.json
}

test_refresh_keeps_a_repository_fresh_without_the_offline_keys() {
	small_repository
	mkdir online
	cp keys/timestamp.* keys/snapshot.* online/
	client init
	local day
	for day in 5 10 15 20 25; do
		at $day "$repo" refresh --repo pub --keys online >/dev/null 2>&1
		at $day "$repo" verify --repo pub >/dev/null
	done
	[ "$(ls pub/repository/metadata/*.snapshot.json | wc -l)" -lt 6 ] || fail "snapshot is signed more often than needed"
}

test_refresh_leaves_alone_what_is_staged() {
	small_repository
	release face-library 5.1.0
	quietly "$repo" key new timestamp-2 --keys keys --unencrypted
	quietly "$repo" rotate timestamp --add keys/timestamp-2.pub.json --remove keys/timestamp.pub.json --repo pub --keys keys
	quietly "$repo" refresh --repo pub --keys keys
	verify
	"$repo" status --repo pub --json | jq -e '[.staged[].role] == ["face-library", "root"]' >/dev/null
}

test_refresh_needs_its_keys() {
	small_repository
	mkdir empty
	refuses 1 "'timestamp' lacks 1 signature" "$repo" refresh --repo pub --keys empty
	refuses 3 "cannot open the folder of keys 'nowhere'" "$repo" refresh --repo pub --keys nowhere
}

test_warns_of_expiry_at_90_30_and_7_days() {
	small_repository
	local days text
	for days in 280:90 340:30 360:7; do
		says "root 1 expires within ${days#*:} days" at "${days%:*}" "$repo" refresh --snapshot --repo pub --keys keys
	done
	says "root 1 HAS EXPIRED" at 366 "$repo" refresh --repo pub --keys keys
	"$repo" status --repo pub --json | jq -e 'all(.published[]; .warning == 0)' >/dev/null
	text=$(at 170 "$repo" status --repo pub --json | jq '.published[] | select(.role == "face-library") | .warning')
	[ "$text" = 30 ]
}

test_a_renewed_role_does_not_warn() {
	small_repository
	at 350 "$repo" rotate root --repo pub --keys keys >/dev/null
	at 350 "$repo" publish --repo pub --keys keys >/dev/null 2>warnings
	! grep -q "root" warnings || fail "$(cat warnings)"
}

test_diff_tells_the_difference_in_words() {
	small_repository
	cp -r pub former
	says "Both say the same." "$repo" diff former pub
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" campaign add 150 --first 2026-01-19 --last 2026-01-30 --repo pub --keys keys
	quietly "$repo" key new root-4 --keys keys --unencrypted
	quietly "$repo" rotate root --add keys/root-4.pub.json --threshold 3 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	"$repo" diff former/repository pub >words
	grep -q "^The catalog offers face-library 5.1.0 instead of 5.0.2.$" words
	grep -q "^Campaign 150 is new: from 2026-01-19 to 2026-01-30, all packages.$" words
	grep -q "^Key [0-9a-f]* may now sign for root.$" words
	grep -q "^root needs 3 signatures instead of 2.$" words
	grep -q "^face-library/face-library-5.1.0.tar.zst is new" words
	"$repo" diff pub former >words
	grep -q "^face-library/face-library-5.1.0.json is gone.$" words
	grep -q "^Campaign 150 is gone.$" words
	grep -q "may no longer sign for root" words
	refuses 3 "holds no repository" "$repo" diff pub keys
}

test_settings_change_how_long_metadata_lives() {
	small_repository
	echo '{"expiry_days": {"timestamp": 2}}' >pub/haishin-repo.json
	quietly "$repo" refresh --repo pub --keys keys
	refuses 7 "timestamp 3 expired at" at 3 "$repo" verify --repo pub
	echo '{"expiry_days": {"timestamp": 0}}' >pub/haishin-repo.json
	refuses 1 "haishin-repo.json: member 'timestamp' is 0" "$repo" refresh --repo pub --keys keys
}

run_tests "$@"
