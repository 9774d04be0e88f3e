#!/usr/bin/env bash
# Disks that are full of bytes or of names, bound by a quota, mounted read-only or noexec, and folders that a copy or a hand changed: real
# mounts below a real terminal. Status, button and doctor name the same cause, whether or not the agent runs; nothing is lost, no release is
# blamed, and once the disk is as it should be all goes on.
[ "$(id -u)" -ne 0 ] || [ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=1 exec unshare --mount "$0" "$@"
. "$(dirname "$0")/lib.sh"
PACKAGES=(face-library linkage-app)

# terminal [LINE...]: one that runs 1.0.0 of both packages.
terminal() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal 'reserve_space = 1M' "$@"
	cat /proc/sys/kernel/random/uuid >"$ROOT/proc/boot_id"
	download_now 0 ""
	boot_terminal
}

# offer VERSION COUNT BYTES: a release of face-library with so many files of so many bytes each.
offer() {
	local folder=$WORLD/input/face-library-$1/many number
	mkdir -p "$folder"
	for number in $(seq "$2"); do head -c "$3" /dev/urandom >"$folder/$number"; done
	release face-library "$1"
	repo catalog set "face-library=$1"
	repo publish
}

# on_a_disk FOLDER OPTIONS: a tmpfs below the terminal, with what is in the folder.
on_a_disk() {
	local path=$ROOT$1
	mount -t tmpfs -o "mode=$(stat -c %a "$path"),$2" tmpfs "$WORLD/disk"
	cp -a "$path/." "$WORLD/disk/"
	mount --move "$WORLD/disk" "$path"
}

# all_say REASON WORDS: status and doctor name it.
all_say() {
	local reason=$1 words=$2
	[[ $(haishin --json status | jq -r '[.problems[].reason] | join(" ")') == *"$reason"* ]] ||
		fail "status does not name $reason: $(haishin --json status)"
	[[ $(haishin --json status | jq -r '[.problems[].detail] | join(" ")') == *"$words"* ]] ||
		fail "status does not say '$words': $(haishin --json status)"
	[[ $(haishin --json doctor | jq -r '[.hops[] | .finding // ""] | join(" ")') == *"$reason"* ]] ||
		fail "the doctor does not find $reason: $(haishin --json doctor)"
	[[ $(haishin --json doctor | jq -r '[.hops[] | .detail // ""] | join(" ")') == *"$words"* ]] ||
		fail "the doctor does not say '$words': $(haishin --json doctor)"
}

with_and_without_agent() {
	all_say "$@"
	stop_agent
	all_say "$@"
	start_agent
}

names_left() {
	df --output=iavail "$ROOT/opt/haishin" | tail -n 1
}

test_a_disk_that_can_hold_no_more_names() {
	local before number
	[ "$(id -u)" = 0 ] || return 0 # disks are for root to mount
	terminal
	offer 2.0.0 400 10
	stop_agent
	on_a_disk /opt/haishin size=64M,nr_inodes=256
	before=$(names_left)
	expect 9 "this disk can hold" job button
	[ "$(names_left)" -ge $((before - 4)) ] || fail "a release that does not fit keeps $((before - $(names_left))) names"
	start_agent
	expect 0 "There is not enough space on the disk for an update." haishin status
	runs face-library 1.0.0
	for number in $(seq "$(($(names_left) - 8))"); do : >"$ROOT/opt/haishin/$number"; done
	with_and_without_agent disk-files "more files and folders"
	expect 9 "files" haishin download-now
	find "$ROOT/opt/haishin" -maxdepth 1 -type f -delete
	mount -o remount,nr_inodes=4096 "$ROOT/opt/haishin"
	download_now 0 ""
	restart_terminal
	runs face-library 2.0.0
	stop_agent
}

# A btrfs subvolume with a limit: the disk itself says that there is room.
test_a_quota_is_named_like_a_full_disk() {
	local limit
	[ "$(id -u)" = 0 ] || return 0 # disks are for root to mount
	terminal
	offer 2.0.0 8 1000000
	stop_agent
	truncate -s 300M "$WORLD/disk.img"
	mkfs.btrfs -q "$WORLD/disk.img" 2>/dev/null
	mount -o loop "$WORLD/disk.img" "$WORLD/disk"
	btrfs -q subvolume create "$WORLD/disk/packages"
	btrfs quota enable "$WORLD/disk"
	cp -a "$ROOT/opt/haishin/." "$WORLD/disk/packages/"
	mount --bind "$WORLD/disk/packages" "$ROOT/opt/haishin"
	sync -f "$WORLD/disk"
	limit=$(($(btrfs --format json qgroup show --raw "$WORLD/disk/packages" 2>/dev/null | jq '[.["qgroup-show"][] | select(.qgroupid | startswith("0/")) | .referenced | tonumber] | max') + 4000000))
	btrfs qgroup limit "$limit" "$WORLD/disk/packages"
	expect 9 "a quota binds this disk: " job button
	runs face-library 1.0.0
	start_agent
	expect 0 "There is not enough space on the disk for an update." haishin status
	btrfs qgroup limit $((limit - 3500000)) "$WORLD/disk/packages"
	with_and_without_agent disk-full "a quota binds this disk: "
	expect 9 "There is not enough space" haishin download-now
	btrfs qgroup limit none "$WORLD/disk/packages"
	download_now 0 ""
	restart_terminal
	runs face-library 2.0.0
	stop_agent
}

test_packages_that_are_mounted_read_only() {
	[ "$(id -u)" = 0 ] || return 0 # disks are for root to mount
	terminal
	offer 2.0.0 3 100
	mount --bind "$ROOT/opt/haishin" "$ROOT/opt/haishin"
	mount -o remount,bind,ro "$ROOT/opt/haishin"
	with_and_without_agent disk-not-writable "is mounted read-only"
	expect 1 "is mounted read-only" haishin download-now
	restart_terminal
	runs face-library 1.0.0
	mount -o remount,bind,rw "$ROOT/opt/haishin"
	download_now 0 ""
	restart_terminal
	runs face-library 2.0.0
	stop_agent
}

# fill FOLDER KIB: all but so many KiB.
fill() {
	local free
	rm -f "$ROOT$1/fill"
	free=$(df --output=avail -k "$ROOT$1" | tail -n 1)
	head -c $(((free - $2) * 1024)) /dev/zero >"$ROOT$1/fill"
}

test_records_on_a_disk_that_is_full() {
	[ "$(id -u)" = 0 ] || return 0 # disks are for root to mount
	terminal
	offer 2.0.0 3 100
	stop_agent
	on_a_disk /var/lib/haishin size=24M
	start_agent
	fill /var/lib/haishin 200
	all_say disk-full "KiB are free"
	stop_agent
	fill /var/lib/haishin 200 # its store is smaller while nobody has it open
	all_say disk-full "KiB are free"
	head -c 1000000 /dev/zero >>"$ROOT/var/lib/haishin/fill" 2>/dev/null || true # not a byte is left: no agent can start
	all_say disk-full "KiB are free"
	rm "$ROOT/var/lib/haishin/fill"
	start_agent
	download_now 0 ""
	restart_terminal
	runs face-library 2.0.0
	expect 0 "The history is sound" haishin history verify
	stop_agent
}

# What the machine does not let start says nothing about the release.
test_a_morning_on_which_no_program_may_start() {
	[ "$(id -u)" = 0 ] || return 0 # disks are for root to mount
	terminal
	offer 2.0.0 3 100
	download_now 0 ""
	stop_agent
	mount --bind "$ROOT/opt/haishin" "$ROOT/opt/haishin"
	mount -o remount,bind,noexec "$ROOT/opt/haishin"
	boot_terminal
	with_and_without_agent disk-noexec "is mounted noexec"
	! grep -qE '"operation":"(quarantine|roll-back)"' <(haishin history --jsonl) || fail "the release is blamed: $(haishin history)"
	mount -o remount,bind,exec "$ROOT/opt/haishin"
	restart_terminal
	runs face-library 2.0.0
	stop_agent
}

# A copy or a restore without links.
test_a_package_whose_links_became_folders() {
	local package=$ROOT/opt/haishin/face-library
	terminal
	cp -rL "$package/current" "$WORLD/copy"
	rm "$package/current"
	mv "$WORLD/copy" "$package/current"
	all_say package-odd "face-library/current"
	haishin --json status | jq -e '.packages[] | select(.name == "linkage-app") | .state == "current"' >/dev/null ||
		fail "one odd package spoils another: $(haishin --json status)"
	expect 0 "" haishin explain linkage-app
	restart_terminal
	expect 0 "All packages are at their newest version." haishin status
	runs face-library 1.0.0
	! ls "$package"/versions/*.partial >/dev/null 2>&1 || fail "something is left"
	stop_agent
}


teardown() {
	stop_server
	local process path
	for process in $(jobs -p); do kill "$process" 2>/dev/null || true; done
	for path in "$ROOT/opt/haishin" "$ROOT/var/lib/haishin" "$WORLD/disk"; do
		while umount -q "$path" 2>/dev/null; do :; done
	done
	rm -rf "$WORLD"
}

eval "$(declare -f setup | sed '1s/setup/setup_world/')"
setup() {
	setup_world
	mkdir "$WORLD/disk"
}

run_tests
