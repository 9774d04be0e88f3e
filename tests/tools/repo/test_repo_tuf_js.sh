#!/usr/bin/env bash
# A repository of ours, served by haishin-server, seen by a client that others wrote: tuf-js of npm. It is installed into a
# cache outside the tree. Where there is no npm, nothing is tested; under CI=true that is a failure.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

version=3.0.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/haishin/tuf-js-$version

not_here() {
	echo "$1: the independent client was not asked" >&2
	[ "${CI:-}" = true ] && exit 1
	exit 0
}

install_tuf_js() {
	[ -d "$cache/node_modules/tuf-js" ] && return
	mkdir -p "$cache"
	npm install --prefix "$cache" --no-audit --no-fund --ignore-scripts "tuf-js@$version" >"$cache/npm.log" 2>&1 ||
		not_here "npm could not install tuf-js $version (see $cache/npm.log)"
}

command -v npm >/dev/null && command -v node >/dev/null || not_here "node and npm are not installed"
install_tuf_js

# Serves pub/repository; sets url and server.
serve() {
	"$HAISHIN_BIN/haishin-server" --root pub/repository --listen 127.0.0.1:0 --port-file port --insecure-http >server.log 2>&1 &
	server=$!
	trap 'kill $server; wait $server || true' EXIT
	until [ -s port ]; do kill -0 $server && sleep 0.05; done
	url=http://127.0.0.1:$(cat port)
}

tuf_js() {
	mkdir -p js/metadata js/targets
	[ -f js/metadata/root.json ] || cp pub/repository/metadata/1.root.json js/metadata/root.json
	node "$here/tuf_js_client.mjs" "$cache" "$PWD/js/metadata" "$url/metadata" "$PWD/js/targets" "$url/targets" "$@"
}

same_as_packed() {
	cmp "packed/${1##*/}" "js/targets/${1//\//%2F}"
}

test_an_independent_client_accepts_a_repository_of_ours() {
	small_repository
	quietly "$repo" delegate reader-app/acme --repo pub --keys keys --unencrypted
	release reader-app/acme 1.2.3
	quietly "$repo" publish --repo pub --keys keys
	serve
	quietly tuf_js catalog.json face-library/face-library-5.0.2.json face-library/face-library-5.0.2.tar.zst \
		reader-app/acme/reader-app-acme-1.2.3.tar.zst
	same_as_packed face-library/face-library-5.0.2.json
	same_as_packed face-library/face-library-5.0.2.tar.zst
	same_as_packed reader-app/acme/reader-app-acme-1.2.3.tar.zst
	refuses 1 "no target of this name" tuf_js face-library/face-library-9.9.json
}

test_an_independent_client_follows_new_versions_and_rotations_of_every_role() {
	small_repository
	serve
	quietly tuf_js catalog.json
	local role kind
	for role in root:rsa timestamp:ecdsa snapshot:rsa targets:ecdsa operator:ecdsa face-library:rsa; do
		kind=${role#*:} role=${role%:*}
		quietly "$repo" key new "new-$role" --kind "$kind" --keys keys --unencrypted
		quietly "$repo" rotate "$role" --add "keys/new-$role.pub.json" --repo pub --keys keys \
			--remove "keys/$([ "$role" = root ] && echo root-1 || echo "$role").pub.json"
		quietly "$repo" publish --repo pub --keys keys
		quietly tuf_js catalog.json face-library/face-library-5.0.2.json
	done
	release face-library 5.1.0
	quietly "$repo" catalog set face-library=5.1.0 --repo pub --keys keys
	quietly "$repo" publish --repo pub --keys keys
	quietly tuf_js face-library/face-library-5.1.0.tar.zst
	same_as_packed face-library/face-library-5.1.0.tar.zst
}

test_an_independent_client_refuses_what_ours_refuses() {
	small_repository
	serve
	quietly tuf_js catalog.json
	mv pub/repository/metadata/timestamp.json former.json
	quietly "$repo" init --repo other --keys other-keys --unencrypted
	cp other/repository/metadata/timestamp.json pub/repository/metadata/
	refuses 1 "tuf-js: " tuf_js catalog.json
	refuses 7 "wrong key" "$repo" verify --repo pub
}

run_tests "$@"
