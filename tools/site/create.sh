# shellcheck shell=bash disable=SC2154,SC2034
# A site from nothing.

create() {
	[ $# -eq 0 ] || wrong_usage "create takes no '$1'"
	name=${name:-$(hostname -f 2>/dev/null || hostname)}
	check_host "$name"
	find_passphrase
	make_repository
	if [ -x "$PROGRAMS/haishind" ]; then
		publish_haishin "$(installed_version)" >"$work/log"
		say "distro-app $(installed_version), which is haishin itself, is its first package."
	fi
	make_certificates
	make_collector
	systemctl --quiet enable --now haishin-server.service haishin-refresh.timer
	say "The server runs: https://$(url_host "$name"):$PORT, for terminals with a certificate."
	say "Next: haishin-site terminal --here, or haishin-site terminal FILE.tar for another machine;"
	say "haishin-site publish FOLDER --package NAME --version VERSION for a package of your own."
	[ -n "$unencrypted" ] || say "Then take two of the three root keys ($FOLDER/keys/root-*.pem) off this machine."
}
