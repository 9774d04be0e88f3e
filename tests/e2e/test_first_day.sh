#!/usr/bin/env bash
# An operator's first day with haishin-site: a site, a terminal of it, a package of one's own on that terminal; what is refused before
# a terminal sees it; the loss of the server's machine. The script is run as it is, with its fixed places moved into the test's
# folder; what systemctl would start is started here.
. "$(dirname "$0")/lib.sh"

SITE=$(cd "$(dirname "$0")/../.." && pwd)/tools/site
PACKAGES=(clinic-app)

setup() {
	WORLD=$(mktemp -d)
	chmod 755 "$WORLD"
	ROOT=$WORLD/terminal
	SERVER_PID=
	AGENT_PID=
	PORT=$((20000 + RANDOM % 20000))
	cp -r "$SITE" "$WORLD/bin"
	sed -i -e "s|^SETTINGS=.*|SETTINGS=$WORLD/machine/settings|; s|^SECRETS=.*|SECRETS=$WORLD/machine/secrets|" \
		-e "s|^PROGRAMS=.*|PROGRAMS=$WORLD/machine/programs|; s|^COLLECTOR=.*|COLLECTOR=$WORLD/machine/no-collector|" \
		-e "s|^COLLECTOR_SETTINGS=.*|COLLECTOR_SETTINGS=$WORLD/machine/collector|" "$WORLD/bin/haishin-site"
	printf '#!/bin/sh\necho "$*" >>"%s/started"\n' "$WORLD" >"$WORLD/bin/systemctl"
	chmod 755 "$WORLD"/bin/*
	new_machine
	cd "$WORLD"
}

# With haishin-server just installed.
new_machine() {
	mkdir -p "$WORLD/machine"
	printf '%s\n' "FOLDER=$WORLD/machine/site" "LISTEN=127.0.0.1:$PORT" >"$WORLD/machine/settings"
}

lose_the_machine() {
	stop_server
	rm -rf "$WORLD/machine"
	new_machine
}

site() {
	PATH=$WORLD/bin:$PROGRAMS:$PATH haishin-site "$@" </dev/null
}

start_site() {
	local secrets=$WORLD/machine/secrets
	grep -q 'haishin-server.service' started || fail "the server is not started"
	mkdir -p "$WORLD/reports"
	"$PROGRAMS/haishin-server" --root "$WORLD/machine/site/repository" --listen "127.0.0.1:$PORT" --tls-cert "$secrets/server.pem" \
		--tls-key "$secrets/server.key" --client-ca "$secrets/client-ca.pem" --reports "$WORLD/reports" \
		>"$WORLD/server.log" 2>&1 &
	SERVER_PID=$!
	wait_until "the server listens" eval "(exec 9<>/dev/tcp/127.0.0.1/$PORT)"
}

# version VERSION [LINE]: the folder clinic-app, with a self-test of that line of shell.
version() {
	mkdir -p clinic-app/bin
	echo "$1" >clinic-app/about
	printf '#!/bin/sh\n%s\n' "${2:-exit 0}" >clinic-app/bin/self-test
	chmod 755 clinic-app/bin/self-test
}

publish() {
	site publish clinic-app --package clinic-app --version "$1" --self-test bin/self-test --level 1 "${@:2}"
}

# The files that were made for the terminal, and what belongs to a private root.
make_site_terminal() {
	mkdir -p "$ROOT"/{etc/haishin/conf.d,usr/share/haishin,programs,proc}
	cp "$PROGRAMS"/{haishind,haishin-fetch,haishin-guard,haishin} "$ROOT/programs/"
	tar -C "$ROOT" -xf "$1"
	printf '%s\n' '[paths]' 'boot_id = /proc/boot_id' 'programs = /programs' '[users]' 'fetch = nobody' 'self_test = nobody' \
		'[delivery]' "window = $WINDOW" 'start_delay = 0' >"$ROOT/etc/haishin/haishin.conf"
}

is_confirmed() {
	haishin --json status | jq -e --arg version "$1" '.job == null and .verdict == "up-to-date" and
		(.packages[] | select(.name == "clinic-app") | .version == $version and .state == "current")'
}

# gets VERSION: by the button and a restart.
gets() {
	download_now 0 ""
	restart_terminal
	wait_until "clinic-app $1 is confirmed" is_confirmed "$1"
}

test_from_nothing_to_a_package_of_ones_own_and_back_from_a_lost_machine() {
	expect 1 "no site was made here; run: haishin-site create" site list
	expect 0 "haishin-site publish FOLDER --package NAME --version VERSION for a package of your own" \
		site create --name localhost --unencrypted
	start_site
	expect 0 "No terminal was made yet" site list
	version 1.0.0
	expect 0 "Terminals that run clinic-app get it in their next window" publish 1.0.0
	expect 0 "  tar -C / -xf desk-1.tar && systemctl enable --now haishind" site terminal --name desk-1 --code 1312345678 desk-1.tar
	make_site_terminal desk-1.tar
	boot_terminal
	gets 1.0.0
	[ -n "$(ls "$WORLD/reports")" ] || fail "the terminal sends no reports"
	expect 0 "desk-1                   1312345678" site list
	expect 0 "clinic-app                        1.0.0" site list
	grep -q 'CN = 1312345678' <(openssl x509 -in "$ROOT/etc/haishin/certificates/site.pem" -noout -subject) ||
		fail "the certificate does not bear the code"

	mkdir -m 700 -p machine/collector/keys
	echo settings | tee machine/collector/collector.conf >machine/collector/keys/authority.key
	expect 0 "keep it off this machine" site backup backup.tar
	[ "$(stat -c %a backup.tar)" = 600 ] || fail "others can read the backup"
	expect 1 "'backup.tar' is there already" site backup backup.tar
	version 1.1.0
	expect 0 "after 1.0.0, as a terminal does it" publish 1.1.0
	gets 1.1.0
	for _ in 1 2 3; do
		"$PROGRAMS/haishin-repo" refresh --snapshot --repo machine/site --keys machine/site/online-keys >>repo.log 2>&1 || fail "refresh"
	done
	download_now 0 ""
	expect 1 "there is a repository" site restore backup.tar

	lose_the_machine
	expect 1 "there is no file 'elsewhere.tar'" site restore elsewhere.tar
	expect 0 "apt install haishin-collector" site restore backup.tar
	[ -s machine/collector/keys/authority.key ] || fail "the collector's keys are not put back"
	start_site
	expect 0 "" job button
	haishin --json status | jq -e '.verdict != "attention"' >/dev/null || fail "the terminal is alarmed: $(haishin status)"
	expect 0 "desk-1                   1312345678" site list
	expect 0 "" publish 1.1.0
	version 1.2.0
	expect 0 "" publish 1.2.0
	gets 1.2.0
}

test_what_a_terminal_would_take_back_is_not_published() {
	expect 0 "" site create --name localhost --unencrypted
	version 1.0.0 'echo the database does not open; exit 3'
	expect 1 "the self-test ended with status 3: the database does not open" publish 1.0.0
	expect 1 "clinic-app 1.0.0 is not published: mend what failed above" publish 1.0.0
	[[ $(site list) != *clinic-app* ]] || fail "it is published"
	version 1.0.0
	expect 0 "" publish 1.0.0
	version 1.0.0 'exit 0 # changed'
	expect 1 "is published already: a changed one needs a higher version" publish 1.0.0
	expect 2 "publish needs --package NAME" site publish clinic-app
	expect 2 "publish needs the folder" site publish --package clinic-app --version 2.0.0
	expect 2 "there is no option '--self-tset'" publish 2.0.0 --self-tset bin/self-test
}

test_nothing_is_overwritten_without_being_asked() {
	expect 0 "" site create --name localhost --unencrypted
	expect 1 "nothing is made" site create --name localhost --unencrypted
	echo mine >one.tar
	expect 1 "'one.tar' is there already; --replace writes over it" site terminal one.tar
	[ "$(cat one.tar)" = mine ] || fail "it was written over"
	expect 0 "one.tar is for one terminal, terminal-1" site terminal --replace one.tar
	expect 0 "is for one terminal, terminal-2" site terminal two.tar
	expect 0 "is for one terminal, 1312345678" site terminal --code 1312345678 three.tar
	expect 0 "is for one terminal, 1312345678-1" site terminal --code 1312345678 four.tar
	expect 1 "there is a terminal 'terminal-1' already" site terminal --name terminal-1 five.tar
	expect 0 "" site terminal --name terminal-1 --replace five.tar
	[ "$(site list | grep -c terminal-1)" = 1 ] || fail "the list has it twice: $(site list)"
	expect 2 "is no name of a terminal" site terminal --name "front desk" six.tar
	expect 2 "reads like an institution's code" site terminal --name 1312345679 six.tar
	[ ! -e six.tar ] || fail "something was made"
}

test_the_next_haishin_is_published_as_its_documents_promise() {
	local release
	mkdir -p machine/programs
	cp "$PROGRAMS"/haishin{d,-fetch,-guard,-check} machine/programs/
	sed -i "s|^HAISHIN=.*|HAISHIN=$PROGRAMS/haishin|" bin/haishin-site
	site create --name localhost --unencrypted >created.log 2>&1 || fail "create: $(cat created.log)"
	grep -q "which is haishin itself, is its first package" created.log && ! grep -vE 'needs lib(a|ub)san\.' created.log | grep -c warning >/dev/null ||
		fail "it is not published as it should be: $(cat created.log)"
	release=$(echo machine/site/repository/targets/distro-app/*.json)
	jq -e '.self_test.argv == ["bin/haishind", "--self-test"] and .health.argv == ["bin/haishin", "status"]' "$release" >/dev/null ||
		fail "it is packed without what notices a bad agent: $(jq '.self_test, .health' "$release")"
	expect 1 "is published already; first: apt install --only-upgrade haishin" site release
}

run_tests
