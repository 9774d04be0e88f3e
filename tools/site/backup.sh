# shellcheck shell=bash disable=SC2154,SC2034
# All of a site in one file, and back.

# Nobody signs anything meanwhile: haishin-repo waits for nobody, and says so.
lock_repository() {
	exec 9>>"$FOLDER/.lock"
	flock -w 60 9 || die "another command is at work in $FOLDER; try again when it has ended"
}

backup() {
	[ $# -eq 1 ] || wrong_usage "backup needs the FILE.tar that it writes"
	check_place "$1"
	local places=("${SETTINGS#/}" "${SECRETS#/}" "${FOLDER#/}")
	[ ! -e "$COLLECTOR_SETTINGS/collector.conf" ] || places+=("${COLLECTOR_SETTINGS#/}")
	lock_repository
	write_anew "$1" tar --numeric-owner -C / -c --exclude="${FOLDER#/}/.lock" "${places[@]}"
	say "$1 holds all of this site, private keys too: keep it off this machine, and as safe as a key."
	say "On a machine that has taken this one's place: haishin-site restore ${1##*/}"
}

# What a backup holds, and no more: nothing else of it is written to this machine.
unpack() {
	tar --same-owner -C / -xpf "$1" "${@:2}" || die "'$1' is no backup of a site, or it is damaged"
}

# The collector's settings and keys; its records have a backup of their own (docs/collector.md).
restore_collector() {
	tar -tf "$1" "${COLLECTOR_SETTINGS#/}/collector.conf" >/dev/null 2>&1 || return 0
	unpack "$1" "${COLLECTOR_SETTINGS#/}"
	! grep -q '^\[brake\]' "$COLLECTOR_SETTINGS/collector.conf" || restore_brake
	if [ -x "$COLLECTOR" ]; then
		systemctl --quiet enable --now haishin-collector.service
	else
		say "The site had a collector. Next: apt install haishin-collector, then systemctl enable --now haishin-collector"
	fi
}

# Accounts have other numbers here, and the statement is signed anew.
restore_brake() {
	rm -f "$FOLDER/repository/metadata/brake.json"
	getent group "$COLLECTOR_ACCOUNT" >/dev/null || return 0 # the package comes later, and says so
	let_collector_write
	allow_writing
}

# Terminals saw what was signed after the backup, the timestamp of each day above all, and take nothing older.
restore() {
	[ $# -eq 1 ] || wrong_usage "restore needs the FILE.tar that backup wrote"
	[ -f "$1" ] || die "there is no file '$1'"
	unpack "$1" "${SETTINGS#/}"
	read_settings
	unpack "$1" "${SECRETS#/}" "${FOLDER#/}"
	recall_passphrase
	repo recover
	haishin-repo verify --repo "$FOLDER" >/dev/null
	systemctl --quiet enable --now haishin-server.service haishin-refresh.timer
	restore_collector "$1"
	say "The site is back, and the server runs: https://$(url_host "$(cat "$SECRETS/name")"):$PORT."
	say "Terminals go on by themselves once $(cat "$SECRETS/name") leads to this machine."
	say "What was published after the backup is to be published once more: haishin-site list shows what is."
}
