# shellcheck shell=bash
# Two generations of one application tree out of real software, for the benchmarks. Sourced.
#
# A Java runtime, a PostgreSQL server, an office suite's core, a Node.js library and Python's standard library, each as two
# successive Debian versions; and folders of scripts that stay as they are: about 570 MiB in 10,000 files.

BENCH_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/haishin/bench

# Debian packages that changed, and those that are the same in both generations.
CHANGED=(openjdk-17-jre-headless postgresql-15 libreoffice-core libnode108 libpython3.11-stdlib)
UNCHANGED=(libreoffice-common libruby3.1 vim-runtime python3-numpy libpython3.11-testsuite)

# apt for PACKAGE, or for PACKAGE:arm64 with lists of its own: the machine is asked nothing and keeps nothing of it.
bench_apt() {
	local lists=$BENCH_CACHE/apt-arm64 options=()
	if [[ $1 == *:arm64 ]]; then
		mkdir -p "$lists/lists/partial" "$lists/archives/partial"
		touch "$lists/status"
		options=(-o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State::Lists="$lists/lists"
			-o Dir::Cache="$lists" -o Dir::State::status="$lists/status")
		[ -n "$(find "$lists/lists" -name '*Packages*' -print -quit)" ] ||
			apt-get "${options[@]}" update -qq >/dev/null 2>&1
	fi
	"${@:2}" "${options[@]}"
}

# bench_versions PACKAGE: the two newest versions that apt offers, older first; one where there is but one.
bench_versions() {
	bench_apt "$1" apt-cache madison "${1%:*}" | awk '$5 != "Sources" { print $3 }' | uniq | sed -n 1,2p | tac
}

# bench_deb PACKAGE VERSION: downloads it once, and prints the file.
bench_deb() {
	local file=$BENCH_CACHE/debs/${1/:/-}_${2//[:+~]/-}.deb scratch
	if [ ! -s "$file" ]; then
		mkdir -p "$BENCH_CACHE/debs"
		scratch=$(mktemp -d "$BENCH_CACHE/new-XXXXXX")
		(cd "$scratch" && bench_apt "$1" apt-get download -qq "${1%:*}=$2" >/dev/null 2>&1 && mv ./*.deb "$file")
		rm -rf "$scratch"
	fi
	[ -s "$file" ] || { echo "tests/bench: apt cannot download $1=$2" >&2; return 1; }
	echo "$file"
}

# bench_unpack DEB FOLDER: what can be part of a release: no link that leaves it or leads nowhere.
bench_unpack() {
	mkdir -p "$2"
	dpkg-deb --extract "$1" "$2"
	find "$2" -type l -lname '/*' -delete
	find "$2" -xtype l -delete
}

# bench_folder PACKAGE GENERATION: makes the package's folder of that generation (1 or 2) once, and prints its path.
bench_folder() {
	local versions version deb folder
	mapfile -t versions < <(bench_versions "$1")
	[ ${#versions[@]} -gt 0 ] || { echo "tests/bench: apt does not know $1: apt-get update" >&2; return 1; }
	version=${versions[$2 - 1]:-${versions[0]}}
	folder=$BENCH_CACHE/folders/${1/:/-}/${version//[:+~]/-}
	if [ ! -d "$folder" ]; then
		deb=$(bench_deb "$1" "$version") || return 1
		rm -rf "$folder.new"
		bench_unpack "$deb" "$folder.new"
		mv "$folder.new" "$folder"
	fi
	echo "$folder"
}

# bench_npm_folder PACKAGE@VERSION: the same of a package that npm has.
bench_npm_folder() {
	local folder=$BENCH_CACHE/folders/npm/$1
	if [ ! -d "$folder" ]; then
		rm -rf "$folder.new"
		mkdir -p "$folder.new"
		(cd "$folder.new" && npm pack --silent "$1" >/dev/null && tar -xzf ./*.tgz && rm ./*.tgz) ||
			{ echo "tests/bench: npm cannot bring $1" >&2; return 1; }
		mv "$folder.new" "$folder"
	fi
	echo "$folder"
}

# bench_tree GENERATION FOLDER: the whole tree of a generation.
bench_tree() {
	local package folder
	for package in "${CHANGED[@]}" "${UNCHANGED[@]}"; do
		folder=$(bench_folder "$package" "$1") || return 1
		mkdir -p "$2/$package"
		cp -a "$folder/." "$2/$package/"
	done
}
