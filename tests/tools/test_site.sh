#!/usr/bin/env bash
# haishin-site create with keys that a passphrase closes, without a terminal to ask at. The script is run as it is, with its fixed
# places moved into the test's folder; what it asks of systemctl is written down.
. "$(dirname "$0")/repo/repo_lib.sh"

umask 077 # secrets that others may read are refused
secret='correct horse 電池'

# A script in front of the programs that the site calls: each call is noted with all that other users could see of it.
note_calls() {
	printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s/calls"\nenv >>"%s/calls"\n%s\n' "$1" "$PWD" "$PWD" "$2" >"bin/$1"
	chmod 755 "bin/$1"
}

prepare() {
	mkdir bin
	note_calls haishin-repo "exec '$repo' \"\$@\""
	note_calls systemctl 'exit 0'
	printf '%s\n' "FOLDER=$PWD/site" LISTEN=127.0.0.1:8443 >settings
	cp "$here"/../../../tools/site/* bin/
	sed -i -e "s|^SETTINGS=.*|SETTINGS=$PWD/settings|; s|^SECRETS=.*|SECRETS=$PWD/secrets|; s|^PROGRAMS=.*|PROGRAMS=$HAISHIN_BIN|" \
		-e "s|^HAISHIN=.*|HAISHIN=$HAISHIN_BIN/haishin|" bin/haishin-site
}

# Where the tests do not run as root, as root of a namespace.
site() {
	local as_root=()
	[ "$(id -u)" -eq 0 ] || as_root=(unshare --map-root-user)
	PATH=$PWD/bin:$PATH "${as_root[@]}" haishin-site "$@" </dev/null
}

# A site with closed keys, moved to the test's own folder. To make one opens keys sixty times, which takes half a minute.
create() {
	once make_site
	grep -rlF "$TESTS/make_site" . | xargs sed -i "s|$TESTS/make_site|$PWD|g"
}

make_site() {
	prepare
	printf '%s\n' "$secret" 'another line' >passphrase
	quietly site create --name site.example --passphrase-file passphrase
}

begins_with() {
	local line
	read -r line <"$1"
	[ "$line" = "-----BEGIN $2-----" ] || fail "$1 begins with '$line', not '$2'"
}

nothing_was_made() {
	[ ! -e site ] && [ ! -e secrets ] && [ ! -e calls ] || fail "something was made: $(ls site secrets calls 2>&1)"
}

test_a_passphrase_closes_all_keys_but_the_two_that_sign_every_day() {
	create
	local key count=0
	for key in site/keys/*.pem; do
		begins_with "$key" "ENCRYPTED PRIVATE KEY"
		count=$((count + 1))
	done
	[ $count -ge 6 ] || fail "there are only $count keys"
	begins_with site/online-keys/timestamp.pem "PRIVATE KEY"
	begins_with site/online-keys/snapshot.pem "PRIVATE KEY"
	[ "$(stat -c %a site/keys site/online-keys | sort -u)" = 700 ] || fail "others can read the keys"
	grep -qx 'systemctl --quiet enable --now haishin-server.service haishin-refresh.timer' calls || fail "the server is not started"
}

test_the_passphrase_stands_on_no_command_line_and_in_no_file() {
	create
	! grep -qF "$secret" calls || fail "seen: $(grep -F "$secret" calls)"
	! grep -rqF "$secret" site secrets quiet.log || fail "found: $(grep -rlF "$secret" site secrets quiet.log)"
}

test_the_site_works_with_that_passphrase_and_no_other() {
	create
	local keys=(--repo site --keys site/online-keys --keys site/keys)
	echo 'wrong horse' >wrong
	quietly "$repo" verify --repo site
	quietly "$repo" refresh --repo site --keys site/online-keys # as the timer does: nobody is there to type anything
	! openssl pkey -in site/keys/targets.pem -passin file:wrong -noout 2>/dev/null || fail "another passphrase opens a key"
	openssl pkey -in site/keys/targets.pem -passin file:passphrase -noout || fail "the passphrase does not open a key"
	quietly "$repo" delegate face-library "${keys[@]}" --passphrase-file passphrase
	quietly "$repo" publish "${keys[@]}" --passphrase-file passphrase
	quietly site terminal one.tar
	grep -qx etc/haishin/root.json <(tar -tf one.tar) || fail "the terminal lacks its root"
}

test_nothing_is_made_without_a_passphrase() {
	prepare
	refuses 1 "a passphrase cannot be asked for here; give --passphrase-file" site create
	nothing_was_made
	: >passphrase
	refuses 1 "has no first line" site create --passphrase-file passphrase
	nothing_was_made
	printf '\nsecond line\n' >passphrase
	refuses 1 "'passphrase' begins with an empty line" site create --passphrase-file passphrase
	nothing_was_made
	refuses 1 "'missing'" site create --passphrase-file missing
	nothing_was_made
}

test_a_passphrase_that_others_may_read_is_refused() {
	prepare
	echo "$secret" >passphrase
	chmod 644 passphrase
	refuses 1 "run: chmod go-rwx passphrase" site create --name site.example --passphrase-file passphrase
	nothing_was_made
}

test_a_terminals_files_are_a_secret_whatever_stood_in_their_place() {
	create
	echo former >other
	chmod 644 other
	ln other terminal.tar
	quietly site terminal --replace terminal.tar
	[ "$(stat -c %a terminal.tar)" = 600 ] || fail "others can read the terminal's key: $(stat -c %a terminal.tar)"
	[ "$(cat other)" = former ] || fail "it was written into a file of somebody else's"
	[[ $(tar tf terminal.tar) == *.key* ]] || fail "no key is in it"
}

test_a_passphrase_needs_no_line_end() {
	prepare
	printf '%s' "$secret" >passphrase
	quietly site create --name site.example --passphrase-file passphrase
	begins_with site/keys/targets.pem "ENCRYPTED PRIVATE KEY"
	printf '%s\n' "$secret" >with-line-end
	quietly "$repo" delegate face-library --repo site --keys site/online-keys --keys site/keys --passphrase-file with-line-end
}

# What the service manager would do: see whether the settings fit, and write the list of revoked certificates.
with_a_collector() {
	prepare
	printf 'OPTIONS=\n' >>settings
	sed -i -e "s|^COLLECTOR=.*|COLLECTOR=$HAISHIN_BIN/haishin-collector|; s|^COLLECTOR_SETTINGS=.*|COLLECTOR_SETTINGS=$PWD/collector|" \
		-e "s|^REVOKED=.*|REVOKED=$PWD/collector/crl.pem|; s|^COLLECTOR_ACCOUNT=.*|COLLECTOR_ACCOUNT=root|" \
		-e "s|^SHELF=.*|SHELF=$PWD/collector/shelf|; s|^UNITS=.*|UNITS=$PWD/units|" bin/haishin-site
	note_calls systemctl "case \$* in *collector*) '$HAISHIN_BIN/haishin-collector' --config '$PWD/collector/collector.conf' \
		--store '$PWD/collector/store.db' --check >'$PWD/check' 2>&1 && touch '$PWD/collector/crl.pem' ;; esac"
	quietly site create --name site.example --unencrypted
}

test_terminals_report_to_the_collector_where_it_is_installed() {
	with_a_collector
	grep -qx 'nothing is wrong' check || fail "the settings do not fit: $(cat check)"
	grep -q -- "--client-crl $PWD/collector/crl.pem" settings || fail "the server is not told of those who are revoked: $(cat settings)"
	[ "$(stat -c %a collector/keys collector/keys/* | sort -u | tr '\n' ' ')" = "600 700 " ] || fail "others can read the keys"
	quietly site terminal --replace terminal.tar
	tar xf terminal.tar
	grep -qx 'report_url = https://site.example:8444/reports' etc/haishin/conf.d/site.conf || fail "no reports: $(cat etc/haishin/conf.d/site.conf)"
	grep -qx 'est_url = https://site.example:8444' etc/haishin/conf.d/site.conf || fail "no renewal"
	openssl pkcs12 -in secrets/operator.p12 -passin pass: -nodes 2>/dev/null | openssl x509 -noout -subject -nameopt RFC2253 |
		grep -qx 'subject=CN=Operator,O=haishin' || fail "the operator's certificate is for nobody"
}

serve_as_collector() {
	"$HAISHIN_BIN/haishin-collector" --config collector/collector.conf --store "$PWD/collector/store.db" \
		--set collector.listen=127.0.0.1:0 >collector.log 2>&1 &
	collector_pid=$!
	trap 'kill $collector_pid 2>/dev/null || true' EXIT
}

statement_says() {
	local left=600
	until jq -e ".signed.haishin | $1" site/repository/metadata/brake.json >/dev/null 2>&1; do
		[ $((left -= 1)) -gt 0 ] || fail "the brake does not say '$1': $(cat site/repository/metadata/brake.json collector.log)"
		read -rt 0.1 <> <(:) || true
	done
}

make_program() {
	mkdir -p input/bin
	printf '#!/bin/sh\nexit 0\n' >input/bin/self-test
	chmod 755 input/bin/self-test
}

test_the_first_rollout_of_a_site_has_a_brake() {
	local keys=(--repo site --keys site/online-keys --keys site/keys)
	with_a_collector
	[ "$(stat -c %a site/repository/metadata)" = 1775 ] || fail "the collector cannot write beside the metadata, or what is not its own"
	grep -qx "ReadWritePaths=$PWD/site/repository/metadata" units/haishin-collector.service.d/brake.conf ||
		fail "its service may not write there"
	make_program
	quietly site publish input --package clinic-app --version 1.0.0 --self-test bin/self-test
	serve_as_collector
	statement_says '.held == [] and .stopped == []'
	quietly "$repo" pack input --package clinic-app --version 2.0.0 --self-test bin/self-test --output packed
	quietly "$repo" add packed/clinic-app-2.0.0.json "${keys[@]}"
	"$repo" rollout begin clinic-app=2.0.0 --stage "$(date +%F)=1" --stage "$(date -d tomorrow +%F)=100" "${keys[@]}" >begun 2>&1 ||
		fail "it cannot be begun: $(cat begun)"
	! grep -q 'nobody may brake' begun || fail "nobody may brake"
	quietly "$repo" publish "${keys[@]}"
	quietly "$repo" verify --repo site
	statement_says '.held[0].package == "clinic-app" and .held[0].stages == 1'
}

test_a_site_without_a_brake_gets_one_with_its_next_publication() {
	with_a_collector
	sed -i '/^\[metadata\]/,$d' collector/collector.conf
	rm collector/keys/brake.pem
	make_program
	quietly site publish input --package clinic-app --version 1.0.0 --self-test bin/self-test
	grep -qx 'systemctl try-restart haishin-collector.service' calls || fail "the collector does not hear of it"
	cp collector/collector.conf former.conf
	quietly site publish input --package clinic-app --version 1.0.1 --self-test bin/self-test
	cmp collector/collector.conf former.conf || fail "it was set up twice"
	serve_as_collector
	statement_says '.stopped == []'
}

test_without_the_collector_the_server_takes_the_reports() {
	create
	quietly site terminal --replace terminal.tar
	tar xf terminal.tar
	grep -qx 'report_url = https://site.example:8443/reports' etc/haishin/conf.d/site.conf || fail "no reports"
	! grep -q est_url etc/haishin/conf.d/site.conf || fail "renewal where there is none"
}

run_tests "$@"
