# shellcheck shell=bash disable=SC2154,SC2034
# What all parts share: what is said, and files that are written whole.

# What was done in silence is told where it did not end well.
finish() {
	local status=$?
	[ $status -eq 0 ] || cat "$work/log" >&2 2>/dev/null || true
	rm -rf "$work" ${unpacked:+"$unpacked"}
}

say() { printf '%s\n' "$*"; }

die() {
	printf 'haishin-site: %s\n' "$*" >&2
	exit 1
}

wrong_usage() {
	printf 'haishin-site: %s; "haishin-site --help" tells more\n' "$*" >&2
	exit 2
}

# write_anew FILE COMMAND...: what COMMAND prints, in a file of our own that nobody else can read, whatever FILE was before.
write_anew() {
	local file=$1 new
	shift
	new=$(mktemp "$file.XXXXXX") || return 1 # of mode 0600
	if "$@" >"$new" && sync "$new" && mv -fT "$new" "$file"; then return 0; fi
	rm -f "$new"
	return 1
}

# What is there is somebody's: it is written over only where that was asked for.
check_place() {
	local there=$1
	[ ! -d "$there" ] || die "'$there' is a folder: give the file to write, such as ${there%/}/site.tar"
	[ -d "$(dirname -- "$there")" ] || [ "$there" = "$HERE" ] || die "there is no folder '$(dirname -- "$there")' to write '$(basename -- "$there")' into"
	[ -n "$replace" ] || [[ ! -e $there && ! -L $there ]] || die "'$there' is there already; --replace writes over it"
}

# What changes a site waits for one another: a backup holds no half of a publication, the list of terminals loses none, and no two make
# one. What is locked is there before a site is.
lock_site() {
	exec 8<"$SETTINGS"
	flock -n 8 && return 0
	say "Another haishin-site is at work; this one goes on when it has ended."
	flock -w 900 8 || die "another haishin-site has been at work for a quarter of an hour; see: fuser -v $SETTINGS"
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
