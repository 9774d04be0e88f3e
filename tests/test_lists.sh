#!/usr/bin/env bash
# Whatever stands in one of the lists that grow has its page and its test. (That each sentence has its Japanese is what
# tools/haishin/test_haishin_languages checks; what else an entry lacks, the compiler tells.)
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0

# names LIST ROW: the first text of each ROW(...) in the list; where a row is one word, that word as people write it.
names() {
	sed -nE "/^[[:space:]]*#/d; s/^[[:space:]]*$2\\([^\"]*\"([^\"]*)\".*/\\1/p; t
		s/^[[:space:]]*$2\\((\w+)\).*/\\1/; T; s/_/-/g; p" "$1"
}

# The methods of the control socket are written without a stroke: GetStatus.
spelled() {
	if [ "$1" = METHOD ]; then sed -E 's/(^|-)([a-z])/\U\2/g'; else cat; fi
}

# holds LIST ROW PAGE TEST...: each name stands in the page as `name` or behind a program's name, and in one of the tests.
holds() {
	local list=$1 row=$2 page=$3 name upper count=0
	shift 3
	for name in $(names "$list" "$row" | spelled "$row"); do
		count=$((count + 1))
		if ! grep -qE -- "(\`|haishin[a-z-]* )$name(\`| |\$)" "$page"; then
			echo "$list: '$name' has no place in $page: say there what it means"
			bad=1
		fi
		upper=$(tr a-z- A-Z_ <<<"$name")
		if [ $# -gt 0 ] && ! grep -qE -- "[\" ]$name([\" ]|\$)|[A-Z]_$upper\>" "$@"; then
			echo "$list: '$name' has no test in $1 or its like"
			bad=1
		fi
	done
	if [ "$count" -lt 2 ]; then
		echo "$list: no row $row(...) was found"
		bad=1
	fi
}

holds agent/status/explain_gates.h GATE docs/cli.md tests/agent/status/situations/*.c
holds tools/repo/commands/commands.h COMMAND docs/publishing.md tests/tools/*/*.* tests/e2e/*
holds tools/haishin/verbs/verbs.h VERB docs/cli.md tests/tools/haishin/test_haishin*.c tests/e2e/*
holds agent/control/method.h METHOD docs/control-protocol.md # test_methods calls each
holds common/error_codes.h CODE docs/cli.md
holds agent/base/doctor_lists.h HOP docs/cli.md
holds agent/base/doctor_lists.h FINDING docs/cli.md tests/agent/status/situations/*.c tests/agent/night/test_doctor.c tests/e2e/*
holds common/words/status_reasons.h REASON docs/control-protocol.md tests/agent/*/*.c tests/agent/status/situations/*.c tests/tools/haishin/*.c tests/e2e/*
holds common/words/status_words.h VERDICT docs/control-protocol.md
holds common/words/status_words.h STATE docs/control-protocol.md tests/agent/status/*.c
holds common/words/status_words.h DELIVERY docs/store.md tests/agent/store/*.c
holds collector/oversight/last_words.h CAUSE docs/collector.md tests/collector/*.c
holds common/words/machine_faults.h FAULT docs/cli.md tests/agent/status/situations/*.c tests/agent/machine/*.c tests/agent/night/test_doctor.c
holds agent/rights/change_kind.h CHANGE docs/control-protocol.md
holds agent/base/job_kind.h KIND docs/control-protocol.md
holds agent/store/history_operations.h OPERATION docs/store.md
holds common/words/identity_changes.h CHANGE docs/control-protocol.md tests/agent/proof/*.c

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

# What a report is made of stands in its page.
for member in $(grep -ohE 'json_[a-z_]+\("[a-z_]+"' agent/status/report_json.c agent/night/report_seal.c | sed -E 's/.*"(.*)"/\1/' | sort -u); do
	if ! grep -q "\`$member\`" docs/reports.md; then
		echo "a report's member '$member' has no place in docs/reports.md: say there what it means"
		bad=1
	fi
done
exit $bad
