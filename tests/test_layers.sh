#!/usr/bin/env bash
# A room knows only those below it, and nobody in a circle; third-party headers stay where they are meant to be.
#
#   tests/test_layers.sh BUILD     the folder of a build, whose object files tell who calls whom
set -euo pipefail
cd "$(dirname "$0")/.."

halls=(common manifests scheduler ledger updater rollback agent collector tools)
bad=0

# Floors, circles, and how much a folder holds.
tests/layers "$1" || bad=1

# header, and the only files that may include it
only() {
	local header=$1 pattern=$2
	while IFS=: read -r file line _; do
		[[ $file =~ $pattern ]] && continue
		echo "$file:$line: <$header> belongs to $pattern alone"
		bad=1
	done < <(grep -rnE "^#include <$header>" "${halls[@]}" --include='*.[ch]')
}
only 'curl/[a-z]+\.h' '^(updater/fetch/http[a-z_]*|tools/fleet/sender|collector/ledger/requests)\.c$'
only 'sqlite3\.h' '^(common/sqlite/sqlite_failure|agent/store/database|collector/store/database_sqlite)\.c$'
only 'libpq-fe\.h' '^collector/store/database_postgres\.c$'
only 'archive(_entry)?\.h' '^tools/repo/release/'
only 'microhttpd\.h' '^(tools/(server|witness|window/serve)|collector/http)/'
only 'ini\.h' '^common/ini\.c$'
only 'p11-kit/[a-z0-9-]+\.h' '^manifests/token/'

# What another account may exchange at the same moment is changed, walked and removed by common/fs and nowhere else: it works
# on descriptors and follows no link. Sockets lie in folders that are their program's alone; an export is its caller's own file.
by_name='\b(l?chmod|fchmodat2?|l?chown|fchownat|unlink(at)?|rmdir|mkdir(at)?|rename(at2?)?|f?opendir|fdopendir|n?ftw|fts_open|utimensat|l?utimes)\('
if grep -rnE "$by_name" "${halls[@]}" --include='*.[ch]' |
	grep -vE '^(common/(fs|fs_tree)\.c|agent/varlink/varlink\.c|common/web/listen\.c|tools/haishin/verbs/history/verb_history_file\.c|[^:]*:[0-9]+:[[:space:]]*(/?\*|//))'; then
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
