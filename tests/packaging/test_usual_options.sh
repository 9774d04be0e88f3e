#!/usr/bin/env bash
# test_usual_options.sh SOURCE BUILD: every program that is installed knows --help, -h, --version and -V, says them on its output, and
# ends well; bash knows each that stands on a user's path; and whoever has no settings yet is told how to come by them.
set -euo pipefail
SOURCE=$1
PROGRAMS=$2/bin
PATH=$PROGRAMS:$PATH # haishin-site asks its server
failures=0

complain() {
	echo "FAILED: $*" >&2
	failures=$((failures + 1))
}

# answers TEXT COMMAND...
answers() {
	local text=$1 said
	shift
	said=$("$@" 2>/dev/null </dev/null) || complain "'$*' ends with $?"
	[[ $said == *"$text"* ]] || complain "'$*' does not say '$text': $said"
}

for program in haishin haishin-{audit,check,collector,fetch,guard,repo,server,tuf-client,witness} haishind fleet-sim haishin-site; do
	[ "$program" = haishin-site ] && file=$SOURCE/tools/site/$program || file=$PROGRAMS/$program
	for option in --help -h; do answers "$program" "$file" "$option"; done
	for option in --version -V; do answers "$program " "$file" "$option"; done
done
for program in haishin haishin-{audit,collector,repo,server,site,witness}; do
	grep -qE "^complete .*\b$program\b" "$SOURCE"/packaging/completion/* || complain "bash knows no completion for $program"
done
said=$("$PROGRAMS/haishin-collector" --config /no/such/file 2>&1 </dev/null) && complain "haishin-collector serves without settings"
[[ $said == *"'haishin-site create'"*--config* ]] || complain "haishin-collector without settings does not say what to do: $said"
[ "$failures" -eq 0 ]
