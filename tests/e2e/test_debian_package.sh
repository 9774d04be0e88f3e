#!/usr/bin/env bash
# The Debian packages, built from this tree and installed into a minimal Debian with a real systemd: the README's commands, a
# restart, an upgrade, a purge. No network: apt finds what they depend on in the root file system.
set -euo pipefail
cd "$(dirname "$0")/../.."
SOURCE=$PWD
WORK=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
# shellcheck source-path=SCRIPTDIR source=../support/container.sh
. tests/support/container.sh
trap 'container_stop; rm -rf "$WORK"' EXIT

fail() {
	echo "FAILED: $*" >&2
	[ -z "$INIT_PID" ] || inside journalctl --no-pager -b -n 40 >&2 || true
	tail -n 20 "$WORK"/*.log >&2 || true
	exit 1
}

wait_until() {
	local what=$1 end=$((SECONDS + 90))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "waited in vain until $what"
		read -rt 0.1 <> <(:) || true
	done
}

# expect TEXT COMMAND...: it succeeds in the machine and prints TEXT.
expect() {
	local text=$1 said
	shift
	said=$(inside "$@" 2>&1) || fail "'$*' ended with $?: $said"
	[[ $said == *"$text"* ]] || fail "'$*' does not say '$text': $said"
}

there() { [ -e "$ROOT$1" ] || fail "$1 is not there"; }
gone() { [ ! -e "$ROOT$1" ] || fail "$1 is still there"; }

# ---- The packages ----

# Taken once: the tree may change meanwhile, and nothing may appear in it.
take_source() {
	git -C "$SOURCE" ls-files -z -co --exclude-standard |
		tar -C "$SOURCE" --null --ignore-failed-read -T - -cf "$WORK/source.tar"
}

# build_in FOLDER [COMMAND...]: what was taken is built in FOLDER, the packages stand beside it. COMMAND goes before what builds. No
# cache of compiled files helps: that would show nothing but itself.
build_in() {
	mkdir -p "$1"
	tar -C "$1" --no-same-permissions -xf "$WORK/source.tar"
	(cd "$1" && CCACHE_DISABLE=1 DEB_BUILD_OPTIONS="parallel=2 noautodbgsym" "${@:2}" dpkg-buildpackage -b -us -uc) >"$WORK/build.log" 2>&1 ||
		fail "dpkg-buildpackage"
}

build_packages() {
	mkdir -p "$WORK/first" "$WORK/next"
	take_source
	build_in "$WORK/build/haishin"
	grep -q "^project(haishin VERSION $(dpkg-parsechangelog -l "$SOURCE/debian/changelog" -S Version) " "$SOURCE/CMakeLists.txt" ||
		fail "debian/changelog and CMakeLists.txt name different versions"
	lintian --allow-root --fail-on error,warning "$WORK"/build/*.changes >"$WORK/lintian.log" 2>&1 || fail "lintian"
	mv "$WORK"/build/*.deb "$WORK/first"
}

# Whoever builds them in a year, in another folder, time zone and language, and with files that others must not read, gets the same
# bytes.
check_another_build_makes_the_same() {
	local deb
	(umask 077 && build_in "$WORK/again/in-a-year/in-another-folder/haishin" env TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 \
		NO_FAKE_STAT=1 faketime -f +366d)
	for deb in "$WORK"/first/*.deb; do
		cmp "$deb" "$WORK/again/in-a-year/in-another-folder/${deb##*/}" || fail "another build makes another ${deb##*/}"
	done
	rm -rf "$WORK/again"
}

# The same programs as a newer package, whose configuration file says something new.
make_next_packages() {
	local deb
	for deb in "$WORK"/first/*.deb; do
		dpkg-deb -R "$deb" "$WORK/unpacked"
		sed -i 's/^Version: .*/Version: 9.0/' "$WORK/unpacked/DEBIAN/control"
		[ ! -e "$WORK/unpacked/usr/lib/haishin/version" ] || echo 9.0 >"$WORK/unpacked/usr/lib/haishin/version"
		[ ! -e "$WORK/unpacked/etc/haishin/haishin.conf" ] || echo "# new" >>"$WORK/unpacked/etc/haishin/haishin.conf"
		dpkg-deb -b --root-owner-group "$WORK/unpacked" "$WORK/next" >/dev/null
		rm -rf "$WORK/unpacked"
	done
}

# What the packages need besides each other, by name.
dependencies() {
	local deb
	for deb in "$WORK"/first/*.deb; do
		dpkg-deb -f "$deb" Depends Recommends
	done | sed 's/^[A-Za-z-]*: //' | tr ',' '\n' | sed 's/|.*//; s/(.*//; s/ //g' | grep -v '^haishin' | sort -u
}

install_packages() {
	mkdir -p "$ROOT/root/$1"
	cp "$WORK/$1"/*.deb "$ROOT/root/$1/"
	inside sh -c "apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold /root/$1/*.deb openssl" >"$WORK/apt-$1.log" 2>&1 || fail "apt-get install"
}

# ---- What a user sees ----

says_verdict() {
	inside haishin --json status | jq -e --arg verdict "$1" '.verdict == $verdict'
}

agent_is_idle() {
	inside haishin --json status | jq -e '.job == null'
}

message_id() { sed -nE "s/.*X\($1, \"([0-9a-f]+)\".*/\1/p" "$SOURCE/agent/base/message_ids.h"; }
agent_pid() { inside systemctl show -P MainPID haishind; }
fed_since() { [ "$(inside systemctl show -P WatchdogTimestampMonotonic haishind)" -gt "$1" ]; }
restarted_since() { [ "$(inside systemctl show -P NRestarts haishind)" -gt "$1" ]; }

# ---- A witness and an auditor, who have nothing else of haishin ----

# make_log NAME: an empty log in the machine's /root/log, by openssl alone; its key as text is VKEY.
make_log() {
	local at=$ROOT/root/log id signature
	mkdir -p "$at"
	openssl genpkey -algorithm ed25519 -out "$WORK/log.key" 2>/dev/null
	{ printf '\001'; openssl pkey -in "$WORK/log.key" -pubout -outform DER | tail -c 32; } >"$WORK/log.pub"
	id=$({ printf '%s\n' "$1"; cat "$WORK/log.pub"; } | sha256sum | cut -c1-8)
	VKEY=$1+$id+$(base64 -w0 "$WORK/log.pub")
	printf '%s\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n' "$1" >"$WORK/log.text"
	openssl pkeyutl -sign -rawin -inkey "$WORK/log.key" -in "$WORK/log.text" -out "$WORK/log.signature"
	signature=$({ printf %b "$(sed 's/../\\x&/g' <<<"$id")"; cat "$WORK/log.signature"; } | base64 -w0)
	{ cat "$WORK/log.text"; printf '\n— %s %s\n' "$1" "$signature"; } >"$at/checkpoint"
}

# The commands of "A witness in ten minutes" as they stand there, but for what comes from the operator.
witness_commands() {
	sed -n '/^## A witness in ten minutes/,/^## An audit/ { /^```sh$/,/^```$/ { /^```/d; /^apt /d; p } }' docs/ledger.md |
		sed "s|log ledger.example.jp/1+THE-LINE-OF-THE-OPERATOR|log $VKEY|"
}

ask_witness() {
	inside bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080; body=$(printf "old 0\n\n"; cat /root/log/checkpoint; echo x); body=${body%x}
		printf "POST /add-checkpoint HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" "$(LC_ALL=C; echo ${#body})" "$body" >&3; cat <&3'
}

check_witness_and_audit_alone() {
	mkdir -p "$ROOT/root/alone"
	cp "$WORK"/first/haishin-{witness,audit}_*.deb "$ROOT/root/alone/"
	inside sh -c 'apt-get install -y --no-install-recommends /root/alone/*.deb' >"$WORK/apt-alone.log" 2>&1 || fail "apt-get install"
	[ "$(inside dpkg-query -W -f '${Package} ' 'haishin*' 2>/dev/null | xargs)" = "haishin-audit haishin-witness" ] || fail "they need others of ours"
	make_log log.example/1
	witness_commands | inside sh -e >"$WORK/witness.log" 2>&1 || fail "a command of the page fails: $(cat "$WORK/witness.log")"
	grep -q "active (running)" "$WORK/witness.log" || fail "the witness does not run: $(cat "$WORK/witness.log")"
	wait_until "the witness listens" inside bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080'
	ask_witness | tr -d '\r' | sed '1,/^$/d' >>"$ROOT/root/log/checkpoint"
	printf 'log %s\nwitness W1 %s\nquorum W1\n' "$VKEY" "$(grep '^witness.example.jp/w1+' "$WORK/witness.log")" >"$ROOT/root/policy"
	expect "Cosigned by W1" haishin-audit log /root/log --policy /root/policy
	expect すべて正しく env LANG=ja_JP.UTF-8 haishin-audit log /root/log --policy /root/policy
	expect 証人 env LANG=ja_JP.UTF-8 haishin-witness --help
	for program in haishin-witness haishin-audit; do
		there "/usr/share/bash-completion/completions/$program"
		grep -q "/usr/share/man/man1/$program.1" <(dpkg-deb -c "$WORK"/first/${program}_*.deb) || fail "$program has no manual page"
	done
}

check_nothing_runs_before_it_is_set_up() {
	there /usr/lib/haishin/run-current
	there /etc/haishin/certificates
	there /opt/haishin
	[ "$(inside systemctl is-enabled haishind.service || true)" = disabled ] || fail "haishind is enabled before it is set up"
	[ "$(inside systemctl --failed --no-legend)" = '' ] || fail "a unit failed: $(inside systemctl --failed)"
	inside getent passwd haishin-fetch haishin-check >/dev/null || fail "the accounts are missing"
}

# journal_says TEXT ARGUMENT...: what was done is there before its line in the journal.
journal_says() {
	grep -q "$1" <(inside journalctl --no-pager "${@:2}")
}

run_the_readmes_commands() {
	expect "The server runs" haishin-site create --unencrypted
	expect "is a terminal of this site" haishin-site terminal --here
	expect "" haishin download-now
	says_verdict restart >/dev/null || fail "nothing was staged: $(inside haishin status)"
	wait_until "the server has been asked" journal_says 'GET /metadata/timestamp.json' -u haishin-server
	expect '' systemctl start haishin-refresh.service
}

check_the_restart_activates() {
	container_restart
	there /opt/haishin/distro-app/current/bin/haishind
	wait_until "all is confirmed" says_verdict up-to-date
	expect /opt/haishin/distro-app/versions/ readlink "/proc/$(agent_pid)/exe"
	expect active systemctl is-active haishin-applications.target
	wait_until "the journal says so" journal_says '"HAISHIN_PACKAGE":"distro-app"' -o json MESSAGE_ID="$(message_id CONFIRMED)"
	expect "The delivery is complete" journalctl --no-pager -x MESSAGE_ID="$(message_id CONFIRMED)"
	expect 最新です env LANG=ja_JP.UTF-8 haishin status
}

# The package's name comes from the agent that runs.
check_the_completion() {
	# shellcheck disable=SC2016 # it is expanded in the machine
	expect distro-app bash -c '. /usr/share/bash-completion/completions/haishin; COMP_WORDS=(haishin hold d); COMP_CWORD=2; _haishin
		printf %s "${COMPREPLY[@]}"'
}

# window_is WINDOW: the agent that runs goes by it.
window_is() {
	inside haishin --json status | jq -e --arg window "$1" '.window == $window'
}

# set_window WINDOW [LINE...]: what the site's own file says, with LINES in the same section.
set_window() {
	printf '%s\n' '[delivery]' "window = $1" "${@:2}" >"$ROOT/etc/haishin/conf.d/window.conf"
}

# A mistake is told to whoever asks for the reload, and to the journal; the agent goes on with what it had.
check_the_reload() {
	local agent
	agent=$(agent_pid)
	set_window 21:00-04:00
	expect '' systemctl reload haishind
	wait_until "the new window holds" window_is 21:00-04:00
	set_window 22:00-03:00 'bandwith = 100'
	! inside systemctl reload haishind >"$WORK/reload.log" 2>&1 || fail "a mistyped setting was taken"
	wait_until "the journal names the line" inside journalctl --no-pager -u haishind -g 'window.conf:3: .*bandwith'
	expect active systemctl is-active haishind
	window_is 21:00-04:00 >/dev/null || fail "the agent has taken files with a mistake: $(inside haishin --json status)"
	rm "$ROOT/etc/haishin/conf.d/window.conf"
	expect '' systemctl reload haishind
	wait_until "the former window holds" window_is 20:00-05:00
	[ "$(agent_pid)" = "$agent" ] || fail "a reload ended the agent"
}

check_the_watchdog_is_fed() {
	local before restarts
	inside mkdir -p /run/systemd/system/haishind.service.d
	inside sh -c 'printf "[Service]\nWatchdogSec=2s\n" >/run/systemd/system/haishind.service.d/test.conf'
	inside systemctl daemon-reload
	inside systemctl restart haishind
	before=$(inside systemctl show -P WatchdogTimestampMonotonic haishind)
	wait_until "the watchdog is fed" fed_since "$before"
	restarts=$(inside systemctl show -P NRestarts haishind)
	inside systemctl kill --kill-whom=main --signal=STOP haishind
	wait_until "a hanging agent is started anew" restarted_since "$restarts"
	inside rm -r /run/systemd/system/haishind.service.d
	inside systemctl daemon-reload
	inside systemctl reset-failed haishind
	inside systemctl restart haishind
	wait_until "the agent is idle" agent_is_idle
}

check_the_upgrade() {
	local agent guard
	agent=$(agent_pid)
	guard=$(inside systemctl show -P ExecMainStartTimestampMonotonic haishin-guard)
	echo '# the site was here' >>"$ROOT/etc/haishin/haishin.conf"
	install_packages next
	[ "$(agent_pid)" != "$agent" ] || fail "the upgrade did not restart the agent"
	[ "$(inside systemctl show -P ExecMainStartTimestampMonotonic haishin-guard)" = "$guard" ] || fail "the upgrade ran the guard"
	grep -q 'the site was here' "$ROOT/etc/haishin/haishin.conf" || fail "the upgrade changed the site's configuration"
	wait_until "the upgraded agent is well" says_verdict up-to-date
	grep -q "9.0 is installed, but the agent that runs is" "$WORK/apt-next.log" || fail "the upgrade does not say which agent runs"
	expect "haishin 9.0 is installed, but" haishin status
	expect "haishin-site release" haishin doctor
	expect enabled systemctl is-enabled haishin-guard.service
}

check_the_purge() {
	inside apt-get purge -y haishin haishin-repo haishin-server >"$WORK/purge.log" 2>&1 || fail "apt-get purge"
	gone /usr/lib/haishin
	gone /etc/haishin/haishin.conf
	gone /var/cache/haishin
	gone /var/lib/haishin/tuf
	gone /var/lib/haishin/boot
	gone /etc/systemd/system/multi-user.target.wants/haishind.service
	gone /etc/systemd/system/basic.target.wants/haishin-guard.service
	there /var/lib/haishin/state.db
	there /opt/haishin/distro-app/current
	grep -q 'haishin: /var/lib/haishin is kept' "$WORK/purge.log" || fail "the purge does not name what it keeps"
	[ "$(inside systemctl --failed --no-legend)" = '' ] || fail "a unit failed: $(inside systemctl --failed)"
}

# The kernel of a container is the host's, and so is its boot identity wherever a unit has a /proc of its own.
show_the_boot_identity() {
	mkdir -p "$ROOT/etc/haishin/conf.d"
	echo "C /run/boot-id 0444 root root - /proc/sys/kernel/random/boot_id" >"$ROOT/etc/tmpfiles.d/boot-id.conf"
	printf "%s\n" "[paths]" "boot_id = /run/boot-id" >"$ROOT/etc/haishin/conf.d/container.conf"
}

step() {
	echo "- ${1//_/ }"
	"$@"
}

ROOT=$WORK/root
step build_packages
step check_another_build_makes_the_same
make_next_packages
mapfile -t needed < <(dependencies)
tests/support/rootfs.sh "$ROOT" -- "${needed[@]}"
show_the_boot_identity
container_start "$ROOT" "$WORK/console.log"
step check_witness_and_audit_alone
install_packages first
step check_nothing_runs_before_it_is_set_up
step run_the_readmes_commands
step check_the_restart_activates
step check_the_completion
step check_the_reload
step check_the_watchdog_is_fed
step check_the_upgrade
step check_the_purge
