# shellcheck shell=bash disable=SC2154,SC2034
# What one terminal needs, here or in a file, and the list of those that were made.

# The name that no terminal has yet: what was given, the code, or a number.
find_terminal_name() {
	local stem=${code:-terminal} number=1
	terminal=$name
	if [ -z "$terminal" ] && [ -n "$code" ] && ! is_listed "$code"; then terminal=$code; fi
	while [ -z "$terminal" ]; do
		is_listed "$stem-$number" || terminal=$stem-$number
		number=$((number + 1))
	done
	[[ $terminal =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$ ]] ||
		wrong_usage "'$terminal' is no name of a terminal: letters, digits, '.', '_' and '-', 63 at most"
	[ "$terminal" = "$code" ] || [[ ! $terminal =~ ^[0-9]{10}$ ]] || wrong_usage "'$terminal' reads like an institution's code; give it by --code"
	[ -n "$replace" ] || ! is_listed "$terminal" ||
		die "there is a terminal '$terminal' already (haishin-site list); give another --name, or --replace where its machine was replaced"
}

is_listed() { [ -f "$TERMINALS" ] && awk -F '\t' -v name="$1" '$1 == name { found = 1 } END { exit !found }' "$TERMINALS"; }

# The list has one line for each: name, code, the day it was made, the day its certificate ends, packages.
list_terminal() {
	local ends new
	ends=$(date -u -d "$(openssl x509 -in "$1" -noout -enddate | cut -d= -f2)" +%F)
	new=$(mktemp "$TERMINALS.XXXXXX")
	[ ! -f "$TERMINALS" ] || awk -F '\t' -v name="$terminal" '$1 != name' "$TERMINALS" >"$new"
	printf '%s\t%s\t%s\t%s\t%s\n' "$terminal" "${code:--}" "$(date -u +%F)" "$ends" "$packages" >>"$new"
	mv -f "$new" "$TERMINALS"
}

# What is misspelt would never come.
check_packages() {
	local package known
	known=$(haishin-repo catalog show --repo "$FOLDER" | awk 'NR > 1 { print $2 }')
	for package in $packages; do
		[[ $package =~ ^[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)?$ ]] ||
			wrong_usage "--packages: '$package' is no name of a package; a blank stands between two names"
		grep -qxF -- "$package" <<<"$known" ||
			say "$package is not published yet (haishin-site list): the terminal gets it once it is."
	done
}

write_terminal() {
	local etc=$1/etc/haishin
	mkdir -p "$etc/conf.d"
	mkdir -m 700 "$etc/certificates"
	install -m 644 "$FOLDER/repository/metadata/1.root.json" "$etc/root.json"
	install -m 644 "$SECRETS/ca.pem" "$etc/server-ca.pem"
	certificate "$etc/certificates/site" "/O=haishin/OU=$terminal/CN=${code:-$terminal}" "extendedKeyUsage=clientAuth"
	cat >"$etc/conf.d/site.conf" <<END
[server]
url = https://$(url_host "$2"):$PORT
ca_file = /etc/haishin/server-ca.pem
$(reports_at "$(url_host "$2")")

[paths]
trusted_root = /etc/haishin/root.json

[terminal]
packages = $packages
${code:+institution_code = $code}
END
	chmod 644 "$etc/conf.d/site.conf"
}

terminal() {
	local host=localhost terminal
	[ $# -eq "${here:-1}" ] || wrong_usage "terminal needs either --here or FILE.tar"
	[[ ! $code || $code =~ ^[0-9]{10}$ ]] || wrong_usage "'$code' is no institution code: it has 10 digits"
	[ -z "$here" ] || [ -x "$PROGRAMS/haishind" ] || die "this machine lacks the package haishin; run: apt install haishin"
	[ -n "$here" ] || host=$(cat "$SECRETS/name")
	check_place "${1:-$HERE}"
	find_terminal_name
	packages=${packages:-$(haishin-repo catalog show --repo "$FOLDER" | awk 'NR > 1 { printf "%s%s", separator, $2; separator = " " }')}
	packages=${packages:-distro-app}
	check_packages
	write_terminal "$work" "$host"
	if [ -z "$here" ]; then
		write_anew "$1" tar --owner=0 --group=0 -C "$work" -c etc/haishin/{conf.d/site.conf,root.json,server-ca.pem,certificates} ||
			die "'$1' is not written, and nothing of it is left there; see above for why (is its disk full?)"
		say "$1 is for one terminal, $terminal; it holds that terminal's private key. There, as root:"
		say "  tar -C / -xf ${1##*/} && systemctl enable --now haishind"
	else
		cp -r --preserve=mode "$work/etc/haishin/." /etc/haishin/
		systemctl --quiet enable haishind.service
		systemctl reset-failed haishind.service 2>/dev/null || true # this is none of the starts after which an agent is given up
		systemctl restart haishind.service
		say "This machine is a terminal of this site, $terminal. Next: haishin download-now"
	fi
	list_terminal "$work/etc/haishin/certificates/site.pem"
}
