# shellcheck shell=bash
# The demo's certificates, server, clock and terminal, all below $DEMO. Sourced by tools/demo.

# ---- The clock: libfaketime moves it for our programs, and for nothing else ----

FAKETIME_LIBRARY=$(find /usr/lib -name libfaketime.so.1 -print -quit 2>/dev/null)
[ -n "$FAKETIME_LIBRARY" ] || { say "tools/demo: libfaketime.so.1 is missing: apt-get install faketime" >&2; exit 1; }

# "${with_clock[@]}" COMMAND...: runs it on the demo's clock.
with_clock=(env "LD_PRELOAD=$FAKETIME_LIBRARY" "FAKETIME_TIMESTAMP_FILE=$DEMO/clock" FAKETIME_NO_CACHE=1
	FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 TZ=Asia/Tokyo)

# libfaketime keeps two files below /dev/shm for each process, named after its number. Those that a killed process left behind stop
# a later one of the same number.
remove_what_dead_clocks_left() {
	local file
	for file in /dev/shm/faketime_shm_* /dev/shm/sem.faketime_sem_*; do
		[ ! -e "$file" ] || [ -e "/proc/${file##*_}" ] || rm -f -- "$file"
	done
}

# set_clock SECONDS: it is that moment (seconds since 1970) now, and time goes on from there.
set_clock() {
	local text
	text=$(TZ=Asia/Tokyo date -d "@$1" '+@%Y-%m-%d %H:%M:%S')
	echo "$text" >"$DEMO/clock.new"
	mv "$DEMO/clock.new" "$DEMO/clock"
	CLOCK_S=$1
	say ""
	say "--- $(LC_ALL=C TZ=Asia/Tokyo date -d "@$1" '+%A %Y-%m-%d %H:%M') ---"
}

# at DAYS HH:MM: seconds since 1970 of that hour in Japan, DAYS after the day the demo began on.
at() {
	TZ=Asia/Tokyo date -d "$FIRST_DAY $2 JST + $1 day" +%s
}

# ---- Certificates ----

make_certificates() {
	local pki=$DEMO/certificates
	mkdir -p "$pki"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout "$pki/ca.key" -out "$pki/ca.pem" \
		-subj "/CN=haishin demo CA" 2>/dev/null
	sign_certificate server "/CN=localhost" "subjectAltName=DNS:localhost,IP:127.0.0.1"
	# The institution code, ten digits, stands in the client's certificate.
	sign_certificate client "/O=Demo clinic/CN=$INSTITUTION" "extendedKeyUsage=clientAuth"
	# Whoever looks after the fleet, for a browser: no passphrase.
	sign_certificate operator "/O=Demo/CN=Operator" "extendedKeyUsage=clientAuth"
	openssl pkcs12 -export -in "$pki/operator.pem" -inkey "$pki/operator.key" -passout pass: -out "$pki/operator.p12"
}

sign_certificate() {
	local pki=$DEMO/certificates
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$pki/$1.key" -out "$pki/$1.csr" -subj "$2" 2>/dev/null
	openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -CAcreateserial -days 730 -out "$pki/$1.pem" \
		-extfile <(echo "$3") 2>/dev/null
}

# ---- The server ----

start_server() {
	rm -f "$DEMO/port"
	"$BUILD/bin/haishin-server" --root "$REPO/repository" --listen 127.0.0.1:0 --port-file "$DEMO/port" \
		--tls-cert "$DEMO/certificates/server.pem" --tls-key "$DEMO/certificates/server.key" \
		--client-ca "$DEMO/certificates/ca.pem" --access-log "$DEMO/access.log" >"$DEMO/server.log" 2>&1 &
	SERVER_PID=$!
	wait_for "the server to listen" test -s "$DEMO/port"
	PORT=$(cat "$DEMO/port")
}

# ---- The terminal ----

make_terminal() {
	local user=
	mkdir -p "$ROOT"/etc/haishin/certificates "$ROOT"/usr/{bin,lib/haishin,share/haishin} "$ROOT"/proc
	install -m 755 "$BUILD"/bin/{haishind,haishin-fetch,haishin-guard} "$ROOT/usr/lib/haishin/"
	install -m 755 "$BUILD/bin/haishin" "$ROOT/usr/bin/"
	cp -r "$BUILD/share/locale" "$ROOT/usr/share/"
	install -m 644 "$REPO/repository/metadata/1.root.json" "$ROOT/usr/share/haishin/root.json"
	install -m 600 "$DEMO/certificates/client.pem" "$DEMO/certificates/client.key" "$ROOT/etc/haishin/certificates/"
	install -m 644 "$DEMO/certificates/ca.pem" "$ROOT/etc/haishin/server-ca.pem"
	[ "$(id -u)" -ne 0 ] || user=nobody
	cat >"$ROOT/etc/haishin/haishin.conf" <<EOF
[paths]
boot_id = /proc/boot_id

[server]
url = https://localhost:$PORT
ca_file = /etc/haishin/server-ca.pem
report_url = https://localhost:$COLLECTOR_PORT/reports

[terminal]
institution_code = $INSTITUTION
packages = distro-app face-library linkage-app reader-app/acme

[delivery]
window = 20:00-05:00
start_delay = 0
${user:+
[users]
fetch = $user
self_test = $user}
EOF
	chmod 644 "$ROOT/etc/haishin/haishin.conf"
}

agent_log() {
	echo "$DEMO/haishind.log"
}

# The agent of the current distro-app, or the one that was installed with the terminal, as run-current finds it.
agent_program() {
	local program=$ROOT/opt/haishin/distro-app/current/bin/haishind
	[ -e "$program" ] || program=$ROOT/usr/lib/haishin/haishind
	echo "$program"
}

# The machine starts: a new boot identity, the guard before the applications, then the agent.
boot_terminal() {
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	"${with_clock[@]}" "$ROOT/usr/lib/haishin/haishin-guard" --root "$ROOT" boot 2>>"$(agent_log)"
	"${with_clock[@]}" "$(agent_program)" --root "$ROOT" 2>>"$(agent_log)" &
	AGENT_PID=$!
	wait_for "the agent to answer" ask_agent
	wait_for "the agent to have nothing at work" agent_is_idle
}

stop_terminal() {
	[ -n "$AGENT_PID" ] || return 0
	kill "$AGENT_PID" 2>/dev/null || true
	wait "$AGENT_PID" 2>/dev/null || true
	AGENT_PID=
}

restart_terminal() {
	say "The terminal restarts."
	stop_terminal
	boot_terminal
}

haishin() {
	"${with_clock[@]}" "$ROOT/usr/bin/haishin" --root "$ROOT" "$@"
}

ask_agent() {
	haishin --json status >"$DEMO/status.json" 2>/dev/null
}

agent_is_idle() {
	ask_agent && jq -e '.job == null' "$DEMO/status.json" >/dev/null
}

# wait_for WHAT COMMAND...: until it succeeds, at most two minutes.
wait_for() {
	local what=$1 end=$((SECONDS + 120))
	shift
	until "$@"; do
		if [ $SECONDS -ge $end ]; then
			say "Waited two minutes for $what, in vain. The logs are in $DEMO." >&2
			tail -n 5 "$DEMO"/*.log >&2
			exit 1
		fi
		sleep 0.1
	done
}

current_of() {
	readlink "$ROOT/opt/haishin/$1/current" 2>/dev/null || echo "nothing"
}
