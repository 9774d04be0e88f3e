# shellcheck shell=bash disable=SC2034 # for restarts_kernel.sh, which is read beside it
# A machine that is woken for its turn by the alarm of its real-time clock, and goes back to where it came from: the kernel, the clock
# and the sleep of the machine in qemu (restarts_kernel.sh) are real. A machine of qemu's that is off is started by nobody; here the test does
# what the alarm would, at its moment. Sourced by restarts.sh.

ask_monitor() {
	echo "$1" >&"$to_monitor"
}

# its_state_is PART: as the monitor says it.
its_state_is() {
	local line
	ask_monitor 'info status'
	while IFS= read -rt 60 -u "$from_monitor" line; do
		[[ $line != *'VM status'* ]] || break
	done
	[[ $line == *"$1"* ]]
}

is_asleep() {
	its_state_is suspended
}

is_awake() {
	its_state_is running
}

is_off() {
	! kill -0 "$QEMU_PID" 2>/dev/null
}

wakes_at() {
	agent_is_idle && WAKES_S=$(date -d "$(jq -er .wake.time "$WORLD/status.json")" +%s)
}

# The clock itself holds the alarm that the agent tells; what they call a second may begin a little apart.
alarm_stands() {
	local alarm_s now_s
	wakes_at && alarm_s=$(inside cat /sys/class/rtc/rtc0/wakealarm) && now_s=$(inside cat /sys/class/rtc/rtc0/since_epoch) &&
		LEFT_S=$((alarm_s - now_s)) && is_close "$LEFT_S" $((WAKES_S - $(now_inside)))
}

# Between the two questions a busy machine may take its time.
is_close() {
	[ "$1" -gt 0 ] && [ $(($1 - $2)) -ge -30 ] && [ $(($1 - $2)) -le 30 ]
}

# Its clock is set forward to three minutes before the alarm, and the alarm follows.
bring_the_alarm_near() {
	local night_s=$WAKES_S
	inside date -s "@$((night_s - 180))" >/dev/null
	wait_until "the alarm is set anew" alarm_is_near
	[ "$WAKES_S" -eq "$night_s" ] || fail "its clock was set, and it now wakes at $WAKES_S, not at $night_s"
}

alarm_is_near() {
	alarm_stands && [ "$LEFT_S" -le 180 ]
}

make_clock_machine() {
	umount "$WORLD/machine"
	make_kernel_disk '[power]' 'wake = yes'
	mkfifo "$WORLD/monitor.in" "$WORLD/monitor.out"
	exec {to_monitor}<>"$WORLD/monitor.in" {from_monitor}<>"$WORLD/monitor.out"
	QEMU_MORE=(-chardev "pipe,id=monitor,path=$WORLD/monitor" -mon chardev=monitor)
	trap 'kill -KILL "$QEMU_PID" 2>/dev/null || true; stop_servers; umount -q "$WORLD/machine" "$WORLD/disk" || true; rm -rf "$WORLD"' EXIT
	LIMIT_S=1200
}

put_to_sleep() {
	echo 'systemctl suspend' >&"$to_machine"
	wait_until "it sleeps" is_asleep
}

# has_kept TEXT: the history tells so of its power, once, on the disk of a machine that is off.
has_kept() {
	[ "$(sqlite3 "$WORLD/disk/var/lib/haishin/state.db" \
		"select count(*) from history where operation = 'power' and detail like '%$1%'")" -eq 1 ] || fail "it has not kept '$1' once"
}

# What was said to it while it slept is lost, or lost in part.
hears_again() {
	local line
	printf '\necho @there\n' >&"$to_machine"
	while IFS= read -rt 60 -u "$from_machine" line; do
		[[ $line != @there* ]] || return 0
	done
	return 1
}

# Before the next evening, and until its alarm for that night stands; WAKES_S and TURN_S.
start_before_the_night() {
	local opens_s
	inside() {
		tell "$@"
	}
	make_clock_machine
	opens_s=$(evening_after "$(date +%s)")
	switch_on "$((opens_s - 60))"
	wait_until "the agent has chosen its moment" has_its_moment "$opens_s"
	TURN_S=$(date -d "$(jq -r .next.time "$WORLD/status.json")" +%s)
	wait_until "the alarm stands in the clock" alarm_stands
	[ "$WAKES_S" -eq $((TURN_S - 10 - 60)) ] || fail "it wakes $((TURN_S - WAKES_S)) s before its turn"
}

# Put to sleep in the evening: the clock wakes it, it does its night, and goes back to sleep. Woken by a person then, it stays on.
scenario_a_real_kernel_woken_by_its_clock() {
	start_before_the_night
	bring_the_alarm_near
	put_to_sleep
	echo "  asleep, $LEFT_S s before its alarm"
	wait_until "its clock wakes it" is_awake
	echo "  woken by its clock"
	wait_until "it sleeps again" is_asleep
	echo "  asleep again by itself"
	ask_monitor system_wakeup
	wait_until "it is awake" is_awake
	wait_until "it hears" hears_again
	wait_until "it answers" verdict_is restart
	ask_the_disk none none none none
	has_kept 'woken from sleep by the alarm'
	has_kept 'back to sleep'
}

# Off, and started at its alarm: it does its night, and is switched off again by itself.
scenario_a_real_kernel_started_by_its_clock() {
	start_before_the_night
	echo 'systemctl poweroff' >&"$to_machine"
	wait_until "it is off" is_off
	echo "  off, $LEFT_S s before its alarm"
	switch_on "$((WAKES_S + 5))"
	echo "  started at its alarm"
	wait_until "it is switched off by itself" is_off
	echo "  off again by itself"
	ask_the_disk none none none none
	has_kept 'started by the alarm'
	has_kept 'switched off again'
	[ "$(sqlite3 "$WORLD/disk/var/lib/haishin/state.db" "select count(*) from history where operation = 'stage' and outcome = 'done'")" -eq 4 ] ||
		fail "it has not done its night"
}
