#!/usr/bin/env bash
# Whatever stands in one of the lists that grow has its page and its test. (That each sentence has its Japanese is what
# tools/haishin/test_haishin_languages checks; what else an entry lacks, the compiler tells.)
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0
squeezed=$(mktemp)
trap 'rm -f "$squeezed"' EXIT

# names LIST ROW: the first text of each ROW(...) in the list; where a row is one word, that word as people write it.
names() {
	sed -nE "/^[[:space:]]*#/d; s/^[[:space:]]*$2\\([^\"]*\"([^\"]*)\".*/\\1/p; t
		s/^[[:space:]]*$2\\((\w+)\).*/\\1/; T; s/_/-/g; p" "$1"
}

# The methods of the control socket are written without a stroke: GetStatus.
spelled() {
	if [ "$1" = METHOD ]; then sed -E 's/(^|-)([a-z])/\U\2/g'; else cat; fi
}

# holds LIST ROW PAGE [PATTERN TEST...]: each name stands in the page as `name` or behind a program's name, and in one of the tests as
# PATTERN says, in which @ is the name and @@ the name in capitals. A word that is found in a comment or in another list is no test.
holds() {
	local list=$1 row=$2 page=$3 pattern=${4:-} name upper asked count=0
	shift $(($# > 3 ? 4 : 3))
	cat /dev/null "$@" | tr -s '\n\t ' ' ' >"$squeezed"
	for name in $(names "$list" "$row" | spelled "$row"); do
		count=$((count + 1))
		if ! grep -qE -- "(\`|haishin[a-z-]* )$name(\`| |\$)" "$page"; then
			echo "$list: '$name' has no place in $page: say there what it means"
			bad=1
		fi
		upper=$(tr a-z- A-Z_ <<<"$name")
		asked=${pattern//@@/$upper}
		if [ $# -gt 0 ] && ! grep -qE -- "${asked//@/$name}" "$squeezed"; then
			echo "$list: '$name' has no test in $1 or its like"
			bad=1
		fi
	done
	if [ "$count" -lt 2 ]; then
		echo "$list: no row $row(...) was found"
		bad=1
	fi
}

# follows LIST ROW PAGE: the names stand in the page's table in the order of the list, in which people are told them.
follows() {
	local first listed told
	listed=$(names "$1" "$2")
	first=$(head -n 1 <<<"$listed")
	told=$(awk -v first="| \`$first\`" 'index($0, first) == 1 { on = 1 } on && /^$/ { exit } on' "$3" | cut -d'|' -f2 | grep -oE '`[a-z-]+`' | tr -d '`')
	if [ "$told" != "$listed" ]; then
		echo "$1: the table of $3 has another order:"
		diff <(echo "$listed") <(echo "$told") || true
		bad=1
	fi
}

situations=(tests/agent/status/situations/*.c)
situation_ends='"@", "[a-z-]*"\}' # finding and reason are the last two cells of a situation's row, the gate stands in front of them
# A finding may have the name of a reason or of a code: it is asked for by the doctor's test, and by whoever names the member.
finding_is_asked='assert_finds\([^()]*"@"\)|[{] ?ERROR_[A-Z_]+, ("[a-z-]+", )?"@"|(\}|\\n"), "@"\}|finding"?(:| == )"@"|\.finding\] \| index\("@"\)'
reason_is_asked='"[a-z-]*", "@"\}|STATUS_@@\b|reason"?(:| == )"@"'
verb_is_called='(assert|haishin)_[a-z]+\([^,()]+, "@[" ]|[^`.-]\bhaishin (--[a-z]+ )*@\b|\bjson [0-9]+ '"'[^']*'"' @\b'

holds agent/status/explain_gates.h GATE docs/cli.md '"@", "[a-z-]*", "[a-z-]*"\}' "${situations[@]}"
holds tools/repo/commands/commands.h COMMAND docs/publishing.md '\brepo"? @\b' tests/tools/*/*.* tests/e2e/*
holds tools/haishin/verbs/verbs.h VERB docs/cli.md "$verb_is_called" tests/tools/haishin/test_haishin*.c tests/e2e/*
holds agent/control/method.h METHOD docs/control-protocol.md # test_methods calls each
holds common/error_codes.h CODE docs/cli.md '\{ERROR_@@, "@", ' tests/common/test_error.c
holds agent/base/doctor_lists.h HOP docs/cli.md
holds agent/base/doctor_lists.h FINDING docs/cli.md "$situation_ends|$finding_is_asked" \
	"${situations[@]}" tests/agent/night/test_doctor.c tests/e2e/*.sh
holds common/words/status_reasons.h REASON docs/control-protocol.md "$reason_is_asked" \
	tests/agent/*/*.c "${situations[@]}" tests/e2e/*.sh
holds scheduler/schedule.h REASON docs/scheduling.md '"@"|SCHEDULE_@@\b' tests/scheduler/*.c
holds common/words/status_words.h VERDICT docs/control-protocol.md
holds common/words/status_words.h STATE docs/control-protocol.md '"@"|PACKAGE_@@\b' tests/agent/status/*.c
holds common/words/status_words.h DELIVERY docs/store.md 'DELIVERY_@@\b' tests/agent/store/*.c
holds collector/oversight/last_words.h CAUSE docs/collector.md '"@"' tests/collector/*.c
holds collector/store/departures.h DEPARTURE docs/collector.md '"@\b' tests/collector/*.c
holds common/words/machine_faults.h FAULT docs/cli.md "$situation_ends|MACHINE_@@\\b" \
	"${situations[@]}" tests/agent/machine/*.c tests/agent/night/test_doctor.c
holds agent/rights/change_kind.h CHANGE docs/control-protocol.md # tried with polkit, below
holds agent/base/job_kind.h KIND docs/control-protocol.md
holds agent/store/history_operations.h OPERATION docs/store.md
holds common/words/identity_changes.h CHANGE docs/control-protocol.md '"@"|IDENTITY_[A-Z_]*@@\b' tests/agent/proof/*.c
follows agent/status/explain_gates.h GATE docs/cli.md
follows agent/base/doctor_lists.h HOP docs/cli.md

# A verb has its row in the first table of its page: further down its name may be that of a gate or of a hop.
told=$(awk '/^\|/ { on = 1 } on && /^$/ { exit } on' docs/cli.md | cut -d'|' -f2)
for name in $(names tools/haishin/verbs/verbs.h VERB); do
	if ! grep -qE "\`$name[ \`]" <<<"$told"; then
		echo "tools/haishin/verbs/verbs.h: '$name' has no row in the table of verbs of docs/cli.md"
		bad=1
	fi
done

# Each kind of change is an action of polkit's, in both languages.
for name in $(names agent/rights/change_kind.h CHANGE); do
	if [ "$(sed -n "/<action id=\"jp.haishin.agent.$name\">/,/<\/action>/p" packaging/polkit/jp.haishin.agent.policy | grep -c 'xml:lang="ja"')" != 2 ]; then
		echo "agent/rights/change_kind.h: '$name' has no action in packaging/polkit/jp.haishin.agent.policy with its Japanese"
		bad=1
	fi
	if ! grep -q "$name:" tests/e2e/test_polkit.sh; then
		echo "agent/rights/change_kind.h: '$name' has no test in tests/e2e/test_polkit.sh"
		bad=1
	fi
done

# Each method that changes something is tried with polkit, and stands in its page with the kind of change.
while read -r name kind; do
	if ! grep -qE "[[:space:]=]$kind:$name([:;[:space:]]|$)" tests/e2e/test_polkit.sh; then
		echo "agent/control: '$name' has no test as a change of kind '$kind' in tests/e2e/test_polkit.sh"
		bad=1
	fi
	if ! grep -qE "^\| \`$kind\` \|.*\`$name\`" docs/control-protocol.md; then
		echo "agent/control: '$name' is not among the methods of '$kind' in docs/control-protocol.md"
		bad=1
	fi
done < <(awk -F'"' '/^\t\.name = "/ { name = $2 } sub(/^\t\.change = CHANGE_/, "") { sub(/,.*/, ""); print name, tolower($0) }' agent/control/methods_*.c)

# What a report is made of stands in its page.
for member in $(grep -ohE 'json_[a-z_]+\(([a-z_]+, )?"[a-z_]+"' agent/status/report_json.c agent/night/report_seal.c | sed -E 's/.*"(.*)"/\1/' | sort -u); do
	if ! grep -q "\`$member\`" docs/reports.md; then
		echo "a report's member '$member' has no place in docs/reports.md: say there what it means"
		bad=1
	fi
done
exit $bad
