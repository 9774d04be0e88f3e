# shellcheck shell=bash disable=SC2154,SC2034
# The site's own authority, and whom it gives certificates.

# certificate FILE SUBJECT EXTENSIONS: FILE.pem and FILE.key, signed by the site's own authority.
certificate() {
	local work
	work=$(mktemp -d)
	(
		umask 077
		rm -f "$1.key"
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$work/request" -subj "$2"
	) 2>/dev/null
	openssl x509 -req -in "$work/request" -CA "$SECRETS/ca.pem" -CAkey "$SECRETS/ca.key" -days "$DAYS" -out "$1.pem" \
		-CAcreateserial -CAserial "$work/serial" -extfile <(printf '%s\n' "$3") 2>/dev/null
	chmod 644 "$1.pem"
	rm -rf "$work"
}

# What terminals are told: a name, or an address of either kind, without what an address of a page has around it.
check_host() {
	[[ $1 =~ ^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$ || $1 =~ ^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$ ]] ||
		wrong_usage "--name '$1' is no name or address of a machine, such as updates.clinic.example or 192.0.2.1; the port stands in $SETTINGS"
}

make_certificates() {
	local kind=DNS
	[[ $name =~ ^[0-9.]+$ || $name == *:* ]] && kind=IP
	mkdir -p "$SECRETS"
	(
		umask 077
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$DAYS" -keyout "$SECRETS/ca.key" \
			-out "$SECRETS/ca.pem" -subj "/CN=haishin at $name"
	) 2>/dev/null
	install -m 644 "$SECRETS/ca.pem" "$SECRETS/client-ca.pem"
	certificate "$SECRETS/server" "/CN=$name" "subjectAltName=$kind:$name,DNS:localhost
extendedKeyUsage=serverAuth"
	printf '%s\n' "$name" >"$SECRETS/name"
	say "Certificates of an authority of this site's own in $SECRETS."
}
