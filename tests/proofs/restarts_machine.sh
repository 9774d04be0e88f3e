# shellcheck shell=bash
# A machine that a real systemd starts, restarts and stops: a minimal Debian in systemd-nspawn with haishin installed as on a
# terminal. What haishin changes lies on an ext4 disk of its own, so that a power cut can lose what was never synced. Sourced
# by restarts.sh, in mount, network and process namespaces of its own.
#
#   $NAME            of the machine, and of its cgroups
#   $SYSTEM          the installed system, never changed
#   $WORLD/changes   what this machine wrote over it
#   $WORLD/machine   both, as the machine sees them
#   $WORLD/disk.img  the disk, mounted at $WORLD/disk

DISK_FOLDERS=(var/lib/haishin var/cache/haishin opt/haishin)

# ---- The disk ----

# No commit but by sync: what haishin does not sync itself is lost in a cut.
mount_disk() {
	mkdir -p "$WORLD/disk"
	mount -o loop,commit=3600 "$WORLD/disk.img" "$WORLD/disk"
}

make_disk() {
	local folder
	truncate -s 256M "$WORLD/disk.img"
	mke2fs -q -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 "$WORLD/disk.img"
	mount_disk
	for folder in "${DISK_FOLDERS[@]}"; do
		mkdir -p "$WORLD/disk/$folder"
	done
	chmod 700 "$WORLD"/disk/var/{lib,cache}/haishin
	sync -f "$WORLD/disk"
}

# ---- On and off ----

mount_machine() {
	mkdir -p "$WORLD"/{changes,overlay,machine}
	mount -t overlay overlay -o "lowerdir=$SYSTEM,upperdir=$WORLD/changes,workdir=$WORLD/overlay" "$WORLD/machine"
}

# In cgroups of its own: nspawn would share the caller's with other machines.
nspawn() {
	local hierarchy folder binds=()
	for hierarchy in systemd unified .; do
		folder=/sys/fs/cgroup/$hierarchy
		[ -e "$folder/cgroup.procs" ] || continue
		mkdir -p "$folder/$NAME"
		echo $BASHPID >"$folder/$NAME/cgroup.procs"
	done
	for folder in "${DISK_FOLDERS[@]}"; do
		binds+=("--bind=$WORLD/disk/$folder:/$folder")
	done
	exec systemd-nspawn -q -D "$WORLD/machine" --machine="$NAME" --boot --register=no --keep-unit --link-journal=no \
		--console=pipe "${binds[@]}" </dev/null >>"$WORLD/console.log" 2>&1
}

# inside COMMAND...: runs it in the machine.
inside() {
	nsenter -t "$INIT_PID" -a "$@"
}

# The one child of nspawn in a process namespace of its own.
has_init() {
	local namespace
	INIT_PID=$(pgrep -P "$NSPAWN_PID" | sed -n 1p)
	namespace=$(readlink "/proc/$INIT_PID/ns/pid") && [ "$namespace" != "$(readlink /proc/self/ns/pid)" ]
}

is_up() {
	[[ $(inside systemctl is-system-running 2>/dev/null) == @(running|degraded) ]]
}

begin_start() {
	nspawn &
	NSPAWN_PID=$!
	wait_until "the machine has an init" has_init
	printf . >>"$STARTS"
}

# Starts the machine and waits until all its units have started, and the agent has nothing at work.
start_machine() {
	begin_start
	finish_start
}

finish_start() {
	wait_until "the machine is up" is_up
	wait_until "the agent is idle" agent_is_idle
}

# machine_ended STATUS: nspawn's, once the machine is down.
machine_ended() {
	local ended=0
	timeout "$LIMIT_S" tail --pid="$NSPAWN_PID" -f /dev/null || fail "the machine does not go down"
	wait "$NSPAWN_PID" || ended=$?
	[ "$ended" -eq "$1" ] || fail "the machine ended with $ended, not with $1"
	NSPAWN_PID=
}

# 133 is how a container asks for another start.
restart_machine() {
	inside systemctl reboot 2>/dev/null || true # the answer may be lost on the way down
	machine_ended 133
	start_machine
}

stop_machine() {
	inside systemctl poweroff 2>/dev/null || true
	machine_ended 0
}

# ---- Power cuts ----

freeze() {
	local folder
	for folder in /sys/fs/cgroup/{unified/,}"$NAME"; do
		[ -e "$folder/cgroup.freeze" ] || continue
		echo 1 >"$folder/cgroup.freeze"
		wait_until "the machine stands still" grep -q 'frozen 1' "$folder/cgroup.events"
		return
	done
	fail "no cgroup to freeze the machine in"
}

thaw() {
	local folder
	for folder in /sys/fs/cgroup/{unified/,}"$NAME"; do
		[ ! -e "$folder/cgroup.freeze" ] || echo 0 >"$folder/cgroup.freeze"
	done
}

# The machine is off at once, and its disk holds what it had synced and nothing else that counts.
cut_power() {
	freeze
	cp --sparse=always "$WORLD/disk.img" "$WORLD/disk.cut"
	kill -KILL "$INIT_PID"
	thaw
	wait "$NSPAWN_PID" || true
	NSPAWN_PID=
	umount "$WORLD/disk"
	mv "$WORLD/disk.cut" "$WORLD/disk.img"
	mount_disk
}

release_machine() {
	thaw
	[ -z "${NSPAWN_PID:-}" ] || kill -KILL "$(pgrep -P "$NSPAWN_PID")" 2>/dev/null || true
	[ -z "${NSPAWN_PID:-}" ] || wait "$NSPAWN_PID" 2>/dev/null || true
	umount -q "$WORLD/machine" "$WORLD/disk" || true
}
