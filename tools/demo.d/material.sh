# shellcheck shell=bash
# Two generations of real software for the demo's four packages, as folders below $MATERIAL. Sourced by tools/demo.
#
#   distro-app       haishin's own programs, built as two versions
#   face-library     libssl3, two Debian versions
#   linkage-app      the OpenJDK 17 runtime, two Debian versions (the real one bundles a Java runtime too)
#   reader-app/acme  libnode108, two Debian versions

DOWNLOADS=${XDG_CACHE_HOME:-$HOME/.cache}/haishin/demo

# debian_versions PACKAGE: the two newest versions that apt offers, older first.
debian_versions() {
	apt-cache madison "$1" | awk '$5 != "Sources" { print $3 }' | uniq | sed -n 1,2p | tac
}

# fetch_deb PACKAGE VERSION: downloads it once, and prints the file.
fetch_deb() {
	local package=$1 version=$2 file
	mkdir -p "$DOWNLOADS"
	file=$DOWNLOADS/${package}_${version//[:+~]/-}.deb
	if [ ! -s "$file" ]; then
		(cd "$DOWNLOADS" && rm -f "$package"_*.part && mkdir -p new && cd new && rm -f ./*.deb &&
			apt-get download -qq "$package=$version" >/dev/null 2>&1 && mv ./*.deb "$file")
	fi
	[ -s "$file" ] && echo "$file"
}

# shown_version DEBIAN-VERSION: three numbers of the upstream version and the last of Debian's revision, which tells apart what
# the upstream version does not: 18.20.4+dfsg-1~deb12u3 is 18.20.4.3.
shown_version() {
	local upstream revision
	upstream=$(grep -oE '^[0-9]+(\.[0-9]+){0,2}' <<<"${1#*:}")
	revision=$(grep -oE '[0-9]+$' <<<"$1")
	echo "$upstream.$((10#${revision:-0}))"
}

# A vendor's self-test: every shared library of the package can be loaded.
write_library_self_test() {
	mkdir -p "$1/bin"
	cat >"$1/bin/self-test" <<'EOF'
#!/bin/sh
# Every shared library of this release can be loaded on this machine.
cd "$(dirname "$0")/.." || exit 1
for library in lib/*.so*; do
	[ -f "$library" ] || continue
	LD_LIBRARY_PATH=$PWD/lib ldd "$library" >/dev/null || { echo "$library cannot be loaded"; exit 1; }
done
EOF
	chmod 755 "$1/bin/self-test"
}

# unpack_libraries DEB FOLDER: the shared libraries of a Debian package below FOLDER/lib.
unpack_libraries() {
	local scratch
	scratch=$(mktemp -d)
	dpkg-deb --extract "$1" "$scratch"
	mkdir -p "$2/lib"
	find "$scratch/usr/lib" \( -name '*.so' -o -name '*.so.*' \) -exec cp -P {} "$2/lib/" \;
	rm -rf "$scratch"
	write_library_self_test "$2"
}

# unpack_java DEB FOLDER: a Java runtime that stands alone. Its links into /etc become the files they point at.
unpack_java() {
	local scratch home link target
	scratch=$(mktemp -d)
	dpkg-deb --extract "$1" "$scratch"
	home=$(find "$scratch/usr/lib/jvm" -mindepth 1 -maxdepth 1 -type d -name 'java-*-openjdk-*')
	find "$home" -type l | while read -r link; do
		target=$(readlink "$link")
		case $target in
		/*)
			rm "$link"
			[ ! -e "$scratch$target" ] || cp -rL "$scratch$target" "$link"
			;;
		*) [[ -e $link && $(realpath "$link") == "$home"/* ]] || rm "$link" ;; # documentation elsewhere
		esac
	done
	mkdir -p "$2"
	cp -a "$home/." "$2/"
	rm -rf "$scratch"
}

# copy_programs BUILD FOLDER: haishin's own programs, as distro-app.
copy_programs() {
	mkdir -p "$2/bin"
	for program in haishind haishin-fetch haishin-guard haishin; do
		install -m 755 "$1/bin/$program" "$2/bin/$program"
		strip "$2/bin/$program"
	done
}

# Files of this machine, where no package can be downloaded: two generations that differ in a file.
offline_libraries() {
	mkdir -p "$1/lib" "$2/lib"
	find /usr/lib /lib -name "$3" -type f 2>/dev/null | sed -n 1,4p | while read -r library; do
		cp "$library" "$1/lib/"
		cp "$library" "$2/lib/"
	done
	date -u >"$2/lib/built-for-the-second-generation.txt"
	write_library_self_test "$1"
	write_library_self_test "$2"
}

# Debian software in two versions. Sets VERSIONS[package.generation].
debian_package() {
	local package=$1 name=$2 unpack=$3 versions
	mapfile -t versions < <(debian_versions "$package")
	[ "${#versions[@]}" -eq 2 ] || return 1
	for generation in 1 2; do
		local deb version=${versions[$((generation - 1))]}
		deb=$(fetch_deb "$package" "$version") || return 1
		"$unpack" "$deb" "$MATERIAL/$generation/$name"
		VERSIONS[$name.$generation]=$(shown_version "$version")
	done
	say "  $name: $package ${versions[0]} and ${versions[1]}"
}

offline_package() {
	local name=$1 pattern=$2
	offline_libraries "$MATERIAL/1/$name" "$MATERIAL/2/$name" "$pattern"
	VERSIONS[$name.1]=1.0.0
	VERSIONS[$name.2]=1.1.0
	say "  $name: files of this machine ($pattern)"
}

make_material() {
	rm -rf "$MATERIAL"
	mkdir -p "$MATERIAL"
	copy_programs "$BUILD" "$MATERIAL/1/distro-app"
	copy_programs "$BUILD_NEXT" "$MATERIAL/2/distro-app"
	VERSIONS[distro-app.1]=$("$BUILD/bin/haishind" --version | awk '{ print $2 }')
	VERSIONS[distro-app.2]=$("$BUILD_NEXT/bin/haishind" --version | awk '{ print $2 }')
	say "  distro-app: haishin ${VERSIONS[distro-app.1]} and ${VERSIONS[distro-app.2]}"
	if [ -z "$OFFLINE" ] && { [ -n "$(apt-cache madison libssl3 2>/dev/null)" ] || apt-get update -qq; } &&
		debian_package libssl3 face-library unpack_libraries &&
		debian_package openjdk-17-jre-headless linkage-app unpack_java &&
		debian_package libnode108 reader-app/acme unpack_libraries; then
		JAVA=yes
		return
	fi
	[ -n "$OFFLINE" ] || say "  Debian's packages cannot be had in two versions here; files of this machine stand in."
	JAVA=
	rm -rf "$MATERIAL"/?/face-library "$MATERIAL"/?/linkage-app "$MATERIAL"/?/reader-app
	offline_package face-library 'libcrypto.so*'
	offline_package linkage-app 'libsqlite3.so*'
	offline_package reader-app/acme 'libarchive.so*'
}

# The third generation of face-library: it works by itself, but its health check says that the applications do not work
# with it.
make_bad_release() {
	rm -rf "$MATERIAL/3"
	mkdir -p "$MATERIAL/3"
	cp -a "$MATERIAL/2/face-library" "$MATERIAL/3/face-library"
	cat >"$MATERIAL/3/face-library/bin/health" <<'EOF'
#!/bin/sh
echo "the camera does not answer"
exit 1
EOF
	chmod 755 "$MATERIAL/3/face-library/bin/health"
}
