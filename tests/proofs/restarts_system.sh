# shellcheck shell=bash
# The system that the machines of restarts.sh start: a minimal Debian with haishin installed as on a terminal, and
# an application that uses all packages.

# As the Debian package does.
install_haishin() {
	DESTDIR=$1 cmake --install "$PROGRAMS/.." --prefix /usr >/dev/null
	systemd-sysusers --root="$1" 2>/dev/null
	systemd-tmpfiles --root="$1" --create haishin.conf
	systemctl -q --root="$1" enable haishind.service
}

# Programs built with the sanitizers look for leaks through ptrace, which the units do not allow.
allow_sanitizers() {
	local folder=$1/etc/systemd/system.conf.d
	grep -q libasan <(ldd "$PROGRAMS/haishind") || return 0
	mkdir -p "$folder"
	printf '[Manager]\nDefaultEnvironment=ASAN_OPTIONS=detect_leaks=0\n' >"$folder/sanitizers.conf"
}

# Two applications. The clinic's notes what it found when it started, one line a start: boot identity, then the release of each package.
install_application() {
	install -d "$1/var/log/clinic"
	cat >"$1/usr/bin/clinic" <<'EOF'
#!/bin/sh
line=$(cat /run/boot-id)
for package in distro-app face-library linkage-app reader-app/acme; do
	line="$line $(cat "/opt/haishin/$package/current/version" 2>/dev/null || echo none)"
done
echo "$line" >>/var/log/clinic/seen
[ ! -e /etc/clinic-starts-slowly ] || sleep 3
systemd-notify --ready
exec sleep infinity
EOF
	chmod 755 "$1/usr/bin/clinic"
	cat >"$1/etc/systemd/system/clinic.service" <<'EOF'
[Unit]
Description=an application of the clinic
Wants=haishin-applications.target
After=haishin-applications.target
[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/bin/clinic
[Install]
WantedBy=multi-user.target
EOF
	cat >"$1/etc/systemd/system/reader.service" <<'EOF'
[Unit]
Description=the application of the card reader, out of its package
ConditionPathExists=/opt/haishin/reader-app/acme/current/bin/app
Wants=haishin-applications.target
After=haishin-applications.target
[Service]
Type=notify
NotifyAccess=all
ExecStart=/opt/haishin/reader-app/acme/current/bin/app
[Install]
WantedBy=multi-user.target
EOF
	systemctl -q --root="$1" enable clinic.service reader.service
}

# A unit's view of /proc shows the host's boot identity, which a container's restart does not change: docs/boot-files.md.
install_boot_id() {
	cat >"$1/etc/systemd/system/boot-id.service" <<'EOF'
[Unit]
Description=keeps the boot identity where every unit sees it
DefaultDependencies=no
Before=haishin-guard.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/cp /proc/sys/kernel/random/boot_id /run/boot-id
[Install]
WantedBy=sysinit.target
EOF
	systemctl -q --root="$1" enable boot-id.service
}

# make_system DIR [PACKAGE...]
make_system() {
	"$SUPPORT/rootfs.sh" "$1" libinih1 libjansson4 libsqlite3-0 libssl3 libzstd1 libcurl4 libseccomp2 libasan8 libubsan1 "${@:2}"
	install_haishin "$1"
	allow_sanitizers "$1"
	install_boot_id "$1"
	install_application "$1"
}
