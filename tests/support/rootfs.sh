#!/usr/bin/env bash
# rootfs.sh [--suite SUITE] DIR [PACKAGE...] [-- PACKAGE...]: unpacks into DIR, which must be empty or new, a minimal Debian that
# systemd-nspawn can boot: of SUITE, such as trixie, or else of this machine's release. It holds systemd and the packages named; those
# after -- are not installed but lie ready with their dependencies, so that apt in there installs them without a network. Documentation
# and translations of Debian's own packages are left out. Packages may be of another architecture, such as libssl-dev:arm64. Needs root.
#
# It is made by mmdebstrap from this machine's apt sources, in which SUITE stands for this machine's release, and apt's settings, once
# for each list of packages; the archive is kept in $XDG_CACHE_HOME/haishin (~/.cache/haishin) and may be deleted at any time.
set -euo pipefail

die() {
	echo "rootfs.sh: $*" >&2
	exit 1
}

# shellcheck source=/dev/null
own_suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
suite=$own_suite
[ "${1:-}" != --suite ] || { suite=${2:?--suite SUITE}; shift 2; }
[ $# -ge 1 ] || die "usage: rootfs.sh [--suite SUITE] DIR [PACKAGE...] [-- PACKAGE...]"
[ "$(id -u)" -eq 0 ] || die "needs root: a root file system has files of several owners"
command -v mmdebstrap >/dev/null || die "needs mmdebstrap; tools/setup other installs it"
target=$1
shift
installed=(dbus systemd systemd-sysv)
ready=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	installed+=("$1")
	shift
done
[ $# -eq 0 ] || ready=("${@:2}")

cache=${XDG_CACHE_HOME:-$HOME/.cache}/haishin
key=$({
	sha256sum <"$0"
	printf '%s\n' "$suite" "${installed[@]}" -- "${ready[@]}"
} | sha256sum | cut -c 1-16)
archive=$cache/rootfs-$suite-$key.tar.zst

# The files of apt's sources that name this machine's release, as copies that name SUITE: an outside package archive is none of our
# business.
sources() {
	local file
	grep -lsE "(^|[[:space:]])$own_suite([[:space:]]|\$)" /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} |
		while read -r file; do
			sed "s/\b$own_suite\b/$suite/g" "$file" >"$work/${file##*/}"
			echo "$work/${file##*/}"
		done || true
}

# How this machine reaches apt's sources, proxies above all, holds in there too.
network_settings() {
	apt-config dump --no-empty | grep -E '^Acquire::(http|https|Retries|Force|Check|Languages)' || true
}

join() {
	local IFS=$1
	shift
	echo "$*"
}

# A Java runtime links its manual pages where it is installed, and needs their folder. What apt has fetched for `ready` stays in /var/cache/apt/archives, and its lists stay too: apt needs no network for them.
make_archive() {
	local mirrors hooks=() architectures
	mapfile -t mirrors < <(sources)
	[ ${#mirrors[@]} -gt 0 ] || die "none of apt's sources names $own_suite"
	mapfile -t architectures < <(dpkg --print-architecture && printf '%s\n' "${installed[@]}" | sed -n 's/.*://p' | sort -u)
	network_settings >"$work/apt.conf"
	if [ ${#ready[@]} -gt 0 ]; then
		hooks+=("--customize-hook=rm -f \"\$1\"/var/cache/apt/archives/*.deb"
			"--customize-hook=chroot \"\$1\" apt-get -qq -y --no-install-recommends --download-only install ${ready[*]}"
			--skip=cleanup/apt)
	fi
	# shellcheck disable=SC2016 # a hook knows the root as $1
	mmdebstrap --quiet --mode=root --variant=minbase --architectures="$(join , "${architectures[@]}")" --include="$(join , "${installed[@]}")" \
		--aptopt="$work/apt.conf" --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='force-unsafe-io' "${hooks[@]}" \
		--essential-hook='mkdir -p "$1/usr/share/man/man1"' \
		--customize-hook='rm -f "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"' \
		--customize-hook='echo terminal >"$1/etc/hostname"' \
		--customize-hook='rm -f "$1/etc/resolv.conf"; : >"$1/etc/machine-id"' \
		"$suite" "$work/rootfs.tar" "${mirrors[@]}"
	zstd -q -3 -T0 "$work/rootfs.tar" -o "$work/rootfs.tar.zst"
	mv "$work/rootfs.tar.zst" "$archive"
}

[ ! -e "$target" ] || [ -z "$(ls -A "$target")" ] || die "'$target' is not empty"
mkdir -p "$cache" "$target"
exec {lock}>"$cache/rootfs.lock"
flock "$lock"
if [ ! -s "$archive" ]; then
	work=$(mktemp -d "$cache/making.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	echo "making a root file system of $suite with ${installed[*]}${ready[*]:+ (ready: ${ready[*]})}" >&2
	make_archive
fi
exec {lock}>&-
tar --zstd --numeric-owner --xattrs --xattrs-include='*' -xpf "$archive" -C "$target"
