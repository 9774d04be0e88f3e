# shellcheck shell=bash
# A machine with a real systemd, in systemd-nspawn, without a network but its own. Sourced; the sourcing script has fail MESSAGE and
# wait_until WHAT COMMAND... .
#
#   container_start ROOT LOG   boots what rootfs.sh unpacked into ROOT; the console goes to LOG
#   inside COMMAND...          runs a command in there, as root
#   container_restart          asks it to restart, and waits until it has
#   container_stop             switches it off; does nothing where it is off
CONTAINER_PID=
INIT_PID=

# In cgroups of its own: nspawn would share the caller's with other machines.
container_nspawn() {
	local hierarchy folder
	for hierarchy in systemd unified .; do
		folder=/sys/fs/cgroup/$hierarchy
		[ -e "$folder/cgroup.procs" ] || continue
		mkdir -p "$folder/$CONTAINER_NAME"
		echo "$BASHPID" >"$folder/$CONTAINER_NAME/cgroup.procs"
	done
	exec systemd-nspawn -q -D "$CONTAINER_ROOT" --machine="$CONTAINER_NAME" --boot --register=no --keep-unit --private-network \
		--link-journal=no --console=pipe </dev/null >>"$CONTAINER_LOG" 2>&1
}

# The first process of the machine, which comes a moment after helpers of nspawn.
container_has_init() {
	INIT_PID=$(pgrep -P "$CONTAINER_PID" | tail -n 1)
	[ -n "$INIT_PID" ] && [ "$(readlink "/proc/$INIT_PID/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]
}

inside() {
	nsenter -t "$INIT_PID" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

container_is_up() {
	container_has_init && [[ $(inside systemctl is-system-running 2>/dev/null) == @(running|degraded) ]]
}

container_begin() {
	container_nspawn &
	CONTAINER_PID=$!
	wait_until "the machine is up" container_is_up
}

container_start() {
	CONTAINER_ROOT=$1
	CONTAINER_LOG=$2
	CONTAINER_NAME=haishin-container-$$
	container_begin
}

# 133 is how a container asks for another start.
container_restart() {
	local status=0
	inside systemctl reboot 2>/dev/null || true # the machine may be faster than the answer
	wait "$CONTAINER_PID" || status=$?
	[ "$status" -eq 133 ] || fail "the machine ended with $status where it should have restarted"
	container_begin
}

container_stop() {
	local hierarchy
	[ -n "$CONTAINER_PID" ] || return 0
	[ -z "$INIT_PID" ] || kill -KILL "$INIT_PID" 2>/dev/null || true
	wait "$CONTAINER_PID" 2>/dev/null || true
	CONTAINER_PID=
	for hierarchy in systemd unified .; do
		find "/sys/fs/cgroup/$hierarchy/$CONTAINER_NAME" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done
}
