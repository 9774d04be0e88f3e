# shellcheck shell=bash
# The publisher's releases and the terminal's configuration for the machines of restarts.sh, and the questions that each start
# of a machine has to answer. Sourced by it; what tests/e2e/lib.sh says of a terminal below a folder is said anew here for one
# that is a machine.

FIRST=$WORK/worlds/first
PORT=8443
ALL=(distro-app face-library linkage-app reader-app/acme)

LIMIT_S=120

fail() {
	local log
	echo "FAILED: $*" >&2
	for log in "$WORLD"/{repo,server,console}.log; do
		[ ! -e "$log" ] || tail -n 5 "$log" >&2
	done
	journalctl -q --no-pager -n 80 -o short-precise -D "$WORLD/machine/var/log/journal" -u 'haishin*' -u clinic.service >&2 || true
	exit 1
}

# As lib.sh has it, with more patience: a whole machine starts here, on a busy host.
wait_until() {
	local what=$1 end=$((SECONDS + LIMIT_S))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "waited in vain until $what"
		read -rt 0.1 <> <(:) || true
	done
}

# ---- Releases ----

# make_input PACKAGE VERSION: what the vendor packs. The agent's own package holds the real programs.
make_input() {
	local input=$WORLD/input/${1//\//-}-$2 program
	mkdir -p "$input/bin"
	echo "$2" >"$input/version"
	head -c 300000 /dev/urandom >"$input/data.bin"
	# Well only in a whole sandbox: without the machine's /var, in a view of its own.
	printf '#!/bin/sh\nif [ -e /var/lib ] || [ -e /home ]; then echo not in a sandbox; exit 1; fi\n' >"$input/bin/well"
	printf '#!/bin/sh\necho the camera does not answer\nexit 1\n' >"$input/bin/sick"
	printf '#!/bin/sh\nsystemd-notify --ready\nexec sleep infinity\n' >"$input/bin/app"
	chmod 755 "$input"/bin/*
	[ "$1" = distro-app ] || return 0
	# Where the programs were built with the sanitizers they cannot look for leaks there.
	printf '#!/bin/sh\nexport ASAN_OPTIONS=detect_leaks=0\nbin/haishind --version && bin/haishin version\n' >"$input/bin/well"
	for program in haishind haishin-fetch haishin-guard haishin; do
		strip -o "$input/bin/$program" "$PROGRAMS/$program"
	done
}

# offer PACKAGE VERSION [OPTION...]: packs what make_input made, and names it in the catalog.
offer() {
	local package=$1 version=$2 stem=${1//\//-}
	shift 2
	[ -e "$WORLD/input/$stem-$version" ] || make_input "$package" "$version"
	"$PROGRAMS/haishin-repo" pack "$WORLD/input/$stem-$version" --package "$package" --version "$version" --level 1 "$@" \
		--output "$WORLD/packed" >>"$WORLD/repo.log" 2>&1 || fail "pack $package $version"
	repo add "$WORLD/packed/$stem-$version.json"
	repo catalog set "$package=$version"
}

# Every kind of check, at boot and afterwards.
offer_all() {
	offer distro-app "$1" --self-test bin/well --health bin/well
	offer face-library "$1" --self-test bin/well --health bin/well
	offer linkage-app "$1" --self-test bin/well --health-unit clinic.service
	offer reader-app/acme "$1" --self-test bin/well --health-url "http://localhost:$APPLICATION_PORT/health"
	repo publish
}

# ---- The terminal ----

configure() {
	local etc=$WORLD/machine/etc/haishin
	mkdir -p "$WORLD/machine/usr/share/haishin"
	cp "$WORLD/publisher/repository/metadata/1.root.json" "$WORLD/machine/usr/share/haishin/root.json"
	install -m 600 "$WORLD"/pki/client.{pem,key} "$etc/certificates/"
	cp "$WORLD/pki/ca.pem" "$etc/server-ca.pem"
	printf '%s\n' '[paths]' 'boot_id = /run/boot-id' '[server]' "url = https://localhost:$PORT" \
		'ca_file = /etc/haishin/server-ca.pem' 'connect_timeout = 5' '[terminal]' "institution_code = $INSTITUTION" \
		"packages = ${ALL[*]}" '[delivery]' ${WINDOW:+"window = $WINDOW"} \
		'start_delay = 0' 'reserve_space = 16M' "$@" >"$etc/haishin.conf"
}

haishin() {
	inside env LC_ALL=C.UTF-8 haishin "$@"
}

agent_is_idle() {
	haishin --json status >"$WORLD/status.json" && jq -e '.job == null' "$WORLD/status.json" >/dev/null
}

# Presses the button, waiting for the pause between two presses, and waits for its end.
press_button() {
	local ended=0
	haishin download-now >"$WORLD/button.log" 2>&1 || ended=$?
	while [ $ended -eq 5 ]; do
		read -rt 1 <> <(:) || true
		ended=0
		haishin download-now >"$WORLD/button.log" 2>&1 || ended=$?
	done
	[ $ended -eq "${1:-0}" ] || fail "the button ended with $ended: $(cat "$WORLD/button.log")"
}

# A second delivery within the pause between two presses: the short share does not wait for it.
press_again() {
	if [ "$share" = full ]; then
		press_button
	else
		run_job_by_hand
	fi
}

run_job_by_hand() {
	inside /usr/lib/haishin/run-current haishind --job button >"$WORLD/button.log" 2>&1 || fail "$(cat "$WORLD/button.log")"
}

# ---- The questions ----

# seen RELEASES: what the application found at the latest start, in the order of ALL.
expect_seen() {
	local line
	line=$(inside tail -n 1 /var/log/clinic/seen)
	[ "$line" = "$(inside cat /run/boot-id) $*" ] || fail "the application saw '${line#* }', not '$*'"
}

current() {
	cat "$WORLD/disk/opt/haishin/$1/current/version" 2>/dev/null || echo none
}

expect_current() {
	local package
	for package in "${ALL[@]}"; do
		[ "$(current "$package")" = "$1" ] || fail "$package is at $(current "$package"), not at $1"
		shift
	done
}

expect_verdict() {
	[ "$(jq -r .verdict "$WORLD/status.json")" = "$1" ] || fail "the verdict is not $1: $(jq -c . "$WORLD/status.json")"
}

# expect_told PACKAGE OPERATION TEXT: the history holds such a row, and it gives TEXT as the reason.
expect_told() {
	haishin history --package "$1" --jsonl | jq -se --arg operation "$2" --arg text "$3" \
		'any(.operation == $operation and ((.detail // "") | contains($text)))' >/dev/null ||
		fail "the history of $1 does not say '$2' with '$3': $(haishin history --package "$1")"
}

verdict_is() {
	agent_is_idle && [ "$(jq -r .verdict "$WORLD/status.json")" = "$1" ]
}

is_fetching() {
	haishin --json status >"$WORLD/status.json" && jq -e '[.packages[] | select(.fetched.total > 0)] | length > 0' "$WORLD/status.json" >/dev/null
}

agent_is_from() {
	[[ $(inside sh -c 'readlink /proc/$(systemctl show -P MainPID haishind.service)/exe') == */distro-app/versions/"$1"-* ]]
}

expect_old_or_new() {
	local package version
	for package in "${ALL[@]}"; do
		version=$(current "$package")
		[ "$version" = 1.0.0 ] || [ "$version" = 2.0.0 ] || fail "$package is at $version"
	done
}

# unit_seconds PROPERTY: a time of the agent's unit, in whole seconds.
unit_seconds() {
	inside systemctl show -P "$1" haishind.service | awk '{
		for (i = 1; i <= NF; i++) { n = $i + 0; s += $i ~ /min$/ ? 60 * n : $i ~ /h$/ ? 3600 * n : $i ~ /ms$/ ? n / 1000 : n }
	} END { printf "%d\n", s }'
}

started_at() {
	inside systemctl show -P "$2" "$1"
}

# Every current release as its vendor packed it.
releases_are_whole() {
	local package
	for package in "${ALL[@]}"; do
		[ "$(current "$package")" = none ] ||
			diff -r "$WORLD/input/${package//\//-}-$(current "$package")" "$WORLD/disk/opt/haishin/$package/current/" >/dev/null ||
			fail "$package is not as it was published"
	done
}

store_agrees_with_disk() {
	local package folder
	for package in "${ALL[@]}"; do
		folder=$(jq -r --arg name "$package" '.packages[] | select(.name == $name) | .folder // ""' "$WORLD/status.json")
		[ "$(readlink "$WORLD/disk/opt/haishin/$package/current")" = "${folder:+versions/$folder}" ] ||
			fail "$package: the store says '$folder'"
	done
	[ "$(sqlite3 "$WORLD/disk/var/lib/haishin/state.db" 'pragma integrity_check')" = ok ] || fail "SQLite finds the store damaged"
	haishin history verify >"$WORLD/verify.log" || fail "the history: $(cat "$WORLD/verify.log")"
}

units_are_in_order() {
	local failed
	failed=$(inside systemctl list-units --failed --plain --no-legend)
	[ -z "$failed" ] || fail "failed units: $failed"
	[ "$(started_at haishin-guard.service ExecMainExitTimestampMonotonic)" -le \
		"$(started_at clinic.service ExecMainStartTimestampMonotonic)" ] || fail "the application started before the guard had ended"
	[ "$(started_at haishin-guard.service ExecMainStatus)" = 0 ] || fail "the guard failed"
}

# After every start of a machine.
ask_the_questions() {
	wait_until "the agent is idle" agent_is_idle
	[ "$(jq -r .store_set_aside "$WORLD/status.json")" = false ] || fail "the store was set aside"
	units_are_in_order
	releases_are_whole
	store_agrees_with_disk
}

# ---- Each scenario on a copy of the first machine, which has run and confirmed 1.0.0 of everything ----

# The distribution server, and the local one of an application: outside of the machine, so they outlive its restarts.
start_servers() {
	"$PROGRAMS/haishin-server" --root "$WORLD/publisher/repository" --listen "127.0.0.1:$PORT" --tls-cert "$WORLD/pki/server.pem" \
		--tls-key "$WORLD/pki/server.key" --client-ca "$WORLD/pki/ca.pem" >"$WORLD/server.log" 2>&1 &
	SERVER_PID=$!
	mkdir -p "$WORLD/application"
	echo alive >"$WORLD/application/health"
	"$PROGRAMS/haishin-server" --root "$WORLD/application" --listen "127.0.0.1:$APPLICATION_PORT" --insecure-http \
		>"$WORLD/application.log" 2>&1 &
	APPLICATION_PID=$!
}

stop_servers() {
	kill $SERVER_PID $APPLICATION_PID 2>/dev/null || true
	wait $SERVER_PID $APPLICATION_PID 2>/dev/null || true
}

make_first_machine() (
	set -e
	WORLD=$FIRST NSPAWN_PID= SERVER_PID= APPLICATION_PID=
	mkdir -p "$WORLD"
	mkdir -m 700 "$WORLD/keys"
	make_pki
	certificate server /CN=localhost subjectAltName=DNS:localhost,DNS:distribution 30
	repo init --unencrypted
	for package in "${ALL[@]}"; do
		repo delegate "$package" --unencrypted
	done
	repo publish
	offer_all 1.0.0
	make_disk
	mount_machine
	trap 'stop_servers; release_machine' EXIT
	configure
	start_servers
	start_machine
	run_job_by_hand
	expect_seen none none none none
	restart_machine
	expect_seen 1.0.0 1.0.0 1.0.0 1.0.0
	ask_the_questions
	expect_verdict up-to-date
	stop_machine
)

run_scenario() (
	set -e
	WORLD=$WORK/worlds/$1
	RANDOM=$seed
	cp -a --sparse=always "$FIRST" "$WORLD"
	rm -f "$WORLD"/*.log
	NSPAWN_PID= SERVER_PID= APPLICATION_PID=
	trap 'stop_servers; release_machine; rm -rf "$WORLD"' EXIT
	mount_disk
	mount_machine
	start_servers
	"scenario_$1"
)
