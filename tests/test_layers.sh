#!/usr/bin/env bash
# A folder includes only from itself and from those below it; third-party headers stay where they are meant to be.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A may=(
	[common]="common"
	[manifests]="common manifests"
	[scheduler]="common manifests scheduler"
	[ledger]="common manifests ledger"
	[updater]="common manifests updater"
	[rollback]="common manifests rollback"
	[agent]="common manifests scheduler ledger updater rollback agent"
	[collector]="common manifests ledger collector"
	[tools]="common manifests scheduler ledger updater rollback agent tools"
)
bad=0

for folder in "${!may[@]}"; do
	while IFS=: read -r file line include; do
		from=${include#*\"}
		from=${from%%/*}
		[[ " ${may[$folder]} " == *" $from "* ]] && continue
		echo "$file:$line: $folder/ may not include from $from/"
		bad=1
	done < <(grep -rnE '^#include "' "$folder" --include='*.[ch]')
done

# header, and the only files that may include it
only() {
	local header=$1 pattern=$2
	while IFS=: read -r file line _; do
		[[ $file =~ $pattern ]] && continue
		echo "$file:$line: <$header> belongs to $pattern alone"
		bad=1
	done < <(grep -rnE "^#include <$header>" "${!may[@]}" --include='*.[ch]')
}
only 'curl/[a-z]+\.h' '^updater/fetch/http[a-z_]*\.c$'
only 'sqlite3\.h' '^(agent/store/(store|store_schema|database)|collector/store/database_sqlite)\.c$'
only 'libpq-fe\.h' '^collector/store/database_postgres\.c$'
only 'archive(_entry)?\.h' '^tools/repo/release/'
only 'microhttpd\.h' '^(tools/(server|witness)|collector/http)/'
only 'ini\.h' '^common/ini\.c$'

# What another account may exchange at the same moment is changed, walked and removed by common/fs and nowhere else: it works
# on descriptors and follows no link. Sockets lie in folders that are their program's alone; an export is its caller's own file.
by_name='\b(l?chmod|fchmodat2?|l?chown|fchownat|unlink(at)?|rmdir|mkdir(at)?|rename(at2?)?|f?opendir|fdopendir|n?ftw|fts_open|utimensat|l?utimes)\('
if grep -rnE "$by_name" "${!may[@]}" --include='*.[ch]' |
	grep -vE '^(common/(fs|fs_tree)\.c|agent/control/varlink\.c|common/web/listen\.c|tools/haishin/verbs/verb_history_file\.c|[^:]*:[0-9]+:[[:space:]]*(/?\*|//))'; then
	echo "paths are changed and walked through common/fs.h alone"
	bad=1
fi

# The ledger knows keys, not updates.
if grep -rnE '^#include "manifests/' ledger --include='*.[ch]' | grep -vE '"manifests/(base|keys)/'; then
	echo "ledger/ may include manifests/base/ and manifests/keys/ alone"
	bad=1
fi

# The guard's folder stays free of JSON, cryptography and archives.
if grep -rnE '#include <(jansson|openssl/|archive|curl/)|#include "common/(json|digest)\.h"' rollback --include='*.[ch]' |
	grep -v '^rollback/health\.'; then
	echo "rollback/ must do without these"
	bad=1
fi
exit $bad
