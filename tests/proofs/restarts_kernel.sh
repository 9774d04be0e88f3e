# shellcheck shell=bash
# One machine with a kernel, a clock and a disk of its own, in qemu; without virtualization of the processor a start takes half
# a minute. Here the night's own timer runs, at its hour, and a power cut is the end of qemu: what the kernel had not written to
# the disk is gone. Sourced by restarts.sh.

QEMU_MORE=()
KERNEL_PACKAGES=(linux-image-cloud-amd64 udev zstd)

# The machine is told what to do over its second serial line, where a shell listens. It has an application that answers, too.
install_shell() {
	cat >"$1/etc/systemd/system/shell.service" <<'EOF'
[Unit]
Description=a shell on the second serial line
After=multi-user.target
[Service]
Type=idle
ExecStart=/bin/sh -c 'stty -echo -onlcr; echo "@ready"; while IFS= read -r line; do (eval "$$line"); done'
StandardInput=tty
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
[Install]
WantedBy=graphical.target
EOF
	printf '[Socket]\nListenStream=127.0.0.1:%s\nAccept=yes\n[Install]\nWantedBy=sockets.target\n' "$APPLICATION_PORT" \
		>"$1/etc/systemd/system/answer.socket"
	cat >"$1/etc/systemd/system/answer@.service" <<'EOF'
[Unit]
Description=the local answer of an application
[Service]
ExecStart=/bin/sh -c 'while IFS= read -r line && [ $${#line} -gt 1 ]; do :; done; printf "HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nalive"'
StandardInput=socket
EOF
	printf '[Match]\nType=ether\n[Network]\nDHCP=yes\n' >"$1/etc/systemd/network/line.network"
	echo '10.0.2.2 distribution' >>"$1/etc/hosts"
	systemctl -q --root="$1" enable shell.service answer.socket systemd-networkd.service
}

make_kernel_system() {
	make_system "$1" "${KERNEL_PACKAGES[@]}"
	install_shell "$1"
}

# make_kernel_disk [LINE...]: of the terminal's settings.
make_kernel_disk() {
	rm -rf "$WORLD/changes" "$WORLD/overlay"
	SYSTEM=$WORK/kernel-system
	mount_machine
	WINDOW= PORT=8443 configure 'start_delay = 10' '[network]' 'rate = 300K' "$@"
	sed -i "s/^start_delay = 0$//; s/localhost:$PORT/distribution:$PORT/" "$WORLD/machine/etc/haishin/haishin.conf"
	mke2fs -q -t ext4 -d "$WORLD/machine" "$WORLD/kernel.img" 1536M >/dev/null
	mkfifo "$WORLD/line.in" "$WORLD/line.out"
	exec {to_machine}<>"$WORLD/line.in" {from_machine}<>"$WORLD/line.out"
}

# heard PATTERN: reads what the machine says up to a line like PATTERN, and prints it; that line is in LINE.
heard() {
	local end=$((SECONDS + 900))
	while [ $SECONDS -lt $end ]; do
		IFS= read -rt 10 -u "$from_machine" LINE || continue
		# shellcheck disable=SC2053
		[[ $LINE != $1 ]] || return 0
		printf '%s\n' "$LINE"
	done
	return 1
}

# tell COMMAND...: as inside, of this machine.
tell() {
	printf '{ %s; } 2>&1; echo "@ended $?"\n' "${*@Q}" >&"$to_machine"
	heard '@ended *' || fail "the machine does not answer '$*'"
	return "${LINE#@ended }"
}

wait_for_machine() {
	heard '@ready*' >/dev/null || fail "the machine does not start: $(tail -n 20 "$WORLD/console.log")"
	printf . >>"$STARTS"
}

# switch_on SECONDS: its clock begins there.
switch_on() {
	qemu-system-x86_64 -nodefaults -accel tcg -m 768 -display none -rtc "base=$(date -u -d "@$1" +%FT%T)" \
		-kernel "$WORLD/machine/vmlinuz" -initrd "$WORLD/machine/initrd.img" \
		-append "root=/dev/vda rw console=ttyS0 quiet panic=-1" -drive "file=$WORLD/kernel.img,if=virtio,format=raw" \
		-nic user,model=virtio-net-pci -serial "file:$WORLD/console.log" -serial "pipe:$WORLD/line" "${QEMU_MORE[@]}" 2>>"$WORLD/qemu.log" &
	QEMU_PID=$!
	wait_for_machine
}

switch_off() {
	{
		kill -KILL "$QEMU_PID"
		wait "$QEMU_PID" || true
	} 2>/dev/null
}

now_inside() {
	inside date +%s
}

# The next evening in Japan, when the window opens, after SECONDS.
evening_after() {
	local day
	day=$(TZ=Asia/Tokyo date -d "@$1" +%F)
	day=$(TZ=Asia/Tokyo date -d "$day 20:00" +%s)
	[ "$day" -gt "$1" ] || day=$((day + 86400))
	echo "$day"
}

# let_the_night_begin SECONDS: the first window after that opens, and then the moment comes that this terminal has chosen in
# it; TURN_S.
let_the_night_begin() {
	local opens_s
	opens_s=$(evening_after "$1")
	inside date -s "@$opens_s" >/dev/null
	wait_until "the agent has chosen its moment" has_its_moment "$opens_s"
	TURN_S=$(date -d "$(jq -r .next.time "$WORLD/status.json")" +%s)
	inside date -s "@$((TURN_S - 2))" >/dev/null
}

has_its_moment() {
	agent_is_idle && jq -e --argjson opens "$1" \
		'.next.job == "night" and (.next.time | fromdate) >= $opens and (.next.time | fromdate) < $opens + 9 * 3600' \
		"$WORLD/status.json"
}

ask_the_machine() {
	expect_seen "$@"
	haishin history verify >"$WORLD/verify.log" || fail "the history: $(cat "$WORLD/verify.log")"
	units_are_in_order
}

# What is asked of the disk, once the machine is off.
ask_the_disk() {
	local ended=0
	echo 'systemctl poweroff' >&"$to_machine"
	timeout "$LIMIT_S" tail --pid="$QEMU_PID" -f /dev/null || fail "the machine does not go down"
	umount "$WORLD/disk"
	e2fsck -fp "$WORLD/kernel.img" >"$WORLD/e2fsck.log" || ended=$?
	[ "$ended" -le 1 ] || fail "the disk: $(cat "$WORLD/e2fsck.log")" # 1: its times, which lie ahead of ours
	mount -o loop "$WORLD/kernel.img" "$WORLD/disk"
	expect_current "$@"
	releases_are_whole
	[ "$(sqlite3 "$WORLD/disk/var/lib/haishin/state.db" 'pragma integrity_check')" = ok ] || fail "SQLite finds the store damaged"
}

scenario_a_real_kernel_and_its_power_cuts() {
	local cut_s
	inside() {
		tell "$@"
	}
	umount "$WORLD/machine"
	make_kernel_disk
	trap 'kill -KILL "$QEMU_PID" 2>/dev/null || true; stop_servers; umount -q "$WORLD/machine" "$WORLD/disk" || true; rm -rf "$WORLD"' EXIT
	LIMIT_S=300
	switch_on "$(date +%s)"
	let_the_night_begin "$(now_inside)"
	wait_until "the night has staged everything" verdict_is restart
	ask_the_machine none none none none
	echo 'systemctl reboot' >&"$to_machine"
	wait_for_machine
	wait_until "everything is confirmed" verdict_is up-to-date
	ask_the_machine 1.0.0 1.0.0 1.0.0 1.0.0
	offer_all 2.0.0
	let_the_night_begin "$((TURN_S + 43200))"
	wait_until "a release is being fetched" is_fetching
	cut_s=$(now_inside)
	switch_off
	switch_on "$((cut_s + 60))"
	ask_the_machine 1.0.0 1.0.0 1.0.0 1.0.0
	wait_until "the night has gone on and staged everything" verdict_is restart
	cut_s=$(now_inside)
	switch_off
	switch_on "$((cut_s + 60))"
	wait_until "everything is confirmed" verdict_is up-to-date
	ask_the_machine 2.0.0 2.0.0 2.0.0 2.0.0
	ask_the_disk 2.0.0 2.0.0 2.0.0 2.0.0
}
