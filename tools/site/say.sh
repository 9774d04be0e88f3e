# shellcheck shell=bash disable=SC2154,SC2034
# What all parts share: what is said, and files that are written whole.

# What was done in silence is told where it did not end well.
finish() {
	local status=$?
	[ $status -eq 0 ] || cat "$work/log" >&2 2>/dev/null || true
	rm -rf "$work"
}

say() { printf '%s\n' "$*"; }

die() {
	printf 'haishin-site: %s\n' "$*" >&2
	exit 1
}

wrong_usage() {
	printf 'haishin-site: %s\n' "$*" >&2
	usage >&2
	exit 2
}

# write_anew FILE COMMAND...: what COMMAND prints, in a file of our own that nobody else can read, whatever FILE was before.
write_anew() {
	local file=$1 new
	shift
	new=$(mktemp "$file.XXXXXX") # of mode 0600
	"$@" >"$new" || { rm -f "$new" && return 1; }
	sync "$new"
	mv -fT "$new" "$file"
}

# What is there is somebody's: it is written over only where that was asked for.
check_place() {
	local there=$1
	[ -n "$replace" ] || [ ! -e "$there" ] || die "'$there' is there already; --replace writes over it"
}

# wait_for FILE: until a service has written it.
wait_for() {
	local left=300
	until [ -e "$1" ]; do
		[ $((left -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

url_host() {
	case $1 in
	*:*) printf '[%s]' "$1" ;;
	*) printf '%s' "$1" ;;
	esac
}
