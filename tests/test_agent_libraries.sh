#!/usr/bin/env bash
# The agent loads no library but those that it needs to decide, verify and record: what the window, its notices and rights ask for (the bus, the
# web server, the network) stays in programs of their own. Who adds one here says why in docs/architecture.md.
#
#   PROGRAMS=folder-of-the-programs tests/test_agent_libraries.sh
set -euo pipefail
KNOWN='libc libcrypto libinih libjansson liblzma libsqlite3 libz libzstd'

needed=$(readelf -d "$PROGRAMS/haishind" | sed -nE 's/.*\(NEEDED\).*\[([a-z0-9_+-]+)\.so.*/\1/p')
grep -qx libc <<<"$needed" || { echo "haishind: readelf tells of no library: $needed" >&2; exit 1; }
# Of the compiler, where the build looks for mistakes.
foreign=$(grep -vxE "lib(asan|ubsan|gcov|gcc_s|m)|ld-linux.*" <<<"$needed" | grep -vxF -f <(tr ' ' '\n' <<<"$KNOWN") || true)
[ -z "$foreign" ] || { echo "haishind has come to need ${foreign//$'\n'/ }" >&2; exit 1; }
