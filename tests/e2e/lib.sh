# shellcheck shell=bash
# A publisher, a server and a terminal out of the real programs, in a fresh folder. Sourced by the tests beside it; PROGRAMS is
# where the programs are. Each test_... function of the sourcing file is one test.
set -euo pipefail

: "${PROGRAMS:?where the programs are}"
INSTITUTION=1312345678
PACKAGES=(distro-app face-library linkage-app reader-app/acme)
# Half a day from now, whenever a test runs: nothing is delivered but what it asks for. Empty: the default one.
WINDOW=$(TZ=Asia/Tokyo date -d "12 hours" +%H:00)-$(TZ=Asia/Tokyo date -d "13 hours" +%H:00)

fail() {
	echo "FAILED: $*" >&2
	for log in "$WORLD"/*.log; do
		echo "--- $log" >&2
		tail -n 20 "$log" >&2
	done
	exit 1
}

# expect STATUS TEXT COMMAND...: it ends with STATUS and prints TEXT, on stdout or stderr.
expect() {
	local status=$1 text=$2 got=0 said
	shift 2
	said=$("$@" 2>&1) || got=$?
	[ "$got" -eq "$status" ] || fail "'$*' ended with $got, not $status: $said"
	[[ $said == *"$text"* ]] || fail "'$*' does not say '$text': $said"
}

# wait_until WHAT COMMAND...: polls until it succeeds, at most a minute.
wait_until() {
	local what=$1 end=$((SECONDS + 60))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "waited in vain until $what"
		read -rt 0.2 <> <(:) || true
	done
}

# ---- Publisher ----

repo() {
	"$PROGRAMS/haishin-repo" "$@" --repo "$WORLD/publisher" --keys "$WORLD/keys" >>"$WORLD/repo.log" 2>&1 ||
		fail "haishin-repo $*"
}

# release PACKAGE VERSION [OPTION...]: packs and adds a release with a self-test that ends well.
release() {
	local package=$1 version=$2 stem=${1//\//-}
	local input=$WORLD/input/$stem-$version
	shift 2
	mkdir -p "$input/bin"
	echo "$package $version" >"$input/about.txt"
	head -c 300000 /dev/urandom >"$input/data.bin"
	printf '#!/bin/sh\nexit 0\n' >"$input/bin/self-test"
	printf '#!/bin/sh\necho the camera does not answer\nexit 1\n' >"$input/bin/sick"
	[ "$package" != distro-app ] || cp "$PROGRAMS/haishind" "$input/bin/"
	chmod 755 "$input"/bin/*
	"$PROGRAMS/haishin-repo" pack "$input" --package "$package" --version "$version" --level 1 --self-test bin/self-test \
		"$@" --output "$WORLD/packed" >>"$WORLD/repo.log" 2>&1 || fail "pack $package $version"
	repo add "$WORLD/packed/$stem-$version.json"
}

# publish_all VERSION: a release of each package, in the catalog. In a fresh world they are packed and signed once for all tests.
publish_all() {
	if [ -n "$KEPT" ] && diff -rq "$KEPT/fresh/publisher" "$WORLD/publisher" >/dev/null; then
		once "all-$1" "publisher packed input" publish_each "$1"
	else
		publish_each "$1"
	fi
}

publish_each() {
	local package arguments=()
	for package in "${PACKAGES[@]}"; do
		release "$package" "$1"
		arguments+=("$package=$1")
	done
	repo catalog set "${arguments[@]}"
	repo publish
}

# ---- Certificates ----

certificate() {
	local name=$1 subject=$2 extensions=$3 days=$4 pki=$WORLD/pki
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$pki/$name.key" -out "$pki/$name.csr" \
		-subj "$subject" 2>/dev/null
	openssl x509 -req -in "$pki/$name.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -CAcreateserial -days "$days" \
		-out "$pki/$name.pem" -extfile <(echo "$extensions") 2>/dev/null
}

make_pki() {
	mkdir -p "$WORLD/pki"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$WORLD/pki/ca.key" \
		-out "$WORLD/pki/ca.pem" -subj "/CN=test CA" 2>/dev/null
	certificate server /CN=localhost subjectAltName=DNS:localhost 30
	certificate client "/O=Clinic/CN=$INSTITUTION" extendedKeyUsage=clientAuth 30
}

# ---- Servers: ours and nginx, over the same folder ----

start_haishin_server() {
	rm -f "$WORLD/port"
	"$PROGRAMS/haishin-server" --root "$WORLD/publisher/repository" --listen 127.0.0.1:0 --port-file "$WORLD/port" \
		--tls-cert "$WORLD/pki/server.pem" --tls-key "$WORLD/pki/server.key" --client-ca "$WORLD/pki/ca.pem" \
		--access-log "$WORLD/access.log" >"$WORLD/server.log" 2>&1 &
	SERVER_PID=$!
	wait_until "the server listens or has ended" eval "[ -s '$WORLD/port' ] || ! kill -0 $SERVER_PID"
	[ -s "$WORLD/port" ] || fail "the server has ended"
	PORT=$(cat "$WORLD/port")
}

# nginx has no "port 0": it gets one that was free a moment ago, and another one where it no longer is.
start_nginx() {
	local attempt
	for attempt in 1 2 3 4 5; do
		PORT=$((20000 + (RANDOM + attempt) % 20000))
		cat >"$WORLD/nginx.conf" <<EOF
daemon off;
pid $WORLD/nginx.pid;
error_log $WORLD/nginx.log;
worker_processes 1;
user root;
events { worker_connections 64; }
http {
	access_log $WORLD/access.log;
	client_body_temp_path $WORLD; proxy_temp_path $WORLD; fastcgi_temp_path $WORLD; uwsgi_temp_path $WORLD; scgi_temp_path $WORLD;
	server {
		listen 127.0.0.1:$PORT ssl http2;
		ssl_certificate $WORLD/pki/server.pem;
		ssl_certificate_key $WORLD/pki/server.key;
		ssl_client_certificate $WORLD/pki/ca.pem;
		ssl_verify_client on;
		root $WORLD/publisher/repository;
	}
}
EOF
		nginx -c "$WORLD/nginx.conf" -p "$WORLD" 2>>"$WORLD/nginx.log" &
		SERVER_PID=$!
		wait_until "nginx listens or has given up" eval "[ -s '$WORLD/nginx.pid' ] || ! kill -0 $SERVER_PID"
		[ ! -s "$WORLD/nginx.pid" ] || return 0
	done
	fail "nginx found no free port"
}

stop_server() {
	[ -z "$SERVER_PID" ] || kill "$SERVER_PID" 2>/dev/null || true
	[ -z "$SERVER_PID" ] || wait "$SERVER_PID" 2>/dev/null || true
	SERVER_PID=
}

# serve_again FOLDER...: our server at another port, of which the terminals below these folders are told.
serve_again() {
	start_haishin_server
	sed -i "s|^url = .*|url = https://localhost:$PORT|" "${@/%//etc/haishin/haishin.conf}"
}

# ---- Terminal ----

# make_terminal [LINE...]: a terminal that trusts the publisher and asks the server; LINES go below [delivery].
make_terminal() {
	mkdir -p "$ROOT"/etc/haishin/certificates "$ROOT"/usr/share/haishin "$ROOT"/programs "$ROOT"/proc
	cp "$PROGRAMS"/{haishind,haishin-fetch,haishin-guard,haishin} "$ROOT/programs/"
	cp "$WORLD/publisher/repository/metadata/1.root.json" "$ROOT/usr/share/haishin/root.json"
	cp "$WORLD"/pki/client.{pem,key} "$ROOT/etc/haishin/certificates/"
	cp "$WORLD/pki/ca.pem" "$ROOT/etc/haishin/server-ca.pem"
	{
		printf '%s\n' '[paths]' 'boot_id = /proc/boot_id' 'programs = /programs' '[server]' \
			"url = https://localhost:$PORT" 'ca_file = /etc/haishin/server-ca.pem' 'connect_timeout = 5' '[terminal]' \
			"institution_code = $INSTITUTION" "packages = ${PACKAGES[*]}" '[users]' 'fetch = nobody' 'self_test = nobody' \
			'[delivery]' ${WINDOW:+"window = $WINDOW"} 'start_delay = 0' "$@"
	} >"$ROOT/etc/haishin/haishin.conf"
}

make_running_terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal "$@"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	download_now 0 ""
	boot_terminal
	stop_agent
	stop_server
}

# running_terminal [LINE...]: one that runs 1.0.0 of everything, made once for all tests that name the same LINES. The server is there,
# the agent has ended.
running_terminal() {
	once "running-$(printf '%s\n' "$@" | cksum | cut -d' ' -f1)" "publisher terminal" make_running_terminal "$@"
	serve_again "$ROOT"
}

# A start of the machine: a new boot identity, the guard, then the agent, which has confirmed what was activated.
boot_terminal() {
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	"$ROOT/programs/haishin-guard" --root "$ROOT" boot 2>>"$WORLD/guard.log" || fail "the guard"
	start_agent
}

# The agent of the current distro-app, or the one that was installed with the terminal, as run-current finds it.
agent_program() {
	local program=$ROOT/opt/haishin/distro-app/current/bin/haishind
	[ -e "$program" ] || program=$ROOT/programs/haishind
	echo "$program"
}

start_agent() {
	"$(agent_program)" --root "$ROOT" 2>>"$WORLD/haishind.log" &
	AGENT_PID=$!
	wait_until "the agent is idle or has ended" eval "agent_is_idle || ! kill -0 $AGENT_PID"
	kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent has ended"
}

# Asked often: jq takes longer to start than the agent to answer.
agent_is_idle() {
	haishin --json status | grep -E '^  "job": null,?$'
}

stop_agent() {
	[ -z "$AGENT_PID" ] || kill "$AGENT_PID" 2>/dev/null || true
	[ -z "$AGENT_PID" ] || wait "$AGENT_PID" || fail "the agent did not end well"
	AGENT_PID=
}

# within_reach PROGRAM...: other accounts can start them, and their words, in the terminal's folder; where the build lies they may not look.
within_reach() {
	cp "$@" "$ROOT/programs/"
	mkdir -p "$ROOT/share"
	cp -r "$PROGRAMS/../share/locale" "$ROOT/share/"
}

# Whether the terminal is to restart by itself. Without delivery, since a night may come sooner.
restart_is_due() {
	haishin disable >/dev/null || fail "delivery goes on"
	haishin --json status | jq -e '.next.job == "restart"' >/dev/null
}

restart_terminal() {
	stop_agent
	boot_terminal
}

haishin() {
	LC_ALL=C.UTF-8 LANGUAGE=en "$ROOT/programs/haishin" --root "$ROOT" "$@"
}

# The pause between two presses of the button is not what these tests are about.
download_now() {
	expect "$1" "$2" job button
}

# A job in the foreground, as the agent would start it.
job() {
	"$(agent_program)" --root "$ROOT" --job "$1"
}

runs() {
	[[ $(readlink "$ROOT/opt/haishin/$1/current" 2>/dev/null || true) == versions/"$2"-* ]] ||
		fail "$1 runs '$(readlink "$ROOT/opt/haishin/$1/current" || true)', not $2"
}

runs_nothing() {
	[ ! -e "$ROOT/opt/haishin/$1/current" ] || fail "$1 runs $(readlink "$ROOT/opt/haishin/$1/current")"
}

# ---- Each test in a world of its own ----

KEPT= # what the tests of one run begin with

# once NAME FOLDERS COMMAND...: COMMAND fills FOLDERS of the world; those who ask for NAME later get a copy of what it made.
once() {
	local kept=$KEPT/$1 folder
	if [ -n "$KEPT" ] && [ -d "$kept" ]; then
		cp -a "$kept/." "$WORLD/" || fail "no copy of $kept"
		return
	fi
	"${@:3}"
	[ -n "$KEPT" ] || return 0
	mkdir "$kept"
	for folder in $2; do cp -a "$WORLD/$folder" "$kept/" || fail "$folder cannot be kept"; done
}

setup() {
	WORLD=$(mktemp -d)
	chmod 755 "$WORLD"
	ROOT=$WORLD/terminal
	SERVER_PID=
	AGENT_PID=
	once fresh "keys pki publisher" make_publisher
}

make_publisher() {
	mkdir -m 700 "$WORLD/keys"
	make_pki
	repo init --unencrypted
	local package
	for package in "${PACKAGES[@]}"; do
		repo delegate "$package" --unencrypted
	done
	repo publish
}

teardown() {
	stop_server
	local process
	for process in $(jobs -p); do kill "$process" 2>/dev/null || true; done
	rm -rf "$WORLD"
}

run_tests() {
	local name
	KEPT=$(mktemp -d)
	trap 'rm -rf "$KEPT"' EXIT
	for name in $(compgen -A function test_); do
		echo "- $name"
		(
			setup
			trap teardown EXIT
			"$name"
		) || exit 1
	done
}
