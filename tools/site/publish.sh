# shellcheck shell=bash disable=SC2154,SC2034
# What terminals get: packed, tried as a terminal will, signed and published; and what there is.

# The version of PACKAGE that the catalog offers, or nothing.
offered() {
	haishin-repo catalog show --repo "$FOLDER" | awk -v package="$1" '$2 == package { print $3 }'
}

# fetch PACKAGE VERSION: a published release and its payload by the names that pack gave them, in $work/published.
fetch() {
	local file stem=${1//\//-}-$2
	mkdir -p "$work/published"
	for file in "$FOLDER/repository/targets/$1"/*".$stem".{json,tar.zst}; do
		[ ! -e "$file" ] || ln -sf "$file" "$work/published/${file##*/*([0-9a-f]).}"
	done
	fetched=$work/published/$stem.json
	[ -e "$fetched" ]
}

# try_release FILE PACKAGE FORMER: as a terminal that runs all that is published will do it.
try_release() {
	local other version arguments=(--work "$work")
	[ -z "$3" ] || ! fetch "$2" "$3" || arguments+=(--from "$fetched")
	while read -r other version; do
		[ "$other" = "$2" ] || ! fetch "$other" "$version" || arguments+=(--with "$fetched")
	done < <(haishin-repo catalog show --repo "$FOLDER" | awk 'NR > 1 { print $2, $3 }')
	haishin-repo try "$1" "${arguments[@]}"
}

# check_version PACKAGE VERSION FORMER: before the work of packing is done.
check_version() {
	[ "$3" != "$2" ] || die "$1 $2 is published already: a changed one needs a higher version"
	[ -z "$3" ] || [ "$(printf '%s\n' "$2" "$3" | sort -V | tail -n 1)" = "$2" ] ||
		die "$1 $3 is published: give a higher version than that; back to a former one: haishin-repo catalog set $1=$2 --back (haishin-repo(1))"
}

# publish_folder FOLDER PACKAGE VERSION [PACK-OPTION...]
publish_folder() {
	local package=$2 version=$3 stem=${2//\//-} former braked=
	former=$(offered "$package")
	check_version "$package" "$version" "$former"
	haishin-repo pack "$1" --package "$package" --version "$version" --output "$work/packed" "${@:4}" >/dev/null
	if [ -n "$former" ] && fetch "$package" "$former"; then
		say "The difference from $package $former is made, so that terminals fetch less."
		haishin-repo delta "$work/packed/$stem-$version.json" --from "$fetched" | tail -n 1
	fi
	try_release "$work/packed/$stem-$version.json" "$package" "$former" ||
		die "$package $version is not published: mend what failed above, then run this again"
	compgen -G "$FOLDER/repository/metadata/*.${package//\//-}.json" >/dev/null || repo delegate "$package" ${unencrypted:+--unencrypted}
	repo add "$work/packed/$stem-$version.json"
	repo catalog set "$package=$version"
	if lacks_brake; then
		set_up_brake
		braked=yes
	fi
	repo_says publish
	[ -z "$braked" ] || systemctl try-restart haishin-collector.service
}

publish() {
	local folder=${1:-} package='' version='' arguments=()
	[ -d "$folder" ] || [ -f "$folder" ] || wrong_usage "publish needs the folder that is to become a release first; '$folder' is none"
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--package) package=${2:-} && shift ;;
		--version) version=${2:-} && shift ;;
		--passphrase-file) passphrase_file=${2:-} && shift ;;
		*) arguments+=("$1") ;;
		esac
		[ $# -eq 0 ] || shift
	done
	[[ -n $package && -n $version ]] || wrong_usage "publish needs --package NAME, such as clinic-app, and --version VERSION, such as 1.0.0"
	recall_passphrase
	publish_folder "$folder" "$package" "$version" "${arguments[@]}"
	say "Terminals that run $package get it in their next window; at one of them: haishin download-now"
	say "Next: haishin-site backup FILE.tar"
}

# haishin itself, as it is installed here: terminals then keep it current too. What its own documents promise of an agent holds: one
# that cannot verify a signature, or does not answer, is taken back.
publish_haishin() {
	install -D -m 755 -t "$work/haishin/bin" "$PROGRAMS"/haishin{d,-fetch,-guard,-check} "$HAISHIN"
	publish_folder "$work/haishin" distro-app "$1" --self-test "bin/haishind --self-test" \
		--health "bin/haishin status" --health-retries 5
}

installed_version() { "$PROGRAMS/haishind" --version | awk '{ print $2 }'; }

release() {
	local version former
	[ $# -eq 0 ] || wrong_usage "release takes no '$1'"
	[ -x "$PROGRAMS/haishind" ] || die "haishin itself is not installed here; run: apt install haishin"
	version=$(installed_version)
	former=$(offered distro-app)
	[ "$version" != "$former" ] || die "haishin $version is published already; first: apt install --only-upgrade haishin"
	recall_passphrase
	publish_haishin "$version"
	say "Terminals get haishin $version in their next window."
	say "Next: haishin-site backup FILE.tar"
}

list() {
	[ $# -eq 0 ] || wrong_usage "list takes no '$1'"
	say "Published, in $FOLDER/repository:"
	haishin-repo catalog show --repo "$FOLDER" | sed 's/^/  /'
	say ""
	if [ -s "$TERMINALS" ]; then
		say "Terminals, and the certificates made for them:"
		{ printf 'NAME\tCODE\tMADE\tCERTIFICATE ENDS\tPACKAGES\n' && cat "$TERMINALS"; } |
			awk -F '\t' '{ printf "  %-24s %-10s  %-10s  %-16s  %s\n", $1, $2, $3, $4, $5 }'
	else
		say "No terminal was made yet. Next: haishin-site terminal --here, or haishin-site terminal FILE.tar"
	fi
}
