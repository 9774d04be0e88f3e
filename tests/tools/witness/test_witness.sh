#!/usr/bin/env bash
# haishin-witness as logs and monitors see it: c2sp.org/tlog-witness.
# shellcheck source=tests/tools/witness/witness_lib.sh
. "$(dirname "$0")/witness_lib.sh"

begin() {
	make_parties
	start_witness
}

test_cosigns_a_log_that_only_grows() {
	begin
	request 0
	answers 200 "— witness.example/w1 "
	append 5 entry
	request 0
	answers 200
	append 300 more
	request 5
	answers 200
	[ "$type" = "text/plain; charset=utf-8" ] || fail "type $type"
	[ "$(wc -l <answer)" = 1 ] || fail "more than one line"
}

test_shows_what_it_has_cosigned() {
	begin
	local hash
	hash=$(printf %s $origin | sha256sum | cut -d' ' -f1)
	grep -q 404 <(curl -sS -o /dev/null -w "%{http_code}\n" "$url/$hash/checkpoint")
	append 5 entry
	request 0
	answers 200
	curl -sSf "$url/$hash/checkpoint" >shown
	sed -n '/^old/,/^$/!p' body | diff - <(head -n 5 shown) || fail "not the checkpoint that was cosigned"
	tail -n 1 shown | diff - answer || fail "not the cosignature that was given"
}

test_a_log_that_goes_back_is_told_its_size() {
	begin
	append 5 entry
	cp -r log former && cp log.key former.key
	append 5 more
	request 0
	answers 200
	request 0 "$PWD/former"
	answers 409 10
	[ "$type" = text/x.tlog.size ] || fail "type $type"
	[ "$(cat answer)" = 10 ] || fail "$(cat answer)"
}

test_does_not_cosign_a_second_view_of_the_log() {
	begin
	append 5 entry
	cp -r log other && cp log.key other.key
	append 2 this
	append 2 that "$PWD/other"
	append 1 those "$PWD/other"
	request 0
	answers 200
	request 7 "$PWD/other"
	answers 422 "does not lead"
	rm -r other
	cp -r log same && cp log.key same.key
	request 7 "$PWD/same"
	answers 200
}

test_another_tree_of_the_same_size_is_a_conflict() {
	begin
	cp -r log other && cp log.key other.key
	append 5 this
	append 5 that "$PWD/other"
	request 0
	answers 200
	request 5 "$PWD/other"
	answers 409 5
}

test_a_proof_must_fit() {
	begin
	append 5 entry
	request 0
	answers 200
	append 5 more
	request 5
	sed -i '2s/^./_/' body
	answers 400
	request 5
	sed -i 2d body
	answers 422
	request 0
	answers 409 5
	request 10
	sed -i 's/^old 10/old 11/' body
	answers 400 "above"
}

test_refuses_logs_it_does_not_know_and_keys_it_does_not_know() {
	begin
	append 5 entry
	request 0
	sed -i 's/^log.example.1$/log.example\/2/' body
	answers 404
	request 0
	sed -i '/^— /s/ [^ ]*$/ AAAAAAEC/' body
	answers 403 "No key"
	request 0
	sed -i 's/^5$/6/' body
	answers 403 "does not hold"
}

# Anybody may send what the log has signed, and its signature as often as a note may have some.
test_many_signatures_of_the_log_do_not_silence_the_witness() {
	begin
	append 5 entry
	request 0
	for _ in {1..63}; do tail -n 1 body; done >more
	cat more >>body
	answers 200
	append 1 more
	request 5
	answers 200
	curl -sSf "$url/$(printf %s $origin | sha256sum | cut -d' ' -f1)/checkpoint" >shown
	[ "$(grep -c '^— ' shown)" = 2 ] || fail "$(cat shown)"
}

test_a_log_whose_key_is_exchanged_goes_on() {
	make_parties
	"$LEDGER_TOOL" create "$PWD/next" $origin >next.vkey
	printf 'log %s\nlog %s\nquorum none\n' "$(cat log.vkey)" "$(cat next.vkey)" >logs
	start_witness
	append 5 entry
	append 6 entry "$PWD/next"
	request 0
	answers 200
	request 5 "$PWD/next"
	answers 200
	request 0
	answers 409 6
}

test_a_clock_that_goes_back_makes_it_forget_nothing() {
	begin
	cp -r log other && cp log.key other.key
	append 5 this
	append 5 that "$PWD/other"
	request 0
	answers 200
	stop_witness
	start_witness LD_PRELOAD="$(find /usr/lib -name libfaketime.so.1 -print -quit)" FAKETIME=-400d FAKETIME_DONT_FAKE_MONOTONIC=1
	request 5 "$PWD/other"
	answers 409 5
	append 1 more
	request 5
	answers 200
	request 6
	answers 200
}

test_refuses_what_is_no_request() {
	begin
	printf 'old\n' >body
	answers 400
	head -c 1000000 /dev/zero >body
	answers 413
	grep -q 405 <(curl -sS -o /dev/null -w "%{http_code}\n" "$url/add-checkpoint")
	grep -q 404 <(curl -sS -o /dev/null -w "%{http_code}\n" "$url/anything")
	append 1 entry
	request 0
	answers 200
}

test_goes_on_where_it_was_after_a_restart() {
	begin
	append 5 entry
	request 0
	answers 200
	stop_witness
	start_witness
	request 0
	answers 409 5
	append 1 more
	request 5
	answers 200
}

# A real PKCS#11 library (SoftHSM 2) behind it, which leaks the name of a curve for each Ed25519 key.
test_a_key_in_a_token_cosigns() {
	local module
	module=$(find /usr/lib -name libsofthsm2.so -print -quit)
	echo leak:libsofthsm2.so >leaks
	export ASAN_OPTIONS=$ASAN_OPTIONS:fast_unwind_on_malloc=0 LSAN_OPTIONS=suppressions=$PWD/leaks:print_suppressions=0
	mkdir tokens
	printf 'directories.tokendir = %s\nobjectstore.backend = file\n' "$PWD/tokens" >softhsm2.conf
	export SOFTHSM2_CONF=$PWD/softhsm2.conf
	(umask 077 && echo 1234 >pin)
	softhsm2-util --init-token --free --label Witness --pin 1234 --so-pin 5678 >/dev/null
	"$HAISHIN_BIN/haishin-repo" key new w1 --kind ed25519 --keys keys --token "pkcs11:token=Witness?module-path=$module" --pin-file pin >/dev/null
	make_parties
	"$witness" show-key --key "$(cat keys/w1.pkcs11)" --pin-file pin --name witness.example/w1 >w.vkey
	"$witness" serve --key "$(cat keys/w1.pkcs11)" --pin-file pin --name witness.example/w1 --logs logs --store store.db \
		--listen 127.0.0.1:0 --port-file port >witness.out 2>&1 &
	pid=$!
	while [ ! -s port ] && kill -0 $pid 2>/dev/null; do read -rt 0.02 -u $never || :; done
	url=http://127.0.0.1:$(cat port)
	append 3 word
	request 0
	answers 200 "— witness.example/w1 "
	stop_witness
}

test_a_list_of_logs_that_others_may_write_is_not_believed() {
	[ "$(id -u)" -eq 0 ] || return 0
	make_parties
	chmod 664 logs
	start_witness
	wait "$pid" && fail "it serves" || :
	grep -q "chmod go-w logs" witness.out || fail "$(cat witness.out)"
}

test_a_key_that_others_may_read_is_refused() {
	make_parties
	[ "$(stat -c %a w.key)" = 600 ]
	chmod 640 w.key
	start_witness
	wait "$pid" && fail "it serves" || :
	grep -q "chmod go-rwx w.key" witness.out || fail "$(cat witness.out)"
}

test_tells_by_which_key_others_know_it() {
	begin
	grep -qxF "$(cat w.vkey)" witness.out || fail "$(cat witness.out)"
}

test_a_store_that_is_damaged_is_not_begun_anew() {
	make_parties
	head -c 4096 /dev/urandom >store.db
	start_witness
	wait "$pid" && fail "it serves" || :
	grep -q "make a new key under a new name" witness.out || fail "$(cat witness.out)"
}

test_a_key_is_never_written_over() {
	make_parties
	! "$witness" new-key --key w.key --name witness.example/w1 2>said || fail "it was"
	grep -q "not written over" said
	[ "$("$witness" show-key --key w.key --name witness.example/w1)" = "$(cat w.vkey)" ]
}

test_speaks_japanese_too() {
	make_parties
	grep -q "使い方" <(LC_ALL=ja_JP.UTF-8 "$witness" --help) || fail "not in Japanese"
}

run_tests
