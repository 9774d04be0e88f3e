# shellcheck shell=bash disable=SC2154,SC2034
# The site's private keys, the passphrase that closes them, and haishin-repo, which asks for both.

read_passphrase_file() {
	[ ! -f "$passphrase_file" ] || [[ $(stat -Lc %a "$passphrase_file") == *00 ]] ||
		die "'$passphrase_file' is a secret, and others may read it; run: chmod go-rwx $passphrase_file"
	IFS= read -r passphrase <"$passphrase_file" || [ -n "$passphrase" ] || die "'$passphrase_file' has no first line"
	[ -n "$passphrase" ] || die "'$passphrase_file' begins with an empty line; nothing is made"
}

# The passphrase comes once, from the file or the keyboard, and goes to haishin-repo over a descriptor.
find_passphrase() {
	[ -z "$unencrypted" ] || return 0
	[ -z "$passphrase_file" ] || { read_passphrase_file && return 0; }
	[ -t 0 ] || die "a passphrase cannot be asked for here; give --passphrase-file FILE, or --unencrypted for a demonstration"
	local again
	IFS= read -rsp 'Passphrase for the new private keys: ' passphrase && say ''
	IFS= read -rsp 'The same again: ' again && say ''
	[ -n "$passphrase" ] || die "that was empty; nothing is made"
	[ "$passphrase" = "$again" ] || die "that was not the same twice; nothing is made"
}

# The same for the keys of a site that is there. Where the first line of each says so, they have none.
recall_passphrase() {
	# shellcheck disable=SC2153 # of the settings
	grep -lq ENCRYPTED "$FOLDER"/keys/*.pem 2>/dev/null || unencrypted=yes
	[ -z "$unencrypted" ] || return 0
	[ -z "$passphrase_file" ] || { read_passphrase_file && return 0; }
	[ -t 0 ] || die "a passphrase cannot be asked for here; give --passphrase-file FILE"
	IFS= read -rsp "Passphrase of this site's private keys: " passphrase && say ''
}

# Prints what haishin-repo prints.
repo_says() {
	if [ -n "$unencrypted" ]; then
		haishin-repo "$@" --repo "$FOLDER" --keys "$FOLDER/online-keys" --keys "$FOLDER/keys"
	else
		haishin-repo "$@" --repo "$FOLDER" --keys "$FOLDER/online-keys" --keys "$FOLDER/keys" --passphrase-fd 3 3<<<"$passphrase"
	fi
}

repo() { repo_says "$@" >/dev/null; }

# The two keys that sign every day without anybody there cannot have a passphrase; all others have one.
make_repository() {
	local role
	mkdir -p "$FOLDER"
	mkdir -m 700 "$FOLDER/online-keys" "$FOLDER/keys"
	for role in timestamp snapshot; do
		haishin-repo key new "$role" --keys "$FOLDER/online-keys" --unencrypted >/dev/null
	done
	repo init ${unencrypted:+--unencrypted}
	say "A repository in $FOLDER/repository, its keys in $FOLDER/keys and $FOLDER/online-keys."
}
