#!/usr/bin/env bash
# Every header compiles alone.
set -euo pipefail
cd "$(dirname "$0")/.."

bad=0
read -ra flags <<<"$(pkg-config --cflags p11-kit-1)"
for header in $(git ls-files "*.h"); do
	[ -e "$header" ] || continue
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DHAISHIN_VERSION='"0"' -Wall -Wextra -I. "${flags[@]}" -fsyntax-only \
		-include "$header" -x c /dev/null || bad=1
done
exit $bad
