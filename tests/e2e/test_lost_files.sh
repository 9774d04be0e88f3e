#!/usr/bin/env bash
# What a disk that lost its power leaves of files: nothing, a part, zeros. Each file that the agent keeps, in its turn: the agent starts and
# answers, goes on, and the file is whole again, or status and doctor name it.
. "$(dirname "$0")/lib.sh"
PACKAGES=(face-library linkage-app)

terminal() {
	mkdir -p "$ROOT/etc"
	echo 0123456789abcdef0123456789abcdef >"$ROOT/etc/machine-id"
	running_terminal
	start_agent
	expect 0 "" haishin verify
	stop_agent
}

# Those that hold what has to last; a lock holds nothing.
files_of_the_agent() {
	(cd "$ROOT" && find var/lib/haishin var/cache/haishin -type f -size +0 ! -name '*.lock' | sort)
}

# lose FILE HOW
lose() {
	local size
	size=$(stat -c %s "$1")
	case $2 in
	empty) : >"$1" ;;
	half) truncate -s $((size / 2)) "$1" ;;
	zeros) truncate -s 0 "$1" && truncate -s "$size" "$1" ;;
	esac
}

# is_named FILE: by status and doctor.
is_named() {
	{ haishin status && haishin doctor; } >"$WORLD/told" 2>&1 || true
	[ "$(grep -cF "${1##*/}" "$WORLD/told")" -ge 2 ]
}

# Nobody needs to be told of what is whole again, or of a store that was set aside and said so.
is_settled() {
	haishin --json status | jq -e '[.problems[].reason] - ["store-set-aside"] == []' >/dev/null
}

lives_through() {
	local file=$1 how=$2
	boot_terminal
	expect 0 "" haishin status
	haishin check >"$WORLD/said" 2>&1 || [ $? -lt 100 ] || fail "$file, $how: a check ends with $?"
	download_now 0 ""
	restart_terminal
	for package in "${PACKAGES[@]}"; do runs "$package" 1.0.0; done
	is_settled || is_named "$file" || fail "$file, $how: neither whole again nor named: $(haishin status; haishin doctor)"
	expect 0 "" haishin history verify
	stop_agent
}

test_every_file_of_the_agent() {
	local file how
	terminal
	cp -a "$ROOT" "$WORLD/saved"
	for file in $(files_of_the_agent); do
		for how in empty half zeros; do
			rm -rf "$ROOT"
			cp -a "$WORLD/saved" "$ROOT"
			lose "$ROOT/$file" $how
			lives_through "$file" $how
		done
	done
}

# The journal and the plan of a start at which the power failed.
test_files_of_the_guard_before_a_restart() {
	local file how
	terminal
	boot_terminal
	publish_all 1.1.0
	download_now 0 ""
	stop_agent
	cp -a "$ROOT" "$WORLD/saved"
	for file in var/lib/haishin/boot/plan var/lib/haishin/boot/journal; do
		for how in empty half zeros; do
			rm -rf "$ROOT"
			cp -a "$WORLD/saved" "$ROOT"
			[ -e "$ROOT/$file" ] || continue
			lose "$ROOT/$file" $how
			boot_terminal
			expect 0 "" haishin status
			download_now 0 ""
			restart_terminal
			for package in "${PACKAGES[@]}"; do runs "$package" 1.1.0; done
			expect 0 "" haishin history verify
			stop_agent
		done
	done
}

run_tests
