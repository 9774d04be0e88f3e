# shellcheck shell=bash
# Quotas that bind where releases are kept: of root, of its group and of a project, on file systems that have them, under the real units.
# Status names the quota, whether or not the agent runs, and no longer once it is lifted. Sourced by restarts.sh.

QUOTA_PACKAGES=(e2fsprogs quota xfsprogs)

install_quota_disks() {
	cat >"$1/usr/local/bin/quota-disk" <<'EOF'
#!/bin/sh -e
# quota-disk ext4|xfs: /opt on a disk of its own, with haishin's folder in a project of its own.
systemctl stop haishind.service
rm -rf /kept && cp -a /opt/haishin /kept
! mountpoint -q /opt || umount /opt
rm -f /quota.img && truncate -s 512M /quota.img
case $1 in
ext4) mkfs.ext4 -q -O quota,project -E quotatype=usrquota:grpquota:prjquota /quota.img && mount -o loop,usrquota,grpquota,prjquota /quota.img /opt ;;
xfs) mkfs.xfs -q /quota.img && mount -o loop,uquota,gquota,pquota /quota.img /opt ;;
esac
mkdir /opt/haishin
chattr -p 7 +P /opt/haishin
cp -a /kept/. /opt/haishin/
sync
systemctl start haishind.service
EOF
	cat >"$1/usr/local/bin/quota-limit" <<'EOF'
#!/bin/sh -e
# quota-limit -u|-g|-P NAME MIB FILES: leaves so much; 0: no limit.
used=$(du -sk /opt/haishin | cut -f 1)
files=$(find /opt/haishin | wc -l)
[ "$3" = 0 ] || blocks=$((used + $3 * 1024))
[ "$4" = 0 ] || inodes=$((files + $4))
setquota "$1" "$2" 0 "${blocks:-0}" 0 "${inodes:-0}" /opt
EOF
	chmod 755 "$1"/usr/local/bin/quota-*
}

# is_told REASON: by a quota.
is_told() {
	{ haishin --json status >"$WORLD/status.json" || true; } && jq -e --arg reason "$1" \
		'[.. | objects | select(.reason? == $reason) | .detail] | any(startswith("a quota binds this disk: "))' "$WORLD/status.json"
}

nothing_is_told() {
	agent_is_idle && jq -e '[.problems[].reason] | (contains(["disk-full"]) or contains(["disk-files"])) | not' "$WORLD/status.json"
}

# binds KIND NAME MIB FILES REASON
binds() {
	inside quota-limit "$1" "$2" "$3" "$4"
	wait_until "quota $1 is told as $5" is_told "$5"
	inside systemctl stop haishind.service
	is_told "$5" >/dev/null || fail "nobody tells of quota $1 without the agent: $(cat "$WORLD/status.json")"
	inside systemctl start haishind.service
	inside quota-limit "$1" "$2" 0 0
	wait_until "nothing is told any more" nothing_is_told
}

scenario_the_quotas_of_a_real_kernel() {
	become_kernel_machine
	switch_on "$(date +%s)"
	inside quota-disk ext4
	wait_until "nothing is told" nothing_is_told
	binds -u root 8 0 disk-full
	binds -g root 8 0 disk-full
	binds -P 7 8 0 disk-full
	binds -u root 0 4 disk-files
	inside quota-disk xfs
	wait_until "nothing is told" nothing_is_told
	binds -P 7 8 0 disk-full
	inside quota-limit -u root 8 0 # which XFS does not hold root to
	nothing_is_told >/dev/null || fail "a quota is told that binds nobody: $(cat "$WORLD/status.json")"
	switch_off
}
