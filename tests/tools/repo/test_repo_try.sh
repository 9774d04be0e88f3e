#!/usr/bin/env bash
# haishin-repo try, from outside: what a terminal will do with a release, before anything is signed.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

# script PATH LINE...: a program of shell lines.
script() {
	mkdir -p "${1%/*}"
	{ echo '#!/bin/sh' && printf '%s\n' "${@:2}"; } >"$1"
	chmod 755 "$1"
}

# packed FOLDER VERSION [OPTION...]: packed/face-library-VERSION.json
packed() {
	quietly "$repo" pack "$1" --package face-library --version "$2" --level 1 --output packed "${@:3}"
}

try() {
	"$repo" try "$@"
}

# says_of STEP OUTCOME: in result.json
says_of() {
	jq -e --arg step "$1" --arg outcome "$2" '.steps[] | select(.step == $step).outcome == $outcome' result.json >/dev/null ||
		fail "$1 is not $2: $(cat result.json)"
}

nothing_is_left() {
	[ -z "$(find . -name '.haishin-try*')" ] || fail "something is left: $(find . -name '.haishin-try*')"
}

test_a_good_release_is_confirmed() {
	package_folder one one
	package_folder two two
	script two/bin/self-test '[ "$HAISHIN_VERSION:$HAISHIN_FORMER_VERSION" = 5.1.0:5.0.2 ]'
	script two/bin/migrate 'echo new >"$HAISHIN_DATA/form"' 'grep -q mine "$HAISHIN_DATA/settings"'
	script two/bin/health '[ "$(cat "$HAISHIN_DATA/form")" = new ] && [ -d "$PWD/share" ]'
	mkdir data && echo mine >data/settings && chmod 755 data && chmod 644 data/settings
	packed one 5.0.2
	packed two 5.1.0 --self-test bin/self-test --migrate bin/migrate --health bin/health
	try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json --data data --json >result.json
	for step in staging restart migration self-test health-check second-restart way-back; do says_of $step passed; done
	jq -e '.verdict == "confirmed" and .from == "5.0.2" and (.steps | all(.ms >= 0)) and .warnings == []
		and .terminal_says == "All packages are at their newest version."' result.json >/dev/null || fail "$(cat result.json)"
	[ "$(cat data/settings)" = mine ] && [ ! -e data/form ] || fail "the data that were given have changed"
	says "A terminal then says: All packages are at their newest version." \
		try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json --data data
	nothing_is_left
}

test_it_tells_what_an_update_fetches() {
	local whole frames by_delta
	package_folder one one
	head -c 6000000 /dev/urandom >one/share/large
	cp -r one two
	printf changed >>two/share/large
	packed one 5.0.2
	packed two 5.1.0
	try packed/face-library-5.1.0.json --json 2>/dev/null >result.json
	whole=$(jq .fetched_bytes result.json)
	[ "$whole" = "$(jq .payload.length packed/face-library-5.1.0.json)" ] || fail "a first installation fetches $whole bytes"
	try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json --json 2>/dev/null >result.json
	frames=$(jq .fetched_bytes result.json)
	[ "$frames" -gt 1000000 ] && [ "$frames" -le "$whole" ] || fail "an update fetches $frames bytes"
	quietly "$repo" delta packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json
	try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json --json 2>/dev/null >result.json
	by_delta=$(jq .fetched_bytes result.json)
	[ "$by_delta" = "$(stat -c %s packed/face-library-5.1.0-from-5.0.2.delta3)" ] || fail "by the delta it fetches $by_delta bytes"
	says "that runs 5.0.2 fetches $((by_delta + $(stat -c %s packed/face-library-5.1.0.json))) bytes" \
		try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json
}

# bad STEP OPTION...: a release that fails there is taken back, and the reason is what a terminal's history says.
bad() {
	local step=$1
	shift
	packed two 5.1.0 "$@"
	refuses 7 "the camera does not answer" try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json
	! try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json --json >result.json 2>/dev/null || fail "it ends with 0"
	says_of "$step" failed
	says_of way-back passed
	jq -e '.verdict == "taken-back" and (.reason | contains("ended with status 4: the camera does not answer"))
		and .terminal_says == "A new version was taken back; the former version is in use."' result.json >/dev/null ||
		fail "$(cat result.json)"
}

test_a_bad_release_is_taken_back_and_the_reason_told() {
	package_folder one one
	package_folder two two
	script two/bin/sick 'echo the camera does not answer' 'exit 4'
	packed one 5.0.2
	bad self-test --self-test bin/sick
	bad health-check --self-test bin/self-test --health bin/sick
	bad migration --self-test bin/self-test --migrate bin/sick
	nothing_is_left
}

test_a_check_that_does_not_end_is_taken_back() {
	package_folder in one
	script in/bin/slow 'exec sleep 100'
	packed in 5.1.0 --self-test bin/slow --self-test-timeout 1
	refuses 7 "the self-test did not end within 1 s" try packed/face-library-5.1.0.json
}

# The same walls as on a terminal: neither the home of who packs, nor the network, nor another package's data.
test_a_check_sees_what_it_will_see_on_a_terminal() {
	package_folder in one
	package_folder other other
	echo secret >secret
	script in/bin/look "[ ! -e '$PWD/secret' ] || { echo the packer sees its folder; exit 1; }" \
		'[ "$(cat /opt/haishin/java-runtime/current/share/content)" = other ] || { echo no other package; exit 1; }' \
		'[ "$PWD" -ef /opt/haishin/face-library/current ] || { echo it does not stand where it will; exit 1; }' \
		'[ ! -e /opt/haishin/java-runtime/data ] || { echo the data of others; exit 1; }'
	quietly "$repo" pack other --package java-runtime --version 21.0 --level 1 --output packed
	packed in 5.1.0 --self-test bin/look --health bin/look --requires java-runtime=21
	try packed/face-library-5.1.0.json --with packed/java-runtime-21.0.json --json >result.json || fail "$(cat result.json)"
	jq -e '.in_place and .sandboxed and .warnings == []' result.json >/dev/null || fail "$(cat result.json)"
}

# The compiler of PCRE2's patterns, closures of libffi, and memory that is written and then made to run, in each place where terminals run
# a program of the release.
test_programs_that_write_their_own_code_run() {
	package_folder one one
	script one/bin/check "echo aaab | grep -P '^(a+)+b\$' >/dev/null || exit 3" '/usr/bin/python3 share/check.py' 'exit $?'
	cat >one/share/check.py <<'END'
import ctypes, mmap
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 5)(3, 1, 2, 5, 4)
ctypes.CDLL(None).qsort(numbers, 5, 4, kind(lambda a, b: a[0] - b[0]))
assert list(numbers) == [1, 2, 3, 4, 5]
mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(address), 4096, mmap.PROT_READ | mmap.PROT_EXEC) == 0
END
	mkdir data && echo mine >data/settings && chmod 755 data && chmod 644 data/settings
	packed one 1.0.0 --self-test bin/check --migrate bin/check --health bin/check
	try packed/face-library-1.0.0.json --data data --json >result.json || true
	for step in migration self-test health-check; do says_of $step passed; done
}

test_an_ordinary_user_tries_it_as_well() {
	local as_nobody=()
	[ "$(id -u)" -ne 0 ] || as_nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
	package_folder in one
	script in/bin/look '[ "$PWD" -ef /opt/haishin/face-library/current ]' 'touch "$HAISHIN_DATA/mine"'
	packed in 5.1.0 --self-test bin/look --health bin/look
	chmod 755 .. .
	[ "$(id -u)" -ne 0 ] || chown -R nobody packed
	cp "$repo" haishin-repo # within reach of other accounts
	"${as_nobody[@]}" ./haishin-repo try packed/face-library-5.1.0.json --json >result.json || fail "$(cat result.json)"
	jq -e '.verdict == "confirmed" and .in_place and .sandboxed' result.json >/dev/null || fail "$(cat result.json)"
	nothing_is_left
}

test_it_warns_of_what_keeps_terminals_from_taking_it() {
	package_folder one one
	package_folder two two
	packed one 5.0.2
	packed two 5.1.0 --requires distro-app=2.0 --passes-through 5.0.5
	try packed/face-library-5.1.0.json --from packed/face-library-5.0.2.json --json 2>/dev/null >result.json
	jq -r '.warnings[]' result.json >told
	grep -q "requires distro-app 2.0: a terminal without it waits" told || fail "$(cat told)"
	grep -q "a terminal that runs 5.0.2 takes 5.0.5 or later first" told || fail "$(cat told)"
	grep -q "neither self-test nor health check" told || fail "$(cat told)"
	refuses 2 "it is not newer" try packed/face-library-5.0.2.json --from packed/face-library-5.1.0.json
}

test_a_terminals_own_settings_hold() {
	package_folder in one
	script in/bin/network 'readlink /proc/self/ns/net' 'exit 1'
	printf '%s\n' '[server]' 'url = https://localhost' '[terminal]' 'packages = linkage-app' '[install]' 'network = face-library' \
		'[network]' 'rate = 5000' '[users]' 'self_test = nobody' >terminal.conf
	packed in 5.1.0 --self-test bin/network --network
	refuses 7 "$(readlink /proc/self/ns/net)" try packed/face-library-5.1.0.json --as terminal.conf
	refuses 7 "its [install] network names face-library" try packed/face-library-5.1.0.json
	! grep -qF "$(readlink /proc/self/ns/net)" refused.log || fail "it has the network though no settings give it"
	packed in 5.1.0 --self-test bin/self-test
	says "does not run face-library" try packed/face-library-5.1.0.json --as terminal.conf
	says "At its [network] rate that takes" try packed/face-library-5.1.0.json --as terminal.conf
	printf '%s\n' '[delivery]' 'reserve_space = 900G' >>terminal.conf
	refuses 7 "There is not enough space on the disk" try packed/face-library-5.1.0.json --as terminal.conf
	echo 'nonsense' >>terminal.conf
	refuses 1 "--as: " try packed/face-library-5.1.0.json --as terminal.conf
}

# settings SECONDS: terminal.conf, of a terminal whose applications have so long to come up.
settings() {
	printf '%s\n' '[server]' 'url = https://localhost' '[terminal]' 'packages = face-library' '[users]' 'self_test = nobody' \
		'[delivery]' "start_delay = $1s" >terminal.conf
}

# a_port: one that nobody listens at.
a_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# answering FOLDER: an application that answers at a port with the status of its second word.
answering() {
	cat >"$1/bin/application" <<'END'
#!/usr/bin/python3
import http.server, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
open(os.environ["HAISHIN_DATA"] + "/started", "w").close()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
END
	chmod 755 "$1/bin/application"
}

test_an_application_is_asked_at_its_url() {
	local port
	port=$(a_port)
	package_folder in one
	answering in
	settings 60
	packed in 5.1.0 --self-test bin/self-test --health-url "http://127.0.0.1:$port/health"
	try packed/face-library-5.1.0.json --as terminal.conf --application "bin/application $port 200" --json >result.json ||
		fail "$(cat result.json)"
	says_of health-check passed
	jq -e '.verdict == "confirmed" and .warnings == []' result.json >/dev/null || fail "$(cat result.json)"
	settings 5
	refuses 7 "the server cannot answer now (503)" \
		try packed/face-library-5.1.0.json --as terminal.conf --application "bin/application $port 503"
	! curl -s -m 2 "http://127.0.0.1:$port/health" >/dev/null || fail "the application still runs"
	nothing_is_left
}

test_an_application_that_does_not_stay_is_not_healthy() {
	local port
	port=$(a_port)
	package_folder in one
	script in/bin/application 'echo no licence' 'exit 3'
	settings 60
	packed in 5.1.0 --self-test bin/self-test --health-url "http://127.0.0.1:$port/health"
	refuses 7 "the application ended with status 3: no licence" \
		try packed/face-library-5.1.0.json --as terminal.conf --application bin/application
	packed in 5.1.0 --self-test bin/self-test --health-unit face-library.service
	refuses 7 "the application ended with status 3: no licence" \
		try packed/face-library-5.1.0.json --as terminal.conf --application bin/application
	nothing_is_left
}

# What answers at the port already is not the release.
test_somebody_else_at_the_url_proves_nothing() {
	local port other
	port=$(a_port)
	package_folder in one
	answering in
	settings 60
	HAISHIN_DATA=$PWD in/bin/application "$port" 200 2>/dev/null &
	other=$!
	until [ -e started ]; do read -rt 0.1 <> <(:) || true; done
	packed in 5.1.0 --self-test bin/self-test --health-url "http://127.0.0.1:$port/health"
	refuses 75 "something else on this machine answers at 'http://127.0.0.1:$port/health'" \
		try packed/face-library-5.1.0.json --as terminal.conf --application "bin/application $port 200"
	kill $other
}

test_a_unit_is_asked_for_while_its_program_runs() {
	package_folder in one
	script in/bin/application 'exec sleep 1000'
	settings 60
	packed in 5.1.0 --self-test bin/self-test --health-unit face-library.service --settle 1
	try packed/face-library-5.1.0.json --as terminal.conf --application bin/application --json >result.json ||
		fail "$(cat result.json)"
	says_of health-check passed
	jq -e '.verdict == "confirmed" and .warnings == []' result.json >/dev/null || fail "$(cat result.json)"
	script in/bin/application 'sleep 1; echo the camera is gone; exit 1'
	packed in 5.1.0 --self-test bin/self-test --health-unit face-library.service --settle 30
	refuses 7 "the camera is gone" try packed/face-library-5.1.0.json --as terminal.conf --application bin/application
	nothing_is_left
}

test_a_check_finds_the_application_at_work() {
	package_folder in one
	script in/bin/application 'echo up >"$HAISHIN_DATA/up"' 'exec sleep 1000'
	script in/bin/health '[ "$(cat "$HAISHIN_DATA/up")" = up ]'
	settings 60
	packed in 5.1.0 --self-test bin/self-test --health bin/health
	try packed/face-library-5.1.0.json --as terminal.conf --application bin/application >told 2>&1 || fail "$(cat told)"
	refuses 7 "the health check ended with status" try packed/face-library-5.1.0.json
	refuses 2 "has no file 'bin/nothing'" try packed/face-library-5.1.0.json --application "bin/nothing --fast"
	refuses 2 "--application is empty" try packed/face-library-5.1.0.json --application " "
}

test_what_cannot_be_tried_is_named() {
	package_folder in one
	packed in 5.1.0 --self-test bin/self-test --health-url http://localhost:8080/
	try packed/face-library-5.1.0.json --json >result.json
	says_of health-check not-tried
	jq -e '.warnings | any(contains("--application names the program"))' result.json >/dev/null || fail "$(cat result.json)"
	packed in 5.1.0 --self-test bin/self-test --health-unit face-library.service
	says "--application names the program that it starts" try packed/face-library-5.1.0.json
	rm packed/face-library-5.1.0.tar.zst
	refuses 3 "face-library-5.1.0.tar.zst" try packed/face-library-5.1.0.json
	refuses 3 "nowhere.json" try nowhere.json
	echo '{}' >empty.json
	refuses 1 "empty.json" try empty.json
	refuses 2 "the release" try
	nothing_is_left
}

test_a_damaged_payload_is_refused_as_by_a_terminal() {
	package_folder in one
	packed in 5.1.0
	printf x | dd of=packed/face-library-5.1.0.tar.zst bs=1 seek=40 conv=notrunc status=none
	refuses 7 "An update cannot be trusted and was refused" try packed/face-library-5.1.0.json
}

run_tests "$@"
