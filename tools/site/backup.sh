# shellcheck shell=bash disable=SC2154,SC2034
# All of a site in one file, and back. The file begins with its form and the sums of all that follows: what was cut or changed since
# is found before anything is put back.

FORM=1
FORM_FILE=haishin-site.form
SUMS_FILE=haishin-site.sums

# Nobody signs anything meanwhile: haishin-repo waits for nobody, and says so.
lock_repository() {
	exec 9>>"$FOLDER/.lock"
	flock -w 60 9 || die "another command is at work in $FOLDER; try again when it has ended"
}

# The brake's statement is the collector's, which writes it whenever it likes, and anew where it is put back.
not_backed_up() {
	printf '%s\n' "$FOLDER/.lock" "$FOLDER/repository/metadata/brake.json" "$FOLDER/repository/metadata/.brake.json.*"
}

# Private keys must not be where they are served, nor a backup hold all former ones; of a link it would hold the link alone.
check_backup_place() {
	local folder place
	check_place "$1"
	folder=$(realpath -e "$(dirname -- "$1")")
	for place in "$FOLDER" "$SECRETS" "$COLLECTOR_SETTINGS"; do
		[ ! -L "$place" ] || die "'$place' is a link, and what it leads to would not be backed up; mount that there, or give FOLDER in $SETTINGS another value"
		[[ $folder/ != "$(realpath -m "$place")"/* ]] || die "'$1' lies in $place, which is backed up itself; give a place elsewhere"
	done
}

# write_backup FILE PLACE...
write_backup() {
	local file=$1 leave_out=() omit=() path
	shift
	while read -r path; do
		leave_out+=(! -path "${path#/}")
		omit+=(--exclude="${path#/}")
	done < <(not_backed_up)
	printf '%s\n' "$FORM" >"$work/$FORM_FILE" || return 1
	(cd / && find "$@" -type f "${leave_out[@]}" -print0 | sort -z | xargs -0 sha256sum) >"$work/$SUMS_FILE" 2>>"$work/log" || return 1
	write_anew "$file" tar --numeric-owner --anchored "${omit[@]}" -c -C "$work" "$FORM_FILE" "$SUMS_FILE" -C / "$@" 2>>"$work/log"
}

backup() {
	[ $# -eq 1 ] || wrong_usage "backup needs the FILE.tar that it writes"
	check_backup_place "$1"
	local places=("${SETTINGS#/}" "${SECRETS#/}" "${FOLDER#/}")
	[ ! -e "$COLLECTOR_SETTINGS/collector.conf" ] || places+=("${COLLECTOR_SETTINGS#/}")
	lock_repository
	write_backup "$1" "${places[@]}" || die "'$1' is not written, and nothing of it is left there; see below for why (is its disk full?)"
	say "$1 holds all of this site, private keys too: keep it off this machine, and as safe as a key."
	say "On a machine that has taken this one's place: haishin-site restore ${1##*/}"
}

# ---- Back ----

# read_member FILE MEMBER: what it is, or nothing.
read_member() { tar -xOf "$1" --occurrence=1 "$2" 2>/dev/null || true; }

check_backup() {
	local form
	[ ! -d "$1" ] || die "'$1' is a folder; give the file that haishin-site backup wrote"
	[ -f "$1" ] || die "there is no file '$1'"
	[ -r "$1" ] || die "'$1' cannot be read"
	tar -tf "$1" >"$work/members" 2>/dev/null || die "'$1' is no backup of a site, or it was cut: nothing is put back"
	grep -qxF "${SETTINGS#/}" "$work/members" && grep -qxF "${SECRETS#/}/ca.key" "$work/members" ||
		die "'$1' is no backup of a site: nothing is put back"
	form=$(read_member "$1" "$FORM_FILE")
	[[ ${form:-0} =~ ^[0-9]{1,4}$ ]] || die "'$1' was changed since it was made: nothing is put back"
	[ "${form:-0}" -le "$FORM" ] ||
		die "'$1' was made by a newer haishin-site; first: apt install --only-upgrade haishin-server; nothing is put back"
}

# check_sums FOLDER FILE: what FILE was unpacked to. Those made before there were sums are told by the repository's signatures.
check_sums() {
	[ -e "$1/$SUMS_FILE" ] || return 0
	(cd "$1" && sha256sum --quiet --strict -c "$SUMS_FILE") >"$work/sums" 2>&1 || {
		sed 's/^/  /' "$work/sums" >&2
		die "'$2' was changed or damaged since it was made: nothing is put back"
	}
}

# put_back PLACE...: from $unpacked, on a machine that has none of it, or only what its packages bring.
put_back() {
	local place
	for place; do
		[ -e "$unpacked$place" ] || continue
		rmdir "$place" 2>/dev/null || true
		if [ -d "$place" ]; then
			cp -a "$unpacked$place/." "$place/"
		else
			mkdir -p "$(dirname "$place")"
			mv "$unpacked$place" "$place"
		fi
	done
}

# The collector's settings and keys; its records have a backup of their own (docs/collector.md).
restore_collector() {
	[ -e "$unpacked$COLLECTOR_SETTINGS/collector.conf" ] || return 0
	put_back "$COLLECTOR_SETTINGS"
	! grep -q '^\[brake\]' "$COLLECTOR_SETTINGS/collector.conf" || restore_brake
	if [ -x "$COLLECTOR" ]; then
		systemctl --quiet enable --now haishin-collector.service
	else
		say "The site had a collector. Next: apt install haishin-collector, then systemctl enable --now haishin-collector"
	fi
}

# Accounts have other numbers here, and the statement is signed anew.
restore_brake() {
	chown root:root "$FOLDER/repository/metadata"
	chmod 755 "$FOLDER/repository/metadata"
	rm -f "$FOLDER/repository/metadata/brake.json"
	getent group "$COLLECTOR_ACCOUNT" >/dev/null || return 0 # the package comes later, and says so
	let_collector_write
	allow_writing
}

# Unpacked beside the place where most of it goes, and checked there: whatever is wrong, a full disk too, leaves this machine as it was.
unpack_beside() {
	mkdir -p "$(dirname "$FOLDER")"
	unpacked=$(mktemp -d "$FOLDER.restore.XXXXXX")
	tar --same-owner -C "$unpacked" -xpf "$1" 2>"$work/log" ||
		die "'$1' cannot be unpacked to $(dirname "$FOLDER"), see below for why (is the disk full?): nothing is put back"
	check_sums "$unpacked" "$1"
	[ -d "$unpacked$FOLDER/repository" ] || die "'$1' holds no $FOLDER/repository: nothing is put back"
}

# Terminals saw what was signed after the backup, the timestamp of each day above all, and take nothing older.
recover_unpacked() {
	local FOLDER=$unpacked$FOLDER
	recall_passphrase
	repo recover || die "its keys cannot sign: nothing is put back"
	haishin-repo verify --repo "$FOLDER" >/dev/null || die "terminals would not believe what it holds: nothing is put back"
}

restore() {
	[ $# -eq 1 ] || wrong_usage "restore needs the FILE.tar that backup wrote"
	check_backup "$1"
	read_member "$1" "${SETTINGS#/}" >"$work/settings"
	read_settings "$work/settings"
	[ ! -e "$FOLDER/repository" ] || die "there is a repository in $FOLDER already; nothing is put back"
	unpack_beside "$1"
	recover_unpacked
	cp -a "$unpacked$SETTINGS" "$SETTINGS"
	put_back "$SECRETS" "$FOLDER"
	systemctl --quiet enable --now haishin-server.service haishin-refresh.timer
	restore_collector
	say "The site is back, and the server runs: https://$(url_host "$(cat "$SECRETS/name")"):$PORT."
	say "Terminals go on by themselves once $(cat "$SECRETS/name") leads to this machine."
	say "What was published after the backup is to be published once more: haishin-site list shows what is."
}
