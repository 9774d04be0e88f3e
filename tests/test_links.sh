#!/usr/bin/env bash
# A program needs no library that has no business in it: what waits on every terminal knows nothing of the network, and
# what runs at boot nothing but the C library.
set -euo pipefail
programs=$1
bad=0

# may_not PROGRAM LIBRARY...
may_not() {
	local program=$1 library
	shift
	for library in "$@"; do
		grep -q "(NEEDED).*\[$library\." <(readelf -d "$programs/$program") || continue
		echo "$program needs $library"
		bad=1
	done
}
may_not haishind libp11-kit libcurl libssl libarchive libmicrohttpd libseccomp libdivsufsort
may_not haishin-guard libp11-kit libcurl libssl libcrypto libjansson libsqlite3 libarchive libzstd liblzma
may_not haishin-notify libcurl libssl libsqlite3 libarchive libzstd liblzma libpq libmicrohttpd libgnutls
may_not haishin-window libcurl libssl libsqlite3 libarchive libzstd liblzma libpq
may_not haishin libcurl libssl libsqlite3 libzstd liblzma
may_not haishin-audit libcurl libssl libsqlite3 libmicrohttpd libgnutls libarchive libzstd liblzma libpq
may_not haishin-witness libcurl libssl libarchive libzstd liblzma libpq
may_not haishin-fetch libp11-kit libsqlite3 libarchive libzstd liblzma
exit $bad
