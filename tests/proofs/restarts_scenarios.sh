# shellcheck shell=bash
# What happens to the machines of restarts.sh. Each scenario begins with a machine that runs 1.0.0 of all packages, confirmed.

scenario_a_night_is_active_before_the_applications_after_a_real_restart() {
	start_machine
	offer_all 2.0.0
	press_button
	expect_current 1.0.0 1.0.0 1.0.0 1.0.0
	agent_is_idle && expect_verdict restart
	restart_machine
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	expect_verdict up-to-date
	for package in "${ALL[@]}"; do
		expect_told "$package" confirm ""
	done
	ask_the_questions
	restart_machine
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	expect_verdict up-to-date
	ask_the_questions
}

# The night's own timer: a window that opens now and lasts two minutes.
scenario_a_night_begins_by_itself() {
	start_machine
	offer_all 2.0.0
	WINDOW=$(TZ=Asia/Tokyo date +%H:%M)-$(TZ=Asia/Tokyo date -d '2 minutes' +%H:%M) configure
	inside systemctl reload haishind.service || fail "reload"
	LIMIT_S=180 wait_until "the night has staged everything" verdict_is restart
	restart_machine
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	expect_verdict up-to-date
	ask_the_questions
}

# face-library fails at boot; linkage-app needs it, and goes back with it.
scenario_a_release_with_a_failing_self_test_is_seen_by_no_application() {
	start_machine
	offer face-library 2.0.0 --self-test bin/sick
	offer linkage-app 2.0.0 --requires face-library=2.0.0
	offer reader-app/acme 2.0.0 --self-test bin/well
	repo publish
	press_button
	restart_machine
	expect_seen 1.0.0 1.0.0 1.0.0 2.0.0
	expect_told face-library roll-back "the camera does not answer"
	expect_told linkage-app roll-back "together with face-library"
	expect_verdict needs-attention
	ask_the_questions
	press_button
	restart_machine
	expect_seen 1.0.0 1.0.0 1.0.0 2.0.0
	ask_the_questions
}

scenario_a_release_that_is_not_healthy_is_rolled_back_at_the_next_restart() {
	start_machine
	offer face-library 2.0.0 --health bin/sick
	offer linkage-app 2.0.0 --health-unit no-such.service
	offer reader-app/acme 2.0.0 --health-url "http://localhost:$APPLICATION_PORT/missing"
	repo publish
	press_button
	restart_machine
	expect_seen 1.0.0 2.0.0 2.0.0 2.0.0
	expect_verdict restart
	restart_machine
	expect_seen 1.0.0 1.0.0 1.0.0 1.0.0
	expect_told face-library roll-back "the camera does not answer"
	expect_told linkage-app roll-back "no-such.service is not active"
	expect_told reader-app/acme roll-back "404"
	ask_the_questions
}

# An application that takes its time is no reason to take back what it uses.
scenario_an_application_that_still_starts_condemns_nothing() {
	start_machine
	touch "$WORLD/machine/etc/clinic-starts-slowly"
	offer_all 2.0.0
	press_button
	restart_machine
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	verdict_is restart && fail "something was condemned: $(jq -c . "$WORLD/status.json")"
	wait_until "the application runs" inside systemctl is-active clinic.service
	inside /usr/lib/haishin/haishind --job confirm
	agent_is_idle && expect_verdict up-to-date
	ask_the_questions
}

# Where the site wants it, without a restart: the reader's unit is stopped and started around it.
scenario_an_unhealthy_release_is_taken_back_at_once() {
	configure '[install]' 'rollback = now' 'units = reader-app/acme=reader.service'
	make_input reader-app/acme 2.0.0
	printf '#!/bin/sh\necho no reader\nexit 1\n' >"$WORLD/input/reader-app-acme-2.0.0/bin/app"
	start_machine
	offer reader-app/acme 2.0.0 --health-unit reader.service --health-retries 5 --health-retry-pause 1
	repo publish
	press_button
	restart_machine
	expect_seen 1.0.0 1.0.0 1.0.0 2.0.0
	expect_current 1.0.0 1.0.0 1.0.0 1.0.0
	expect_told reader-app/acme roll-back "reader.service is not active"
	[ "$(inside systemctl is-active reader.service)" = active ] || fail "the reader's application does not run"
	ask_the_questions
}

scenario_an_unhealthy_agent_is_taken_back_at_once() {
	configure '[install]' 'rollback = now'
	start_machine
	offer distro-app 2.0.0 --health bin/sick
	repo publish
	press_button
	restart_machine
	expect_seen 2.0.0 1.0.0 1.0.0 1.0.0
	wait_until "the former agent is back" agent_is_from 1.0.0
	expect_current 1.0.0 1.0.0 1.0.0 1.0.0
	ask_the_questions
}

# ---- A broken agent: the former one is back within three starts ----

# broken_agent TEXT: haishind of distro-app 2.0.0 is a script with TEXT.
broken_agent() {
	make_input distro-app 2.0.0
	printf '#!/bin/sh\necho the broken agent starts >&2\n%s\n' "$1" >"$WORLD/input/distro-app-2.0.0/bin/haishind"
}

broken_agent_is_replaced() {
	local starts
	[ "$share" = full ] || drop_in RestartSec=1s
	start_machine
	offer distro-app 2.0.0
	repo publish
	press_button
	restart_machine
	expect_seen 2.0.0 1.0.0 1.0.0 1.0.0
	expect_current 1.0.0 1.0.0 1.0.0 1.0.0
	starts=$(inside journalctl -q -b -u haishind.service | grep -c 'the broken agent starts')
	[ "$starts" -ge 1 ] && [ "$starts" -le 3 ] || fail "the broken agent had $starts starts"
	expect_told distro-app roll-back "the agent failed or hung"
	expect_verdict needs-attention
	ask_the_questions
	press_again
	restart_machine
	expect_seen 1.0.0 1.0.0 1.0.0 1.0.0
	ask_the_questions
}

scenario_an_agent_that_crashes_is_replaced_by_the_former_one() {
	broken_agent 'kill -SEGV $$'
	broken_agent_is_replaced
}

scenario_an_agent_that_ends_at_once_is_replaced_by_the_former_one() {
	broken_agent 'exit 0'
	broken_agent_is_replaced
}

# It says that it is ready, and nothing more. The units' own times are long; how they belong together is asked apart.
scenario_an_agent_that_hangs_is_replaced_by_the_former_one() {
	broken_agent 'systemd-notify --ready; exec sleep infinity'
	drop_in WatchdogSec=3s NotifyAccess=all
	broken_agent_is_replaced
}

scenario_an_agent_that_never_becomes_ready_is_replaced_by_the_former_one() {
	broken_agent 'exec sleep infinity'
	drop_in 'TimeoutStartSec=3s'
	broken_agent_is_replaced
}

drop_in() {
	mkdir -p "$WORLD/machine/etc/systemd/system/haishind.service.d"
	printf '%s\n' '[Service]' "$@" >>"$WORLD/machine/etc/systemd/system/haishind.service.d/test.conf"
}


# As many hangs as are allowed must fit into the interval in which systemd counts them, or none of them ever counts.
scenario_the_units_give_a_hanging_agent_up() {
	start_machine
	local burst hang_s interval_s
	burst=$(inside systemctl show -P StartLimitBurst haishind.service)
	interval_s=$(unit_seconds StartLimitIntervalUSec)
	hang_s=$(($(unit_seconds WatchdogUSec) + $(unit_seconds TimeoutAbortUSec) + $(unit_seconds RestartUSec)))
	[ "$burst" -le 3 ] || fail "the agent gets $burst starts, not three"
	[ $((burst * hang_s)) -lt "$interval_s" ] || fail "$burst hangs take $((burst * hang_s)) s, and $interval_s s are counted"
	hang_s=$(($(unit_seconds TimeoutStartUSec) + $(unit_seconds TimeoutStopUSec) + $(unit_seconds RestartUSec)))
	[ $((burst * hang_s)) -lt "$interval_s" ] || fail "$burst starts in vain take $((burst * hang_s)) s"
}

# ---- Power cuts ----

# The line is slow, and the cut comes while bytes do: what was fetched stays, what runs stays, and the night goes on.
scenario_a_power_cut_during_the_night_loses_nothing() {
	configure '[network]' 'rate = 200K' 'rate_outside_window = 200K'
	start_machine
	offer_all 2.0.0
	haishin download-now >/dev/null 2>&1 &
	wait_until "a release is being fetched" is_fetching
	cut_power
	start_machine
	expect_seen 1.0.0 1.0.0 1.0.0 1.0.0
	ask_the_questions
	press_again
	restart_machine
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	expect_verdict up-to-date
	ask_the_questions
}

# Some moment of the night, another one each time.
scenario_power_cuts_all_over_the_night() {
	configure '[network]' 'rate = 400K' 'rate_outside_window = 400K'
	start_machine
	offer_all 2.0.0
	for _ in 1 2 3 4 5 6; do
		( press_button ) >/dev/null 2>&1 &
		sleep "$((RANDOM % 4)).$((RANDOM % 10))"
		cut_power
		start_machine
		expect_old_or_new
		ask_the_questions
	done
	press_button
	restart_machine
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	ask_the_questions
}

# The guard is at work, or has just been: the next start finishes what it began.
scenario_power_cuts_around_activation() {
	start_machine
	offer_all 2.0.0
	press_button
	for _ in 1 2; do
		inside systemctl reboot 2>/dev/null || true
		machine_ended 133
		begin_start
		wait_until "something is activated" sh -c "[ \"\$(cat '$WORLD/disk/opt/haishin/distro-app/current/version')\" = 2.0.0 ]"
		cut_power
		begin_start
		finish_start
		expect_old_or_new
		ask_the_questions
	done
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	expect_verdict up-to-date
}

# The application runs, nothing is confirmed yet.
scenario_a_power_cut_right_after_activation() {
	start_machine
	offer_all 2.0.0
	press_button
	inside systemctl reboot 2>/dev/null || true # the answer may be lost on the way down
	machine_ended 133
	local starts
	starts=$(wc -l <"$WORLD/machine/var/log/clinic/seen")
	begin_start
	wait_until "the application runs" sh -c "[ \$(wc -l <'$WORLD/machine/var/log/clinic/seen') -gt $starts ]"
	cut_power
	start_machine
	expect_seen 2.0.0 2.0.0 2.0.0 2.0.0
	expect_verdict up-to-date
	ask_the_questions
}

scenario_rollback_by_hand_happens_at_the_next_restart() {
	start_machine
	offer_all 2.0.0
	press_button
	restart_machine
	haishin rollback linkage-app >/dev/null || fail "rollback"
	expect_current 2.0.0 2.0.0 2.0.0 2.0.0
	restart_machine
	expect_seen 2.0.0 2.0.0 1.0.0 2.0.0
	ask_the_questions
}
