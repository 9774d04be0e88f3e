#!/usr/bin/env bash
# An operator's first day with haishin-site: a site, a terminal of it, a package of one's own on that terminal; what is refused before
# a terminal sees it; the loss of the server's machine. The script is run as it is, with its fixed places moved into the test's
# folder; what systemctl would start is started here.
[ "$(id -u)" -ne 0 ] || [ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount "$0" "$@"
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
	haishin --json status | jq -e '.verdict != "needs-attention"' >/dev/null || fail "the terminal is alarmed: $(haishin status)"
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
	expect 1 "clinic-app 1.0.0 is published: give a higher version than that" publish 0.9
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
	expect 2 "'clinic-app,other' is no name of a package; a blank stands between two names" site terminal --packages clinic-app,other six.tar
	expect 1 "there is no folder 'nowhere' to write 'six.tar' into" site terminal nowhere/six.tar
	expect 1 "'bin' is a folder: give the file to write" site terminal --replace bin
	[ ! -e six.tar ] || fail "something was made"
	expect 0 "clinik-app is not published yet" site terminal --packages clinik-app six.tar
	expect 2 "there is no 'lsit'; \"haishin-site --help\" tells more" site lsit
}

test_a_machine_is_named_as_terminals_reach_it() {
	local name
	for name in https://localhost localhost:8443 "my server"; do
		expect 2 "is no name or address of a machine" site create --name "$name" --unencrypted
	done
	[ ! -e machine/site ] || fail "something was made"
}

# restores_nothing TEXT [FILE]: it is refused with TEXT, and the machine is as it was.
restores_nothing() {
	expect 1 "$1" site restore "${2:-tried.tar}"
	[ "$(ls -A machine)" = settings ] && cmp -s machine/settings settings || fail "$1: something was put back: $(find machine)"
}

test_a_backup_is_put_back_whole_or_not_at_all() {
	expect 0 "" site create --name localhost --unencrypted
	mkdir machine/site/mine
	ln -s nowhere link.tar
	expect 1 "there is no folder 'nowhere' to write 'b.tar' into" site backup nowhere/b.tar
	expect 1 "'machine' is a folder" site backup machine
	expect 1 "'link.tar' is there already" site backup link.tar
	expect 1 "which is backed up itself; give a place elsewhere" site backup machine/site/mine/b.tar
	expect 1 "which is backed up itself; give a place elsewhere" site backup machine/secrets/b.tar
	if [ "$(id -u)" = 0 ]; then expect 1 "'small/b.tar' is not written, and nothing of it is left there" on_a_small_disk site backup small/b.tar; fi
	: >machine/site/repository/metadata/brake.json
	mv machine/site disk && ln -s ../disk machine/site
	expect 1 "is a link, and what it leads to would not be backed up" site backup good.tar
	rm machine/site && mv disk machine/site
	expect 0 "" site backup good.tar
	! tar -tf good.tar | grep brake.json >/dev/null || fail "what the collector writes at any time is in it"
	expect 1 "there is a repository in $WORLD/machine/site already" site restore good.tar

	lose_the_machine
	cp machine/settings settings
	restores_nothing "'bin' is a folder" bin
	head -c 2000 good.tar >tried.tar
	restores_nothing "'tried.tar' is no backup of a site, or it was cut"
	tar -cf tried.tar settings
	restores_nothing "'tried.tar' is no backup of a site"
	LC_ALL=C sed 's/"_type":"snapshot"/"_type":"snapshoT"/' good.tar >tried.tar
	restores_nothing "'tried.tar' was changed or damaged since it was made"
	LC_ALL=C sed 's/CERTIFICATE-----/CERTIFICATe-----/' good.tar >tried.tar
	restores_nothing "'tried.tar' was changed or damaged since it was made"
	LC_ALL=C sed 's|LISTEN=127.0.0.1|touch machine/xx|' good.tar >tried.tar
	restores_nothing "does not set it"
	cp good.tar tried.tar
	echo 2 >haishin-site.form
	tar --delete -f tried.tar haishin-site.form && tar -rf tried.tar haishin-site.form
	restores_nothing "'tried.tar' was made by a newer haishin-site; first: apt install --only-upgrade haishin-server"
	tar --delete -f good.tar haishin-site.form haishin-site.sums # as they were made before there were sums
	expect 0 "The site is back" site restore good.tar
	grep -q 'haishin-server.service' started || fail "the server is not started"
	[ -z "$(ls -d machine/*.restore.* 2>/dev/null)" ] || fail "something is left: $(ls machine)"
}

on_a_small_disk() {
	local status=0
	mkdir small
	mount -t tmpfs -o size=16k tmpfs small
	"$@" || status=$?
	[ -z "$(ls -A small)" ] || fail "left behind: $(ls small)"
	umount small
	return $status
}

test_a_backup_waits_for_a_publication() {
	expect 0 "" site create --name localhost --unencrypted
	exec 7<machine/settings
	flock 7
	local backup
	site backup site.tar >backup.log 2>&1 7>&- &
	backup=$!
	wait_until "it waits" grep -q "Another haishin-site is at work; this one goes on when it has ended" backup.log
	[ ! -e site.tar ] || fail "it did not wait"
	exec 7>&-
	wait "$backup" || fail "the backup: $(cat backup.log)"
	[ -s site.tar ] || fail "there is none"
	! tar -tf site.tar | grep '\.lock$' || fail "locks are in it"
}

test_two_machines_are_not_made_of_one_backup_at_once() {
	expect 0 "" site create --name localhost --unencrypted
	expect 0 "" site backup site.tar
	lose_the_machine
	exec 7<machine/settings
	flock 7
	local restore
	site restore site.tar >restore.log 2>&1 7>&- &
	restore=$!
	wait_until "it waits" grep -q "Another haishin-site is at work; this one goes on when it has ended" restore.log
	mkdir machine/secrets
	: >machine/secrets/ca.key
	exec 7>&-
	! wait "$restore" || fail "it was made twice"
	grep -q "there is an authority in $WORLD/machine/secrets already; nothing is made" restore.log || fail "$(cat restore.log)"
	[ ! -e machine/site ] || fail "something was put back"
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
