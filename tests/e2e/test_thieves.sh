#!/usr/bin/env bash
# The attackers of docs/threat-model.md against the real programs: whoever has the server's disk, and some of the keys, does what
# the page says, and cannot do what it says they cannot.
. "$(dirname "$0")/lib.sh"
SIGN=$(dirname "$0")/sign_metadata.py
# shellcheck disable=SC2034 # for lib.sh
PACKAGES=(face-library linkage-app)

# A terminal that runs 1.0.0 of everything; METADATA is the server's disk, KEYS what was stolen is taken from.
terminal() {
	running_terminal
	METADATA=$WORLD/publisher/repository/metadata
	KEYS=$WORLD/keys
	cp -a "$WORLD/publisher" "$WORLD/honest"
}

# put_back FOLDER: what the server's disk held then. The server goes on with its folder.
put_back() {
	find "$WORLD/publisher" -mindepth 1 -not -path "$WORLD/publisher/repository" -delete
	cp -a "$1/." "$WORLD/publisher/"
}

# And the owner's files are good as soon as they are back.
owner_comes_back() {
	put_back "$WORLD/honest"
	repo refresh
	expect 0 "" job check
}

# newest ROLE: its file on the server's disk; snapshot and the roles below are numbered.
newest() {
	[ "$1" != timestamp ] || { echo "$METADATA/timestamp.json"; return; }
	printf '%s\n' "$METADATA"/*."$1.json" | sort -V | tail -n 1
}

# forge ROLE FILTER KEY...: the newest document of a role, changed by jq's FILTER (of what is signed), signed with KEYs alone. As a
# new version, which stands beside the old; its file is printed.
forge() {
	local role=$1 filter=$2 old version new key keys=()
	shift 2
	old=$(newest "$role")
	version=$(($(jq .signed.version "$old") + 1))
	new=$METADATA/$version.$role.json
	[ "$role" != timestamp ] || new=$METADATA/timestamp.json
	jq -c ".signed.version = $version | .signed |= ($filter)" "$old" >"$WORLD/forged"
	mv "$WORLD/forged" "$new"
	for key; do keys+=("$KEYS/$key.pem"); done
	python3 "$SIGN" "$new" "${keys[@]}"
	echo "$new"
}

# entry FILE: how a parent lists it.
entry() {
	printf '{"version":%d,"length":%d,"hashes":{"sha256":"%s"}}' "$(jq .signed.version "$1")" "$(wc -c <"$1")" \
		"$(sha256sum "$1" | cut -d' ' -f1)"
}

# shows ROLE FILE PARENT KEY...: a parent that lists FILE as the document of ROLE.
shows() {
	local role=$1 file=$2 parent=$3
	shift 3
	forge "$parent" ".meta[\"$role.json\"] = $(entry "$file")" "$@" >/dev/null
}

# refused TEXT: the terminal takes nothing of it, and says what it is.
refused() {
	expect 7 "$1" job button
	runs face-library 1.0.0
	runs linkage-app 1.0.0
}

test_the_timestamp_key_prolongs_a_state_and_brings_nothing_older_back() {
	terminal
	forge timestamp '.expires = "2099-01-01T00:00:00Z"' timestamp >/dev/null
	expect 0 "" job check
	publish_all 2.0.0
	expect 0 "" job check
	shows snapshot "$(printf '%s\n' "$METADATA"/*.snapshot.json | sort -V | tail -n 2 | sed -n 1p)" timestamp timestamp
	refused "rollback attack"
	start_agent
	grep -q "rollback attack" <(haishin history --json) || fail "the history does not name the attack"
	stop_agent
}

test_the_snapshot_key_alone_is_worth_nothing() {
	local snapshot
	terminal
	snapshot=$(newest snapshot)
	mv "$(forge snapshot 'del(.meta["operator.json"])' snapshot)" "$snapshot"
	forge timestamp . >/dev/null # the terminal shall look, and nobody signs that
	cp "$WORLD/honest/repository/metadata/timestamp.json" "$METADATA/timestamp.json"
	expect 0 "" job check # the snapshot that it has is the one that is listed
	publish_all 2.0.0
	snapshot=$(newest snapshot)
	mv "$(forge snapshot 'del(.meta["operator.json"])' snapshot)" "$snapshot"
	expect 7 "snapshot" job button
	runs face-library 1.0.0
}

test_both_online_keys_lower_no_version_that_was_seen() {
	local snapshot
	terminal
	publish_all 2.0.0
	expect 0 "" job check
	snapshot=$(forge snapshot '.meta["operator.json"].version -= 1' snapshot)
	shows snapshot "$snapshot" timestamp timestamp
	refused "rollback attack"
}

test_a_vendors_key_alone_is_worth_nothing() {
	local role
	terminal
	publish_all 2.0.0
	role=$(newest face-library)
	mv "$(forge face-library '.targets |= with_entries(.value.length += 1)' face-library)" "$role"
	expect 7 "face-library" job button
	runs face-library 1.0.0
}

test_the_targets_key_alone_is_worth_nothing() {
	local targets
	terminal
	publish_all 2.0.0
	repo delegate another --unencrypted # so that there is a newer one to look at
	repo publish
	targets=$(newest targets)
	mv "$(forge targets '.delegations.roles |= map(.threshold = 1)' targets)" "$targets"
	expect 7 "targets" job button
	runs face-library 1.0.0
}

# With the online keys beside it, so that the terminal sees what the vendor has signed.
test_a_vendor_touches_no_package_of_another_and_names_no_release() {
	local role snapshot other=linkage-app/linkage-app-1.0.0.json
	terminal
	release face-library 9.0.0
	role=$(forge face-library ".targets[\"$other\"] = (.targets | to_entries[0].value)" face-library)
	snapshot=$(forge snapshot ".meta[\"face-library.json\"] = $(entry "$role")" snapshot)
	shows snapshot "$snapshot" timestamp timestamp
	expect 0 "" job button
	runs face-library 1.0.0
	runs linkage-app 1.0.0
	[ -z "$(find "$ROOT/opt/haishin/face-library/versions" -mindepth 1 -maxdepth 1 -not -name '1.0.0-*')" ] || fail "what nobody named was taken"
}

test_the_operators_key_makes_no_release_and_lowers_no_version() {
	terminal
	publish_all 2.0.0
	download_now 0 ""
	boot_terminal
	stop_agent
	repo catalog set face-library=1.0.0 linkage-app=1.0.0 --back
	repo publish
	expect 0 "" job button
	boot_terminal
	stop_agent
	runs face-library 2.0.0
	# A catalog that names what no vendor signed: written past haishin-repo, which would refuse it.
	local catalog digest role snapshot
	catalog=$(ls -t "$WORLD"/publisher/repository/targets/*.catalog.json | sed -n 1p)
	sed 's/1\.0\.0/9.0.0/g' "$catalog" >"$WORLD/catalog"
	digest=$(sha256sum "$WORLD/catalog" | cut -d' ' -f1)
	cp "$WORLD/catalog" "$WORLD/publisher/repository/targets/$digest.catalog.json"
	role=$(forge operator ".targets[\"catalog.json\"] |= (.length = $(wc -c <"$WORLD/catalog") | .hashes.sha256 = \"$digest\")" operator)
	snapshot=$(forge snapshot ".meta[\"operator.json\"] = $(entry "$role")" snapshot)
	shows snapshot "$snapshot" timestamp timestamp
	! job button >"$WORLD/thief.log" 2>&1 || fail "a release that is not there was brought: $(cat "$WORLD/thief.log")"
	runs face-library 2.0.0
}

test_one_root_key_of_three_replaces_nobodys_keys() {
	terminal
	forge root '.expires = "2099-01-01T00:00:00Z"' root-1 >/dev/null
	refused "root"
	owner_comes_back
}

# The thief's folder: the server's disk, and keys of his own beside the stolen ones.
thief() {
	"$PROGRAMS/haishin-repo" "$@" --repo "$WORLD/publisher" --keys "$WORLD/thief" >>"$WORLD/repo.log" 2>&1 || fail "the thief's haishin-repo $*"
}

steal() {
	local key
	mkdir -m 700 "$WORLD/thief"
	for key; do cp "$KEYS/$key".{pem,pub.json} "$WORLD/thief/"; done
	cp "$KEYS"/*.pub.json "$WORLD/thief/"
}

# Every role below root gets a key of the thief's.
take_everything() {
	local role
	for role in timestamp snapshot targets; do
		"$PROGRAMS/haishin-repo" key new "my-$role" --unencrypted --keys "$WORLD/thief" >>"$WORLD/repo.log"
		thief rotate "$role" --add "$WORLD/thief/my-$role.pub.json" --remove "$WORLD/thief/$role.pub.json"
	done
	for role in operator face-library; do
		"$PROGRAMS/haishin-repo" key new "my-$role" --unencrypted --keys "$WORLD/thief" >>"$WORLD/repo.log"
		thief rotate "$role" --add "$WORLD/thief/my-$role.pub.json" --remove "$WORLD/thief/$role.pub.json"
	done
}

test_two_root_keys_replace_all_trust_and_leave_a_trace() {
	terminal
	steal root-1 root-2
	take_everything
	mkdir -p "$WORLD/thief-input/bin"
	printf '#!/bin/sh\nexit 0\n' >"$WORLD/thief-input/bin/self-test"
	chmod 755 "$WORLD/thief-input/bin/self-test"
	"$PROGRAMS/haishin-repo" pack "$WORLD/thief-input" --package face-library --version 2.0.0 --level 1 --self-test bin/self-test \
		--output "$WORLD/thief-packed" >>"$WORLD/repo.log" 2>&1
	thief add "$WORLD/thief-packed/face-library-2.0.0.json"
	thief catalog set face-library=2.0.0
	thief publish
	download_now 0 ""
	boot_terminal
	runs face-library 2.0.0
	grep -q '"detail":"[^"]*root [2-9]' <(haishin history --jsonl) || fail "no trace of the theft: $(haishin history --jsonl)"
	stop_agent
	thief catalog set face-library=1.0.0 --back
	thief publish
	expect 0 "" job button
	boot_terminal
	runs face-library 2.0.0
	stop_agent
}

test_the_owner_who_rotated_root_first_keeps_the_terminals() {
	local key
	terminal
	steal root-1 root-2
	for key in root-4 root-5; do
		"$PROGRAMS/haishin-repo" key new $key --unencrypted --keys "$KEYS" >/dev/null
	done
	repo rotate root --add "$KEYS/root-4.pub.json" --add "$KEYS/root-5.pub.json" --remove "$KEYS/root-1.pub.json" --remove "$KEYS/root-2.pub.json"
	repo publish
	expect 0 "" job check
	cp -a "$WORLD/publisher" "$WORLD/rotated"
	forge root '.expires = "2099-01-01T00:00:00Z"' root-1 root-2 >/dev/null
	refused "root"
	put_back "$WORLD/rotated"
	expect 0 "" job check
}

# ---- Without any key ----

test_a_frozen_server_is_found_when_its_timestamp_has_run_out() {
	local library
	terminal
	library=$(find /usr/lib -name libfaketime.so.1 -print -quit)
	LD_PRELOAD=$library FAKETIME=+10d FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 expect 7 "expired" job check
	runs face-library 1.0.0
}

test_a_mirror_that_lies_costs_nothing_but_the_detour() {
	local honest payload
	start_haishin_server
	honest=$SERVER_PID
	publish_all 1.0.0
	cp -a "$WORLD/publisher" "$WORLD/good"
	# The first server that is asked has other bytes in a payload.
	payload=$(echo "$WORLD"/publisher/repository/targets/linkage-app/*.tar.zst)
	printf X | dd of="$payload" bs=1 seek=1000 conv=notrunc 2>/dev/null
	mv "$WORLD/publisher" "$WORLD/spoilt"
	mv "$WORLD/good" "$WORLD/publisher"
	kill "$honest"
	wait "$honest" || true
	start_haishin_server
	make_terminal
	local good=$PORT
	"$PROGRAMS/haishin-server" --root "$WORLD/spoilt/repository" --listen 127.0.0.1:0 --port-file "$WORLD/spoilt.port" \
		--tls-cert "$WORLD/pki/server.pem" --tls-key "$WORLD/pki/server.key" --client-ca "$WORLD/pki/ca.pem" >"$WORLD/spoilt.log" 2>&1 &
	wait_until "the mirror listens" test -s "$WORLD/spoilt.port"
	sed -i "s|^url = .*|url = https://localhost:$(cat "$WORLD/spoilt.port") https://localhost:$good|" "$ROOT/etc/haishin/haishin.conf"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	download_now 0 ""
	boot_terminal
	runs linkage-app 1.0.0
	stop_agent
}

test_a_stick_with_other_bytes_installs_nothing() {
	local payload
	terminal
	publish_all 2.0.0
	cp -a "$WORLD/publisher/repository" "$WORLD/stick"
	payload=$(ls -t "$WORLD"/stick/targets/face-library/*2.0.0.tar.zst)
	printf X | dd of="$payload" bs=1 seek=1000 conv=notrunc 2>/dev/null
	start_agent
	! haishin install "$WORLD/stick" >"$WORLD/stick.log" 2>&1 || fail "it was installed: $(cat "$WORLD/stick.log")"
	[ -z "$(find "$ROOT/opt/haishin/face-library/versions" -name '2.0.0-*')" ] || fail "a release of other bytes was staged"
	stop_agent
}

test_a_root_and_authorities_that_others_may_write_are_not_believed() {
	[ "$(id -u)" = 0 ] || return 0 # another account is for root to become
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	chmod 666 "$ROOT/usr/share/haishin/root.json"
	expect 1 "chmod go-w $ROOT/usr/share/haishin/root.json" job check
	chmod 644 "$ROOT/usr/share/haishin/root.json"
	chown nobody "$ROOT/etc/haishin/server-ca.pem"
	expect 1 "chown root $ROOT/etc/haishin/server-ca.pem" job check
	chown root "$ROOT/etc/haishin/server-ca.pem"
	expect 0 "" job check
}

# ---- An account on the terminal ----

test_an_account_without_rights_changes_nothing_and_reads_no_secret() {
	local word attempt
	[ "$(id -u)" = 0 ] || return 0 # another account is for root to become
	terminal
	start_agent
	nobody() {
		LC_ALL=C.UTF-8 LANGUAGE=en setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
	}
	expect 0 "Up to date" nobody "$ROOT/programs/haishin" --root "$ROOT" status
	for word in "hold face-library" "disable --why x" "rollback face-library" "download-now" "install $WORLD" "restart" \
		"settings delivery.window 01:00-02:00" "verify face-library --repair" "enrol https://x.example AAAAA" "env production"; do
		# shellcheck disable=SC2086
		! nobody "$ROOT/programs/haishin" --root "$ROOT" $word >"$WORLD/nobody.log" 2>&1 || fail "nobody may $word: $(cat "$WORLD/nobody.log")"
	done
	for attempt in "cat $ROOT/etc/haishin/certificates/client.key" "cat $ROOT/var/lib/haishin/terminal.key" "cat $ROOT/var/lib/haishin/state.db" \
		"touch $ROOT/opt/haishin/face-library/current/x" "ln -sfn x $ROOT/opt/haishin/face-library/current" \
		"touch $ROOT/var/lib/haishin/boot/plan" "rm -rf $ROOT/var/lib/haishin/tuf" "touch $ROOT/run/haishin/x" \
		"rm $ROOT/run/haishin/control.sock" "touch $ROOT/var/cache/haishin/x" "kill $AGENT_PID"; do
		# shellcheck disable=SC2086
		! nobody $attempt >"$WORLD/nobody.log" 2>&1 || fail "nobody may $attempt"
	done
	haishin --json status | jq -e '.verdict == "up-to-date"' >/dev/null || fail "$(haishin status)"
	expect 0 "The history is sound" haishin history verify
	! grep -q '"who":"nobody"' <(haishin history --jsonl) || fail "nobody left a row"
	stop_agent
}

run_tests
