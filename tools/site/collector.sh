# shellcheck shell=bash disable=SC2154,SC2034
# The collector of reports, where its package is installed.

# Where it is installed, terminals report to it from their first night, it issues their certificates from then on, and the server
# refuses whom it has revoked.
make_collector() {
	[ -x "$COLLECTOR" ] || return 0
	install -d -m 755 "$COLLECTOR_SETTINGS"
	install -d -m 700 "$COLLECTOR_SETTINGS/keys"
	install -m 644 "$SECRETS/server.pem" "$SECRETS/client-ca.pem" "$COLLECTOR_SETTINGS/"
	install -m 644 "$SECRETS/ca.pem" "$COLLECTOR_SETTINGS/authority.pem"
	install -m 600 "$SECRETS/server.key" "$COLLECTOR_SETTINGS/keys/server.key"
	install -m 600 "$SECRETS/ca.key" "$COLLECTOR_SETTINGS/keys/authority.key"
	certificate "$SECRETS/operator" "/O=haishin/CN=Operator" "extendedKeyUsage=clientAuth"
	(
		umask 077
		openssl pkcs12 -export -in "$SECRETS/operator.pem" -inkey "$SECRETS/operator.key" -name "haishin operator" \
			-out "$SECRETS/operator.p12" -passout pass:
	)
	cat >"$COLLECTOR_SETTINGS/collector.conf" <<END
[collector]
listen = [::]:$COLLECTOR_PORT
address = https://$(url_host "$name"):$COLLECTOR_PORT
tls_certificate = $COLLECTOR_SETTINGS/server.pem
tls_key = $COLLECTOR_SETTINGS/keys/server.key
client_ca = $COLLECTOR_SETTINGS/client-ca.pem

[authority]
certificate = $COLLECTOR_SETTINGS/authority.pem
key = $COLLECTOR_SETTINGS/keys/authority.key
crl = $REVOKED

[role operator]
is = operator
subject = CN=Operator,O=haishin
END
	set_up_brake
	repo publish
	systemctl --quiet enable --now haishin-collector.service
	wait_for "$REVOKED" || die "haishin-collector did not start; see: journalctl -u haishin-collector"
	sed -i "s|^OPTIONS=.*|OPTIONS='--client-crl $REVOKED'|" "$SETTINGS"
	say "The collector runs: https://$(url_host "$name"):$COLLECTOR_PORT, for a browser with $SECRETS/operator.p12 (its password is empty)."
	say "It watches over releases that are tried on a part of the fleet first (haishin-repo rollout)."
}

# ---- The brake of rollouts ----

# The statement stands beside the metadata, where terminals look for it: there the collector's account may add files, and replace its
# own, and no other's.
let_collector_write() {
	chgrp "$COLLECTOR_ACCOUNT" "$FOLDER/repository/metadata"
	chmod 1775 "$FOLDER/repository/metadata"
}

# A site whose operator has set the brake up keeps what there is; one that was restored where the collector's package is not yet gets
# its brake with the first publication after that.
lacks_brake() {
	[ -e "$COLLECTOR_SETTINGS/collector.conf" ] && getent group "$COLLECTOR_ACCOUNT" >/dev/null && ! grep -q '^\[brake\]' "$COLLECTOR_SETTINGS/collector.conf"
}

# The collector gets a key that can stop what is being tried, and nothing else; the next publication tells terminals.
set_up_brake() {
	local settings=$COLLECTOR_SETTINGS/collector.conf
	mkdir -m 700 "$work/brake"
	haishin-repo key new brake --keys "$work/brake" --unencrypted >/dev/null
	install -m 600 "$work/brake/brake.pem" "$COLLECTOR_SETTINGS/keys/brake.pem"
	repo rollout brake-key "$work/brake/brake.pub.json"
	rm -rf "$work/brake"
	let_collector_write
	grep -q '^\[metadata\]' "$settings" || printf '\n[metadata]\nrepository = %s\nshelf = %s\n' "$FOLDER/repository" "$SHELF" >>"$settings"
	printf '\n[brake]\nkey = %s\nfile = %s\n' "$COLLECTOR_SETTINGS/keys/brake.pem" "$FOLDER/repository/metadata/brake.json" >>"$settings"
	allow_writing
}

# The service may write below /srv, where a site is; elsewhere a drop-in says so.
allow_writing() {
	[[ $FOLDER/ != /srv/* ]] || return 0
	install -d -m 755 "$UNITS/haishin-collector.service.d"
	printf '[Service]\nReadWritePaths=%s/repository/metadata\n' "$FOLDER" >"$UNITS/haishin-collector.service.d/brake.conf"
	systemctl daemon-reload
}

# Where reports go, and where certificates are renewed.
reports_at() {
	if [ -e "$COLLECTOR_SETTINGS/collector.conf" ]; then
		printf 'report_url = https://%s:%s/reports\nest_url = https://%s:%s\n' "$1" "$COLLECTOR_PORT" "$1" "$COLLECTOR_PORT"
	else
		printf 'report_url = https://%s:%s/reports\n' "$1" "$PORT"
	fi
}
