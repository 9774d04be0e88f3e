#!/usr/bin/env bash
# haishin-repo pack, from outside.
# shellcheck source=tests/tools/repo/repo_lib.sh
. "$(dirname "$0")/repo_lib.sh"

pack_in() {
	"$repo" pack "$1" --package face-library --version 5.1.0 --level 1 --output packed "${@:2}"
}

# part FILE OFFSET LENGTH
part() {
	dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" bs=65536 status=none
}

nothing_is_left() {
	[ -z "$(ls -A packed 2>/dev/null)" ] || fail "something is left: $(ls -A packed)"
}

test_same_input_gives_the_same_bytes() {
	package_folder a "one"
	package_folder b "one"
	touch -d 2001-02-03 b/share/content
	chmod 600 b/share/content
	chmod 700 b/bin b/bin/self-test
	quietly "$repo" pack a --package face-library --version 5.1.0 --output packed-a
	quietly "$repo" pack b --package face-library --version 5.1.0 --output packed-b
	cmp packed-a/face-library-5.1.0.tar.zst packed-b/face-library-5.1.0.tar.zst
	cmp packed-a/face-library-5.1.0.json packed-b/face-library-5.1.0.json
}

test_zstd_and_tar_read_the_payload() {
	package_folder in "one"
	ln -s ../bin/self-test in/share/link
	: >in/empty
	echo x >"in/share/顔認証ライブラリ.txt"
	echo y >"in/share/$(printf 'n%.0s' $(seq 1 180))"
	quietly pack_in in
	mkdir out
	zstd -dqc packed/face-library-5.1.0.tar.zst | tar x -C out
	diff -r --no-dereference in out
}

test_the_release_says_where_each_file_is() {
	package_folder in "one"
	head -c 9000000 /dev/urandom >in/share/large
	quietly pack_in in
	zstd -dqc packed/face-library-5.1.0.tar.zst >tar
	jq -r '.files[] | select(.size > 0) | "\(.tar_offset) \(.size) \(.sha256) \(.path)"' packed/face-library-5.1.0.json >table
	[ "$(wc -l <table)" = 4 ]
	while read -r offset size sha256 path; do
		[ "$(part tar "$offset" "$size" | sha256sum | cut -d' ' -f1)" = "$sha256" ] || fail "$path"
	done <table
}

test_frames_stand_alone_and_add_up() {
	package_folder in "one"
	head -c 9000000 /dev/urandom >in/share/large
	quietly pack_in in
	[ "$(jq '.payload.frames | length' packed/face-library-5.1.0.json)" -ge 3 ]
	jq -r '.payload.frames[] | "\(.offset) \(.length) \(.sha256) \(.tar_length)"' packed/face-library-5.1.0.json |
		while read -r offset length sha256 tar_length; do
			part packed/face-library-5.1.0.tar.zst "$offset" "$length" >frame
			[ "$(sha256sum <frame | cut -d' ' -f1)" = "$sha256" ]
			[ "$(zstd -dqc frame | wc -c)" = "$tar_length" ]
			[ "$tar_length" -le 16777216 ]
		done
}

test_an_archive_gives_what_its_folder_gives() {
	package_folder in "one"
	ln -s bin/self-test in/newest
	quietly pack_in in
	mv packed packed-folder
	tar c -C in . | gzip >in.tar.gz
	quietly pack_in in.tar.gz
	cmp packed/face-library-5.1.0.tar.zst packed-folder/face-library-5.1.0.tar.zst
	rm -r packed
	tar c in >in.tar
	quietly pack_in - --strip 1 <in.tar
	cmp packed/face-library-5.1.0.json packed-folder/face-library-5.1.0.json
}

test_hard_links_in_an_archive_become_files() {
	package_folder in "one"
	ln in/share/content in/share/same
	tar cf in.tar -C in .
	quietly pack_in in.tar
	[ "$(jq '[.files[] | select(.size == 4) | .sha256] | unique | length' packed/face-library-5.1.0.json)" = 1 ]
	[ "$(jq '[.files[] | select(.size == 4)] | length' packed/face-library-5.1.0.json)" = 2 ]
}

test_options_of_a_release_reach_its_json() {
	package_folder in "one"
	quietly pack_in in --requires distro-app=2.0.0 --requires linkage-app=1.1 --passes-through 2.1.0 \
		--self-test "bin/self-test --quick" --self-test-timeout 9 \
		--migrate "bin/self-test --migrate" --migrate-timeout 20 --health-unit face.service --health-retries 3 --settle 60
	jq -e '.requires == {"distro-app": "2.0.0", "linkage-app": "1.1"} and .passes_through == "2.1.0" and
		.self_test.argv == ["bin/self-test", "--quick"] and .self_test.timeout_s == 9 and
		.migrate.argv == ["bin/self-test", "--migrate"] and .migrate.timeout_s == 20 and
		.health.unit == "face.service" and .health.retries == 3 and .health.settle_s == 60' packed/face-library-5.1.0.json >/dev/null
}

test_refuses_what_no_terminal_may_get() {
	local name
	for name in setuid pipe absolute leaving reserved case; do
		package_folder "$name" "one"
	done
	chmod 4755 setuid/bin/self-test
	mkfifo pipe/share/pipe
	ln -s /etc/passwd absolute/share/link
	ln -s ../../passwd leaving/share/link
	: >reserved/share/con.txt
	: >case/share/CONTENT
	refuses 1 "'bin/self-test' is setuid or setgid" pack_in setuid
	refuses 1 "'share/pipe' is a device, pipe or socket" pack_in pipe
	refuses 1 "link 'share/link' points to '/etc/passwd', which is absolute" pack_in absolute
	refuses 1 "which leaves the release's folder" pack_in leaving
	refuses 1 "of 'con.txt', Windows reserves this name" pack_in reserved
	refuses 1 "'share/CONTENT' and 'share/content' are the same or differ only by case" pack_in case
	nothing_is_left
}

test_names_all_that_is_wrong_at_once() {
	package_folder in "one"
	chmod 4755 in/bin/self-test
	mkfifo in/share/pipe
	ln -s /etc/passwd in/share/link
	: >in/share/con.txt
	refuses 1 "4 things in it cannot be delivered" pack_in in
	for text in "'bin/self-test' is setuid" "'share/pipe' is a device" "link 'share/link' points to '/etc/passwd'" "of 'con.txt'"; do
		grep -qF "$text" refused.log || fail "does not name $text: $(cat refused.log)"
	done
	nothing_is_left
}

# Whatever is in a name, it is told in one line that says what is wrong with it, and acts on no screen.
test_names_what_cannot_be_shown_in_one_line() {
	package_folder in "one"
	: >"in/share/$(printf 'two\nlines')"
	refuses 1 "path 'share/two?lines' cannot exist on every terminal" pack_in in
	grep -qF "it holds a control character" refused.log || fail "$(cat refused.log)"
	: >"in/share/$(printf 'red\033[31m')"
	: >"in/share/$(printf 'caf\351')"
	refuses 1 "3 things in it cannot be delivered" pack_in in
	grep -qF "path 'share/red?[31m' cannot exist" refused.log || fail "$(cat refused.log)"
	grep -qF "path 'share/caf?' cannot exist on every terminal: of 'caf?', it is not UTF-8" refused.log || fail "$(cat refused.log)"
	[ "$(wc -l <refused.log)" = 4 ] && ! grep -q "$(printf '\033')" refused.log || fail "$(cat -v refused.log)"
	nothing_is_left
}

test_refuses_a_folder_larger_than_it_may_be() {
	package_folder in "one"
	truncate -s 900G in/share/image
	refuses 1 "'share/image' alone 966367641600; if they are meant to, give --unpack-limit" pack_in in
	truncate -s 10T in/share/image
	refuses 1 "'share/image' has 10995116277760 bytes, more than any release may have" pack_in in
	truncate -s 6M in/share/image
	refuses 1 "--unpack-limit" pack_in in --unpack-limit 5M
	nothing_is_left
	quietly pack_in in --unpack-limit 8M
}

test_warns_of_links_to_nothing() {
	package_folder in "one"
	ln -s content in/share/whole
	ln -s 5.0/content in/share/gone
	ln -s around in/share/around
	pack_in in --json >result.json 2>warnings
	[ "$(grep -c "where the release has nothing" warnings)" = 2 ] || fail "$(cat warnings)"
	grep -qF "link 'share/gone' points to '5.0/content', where the release has nothing" warnings || fail "$(cat warnings)"
}

test_refuses_what_a_payload_would_lose() {
	local name
	for name in capability attribute acl; do
		package_folder "$name" "one"
	done
	setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 capability/bin/self-test
	setfattr -n user.mode -v unattended attribute/share
	setfacl -m u:nobody:r acl/share/content
	refuses 1 "'bin/self-test' has file capabilities" pack_in capability
	refuses 1 "'share' has the extended attribute user.mode" pack_in attribute
	refuses 1 "'share/content' has an access control list" pack_in acl
	for name in capability attribute acl; do
		tar c --xattrs --xattrs-include='*' --acls -C "$name" -f "$name.tar" .
	done
	refuses 1 "'bin/self-test' has file capabilities" pack_in capability.tar
	refuses 1 "'share' has the extended attribute user.mode" pack_in attribute.tar
	refuses 1 "'share/content' has an access control list" pack_in acl.tar
	nothing_is_left
}

test_follows_links_where_it_is_asked_to() {
	package_folder in "one"
	package_folder elsewhere "two"
	ln -s bin/self-test in/newest
	ln -s "$PWD/elsewhere/share" in/outside
	ln -s "$PWD/elsewhere/share/content" in/content
	ln -s nowhere/at/all "in/dangling"
	ln -s /nowhere in/lost
	refuses 1 "--follow-links packs what it points to" pack_in in
	says "link 'lost' points to '/nowhere', where this machine has nothing: it is left out" pack_in in --follow-links
	says "'content' is a link: what stands at '$PWD/elsewhere/share/content'" pack_in in --follow-links
	mkdir out
	zstd -dqc packed/face-library-5.1.0.tar.zst | tar x -C out
	[ "$(cat out/content out/outside/content)" = "$(printf 'two\ntwo')" ] || fail "what the links point to is not there"
	[ "$(readlink out/newest)" = bin/self-test ] || fail "a link that may be delivered did not stay one"
	[ ! -L out/lost ] || fail "a link that no terminal may get is there"
	[ "$(readlink out/dangling)" = nowhere/at/all ] || fail "a link within the folder did not stay one"
}

test_follows_no_link_of_an_archive_into_this_machine() {
	package_folder in "one"
	echo "nobody else's" >secret
	ln -s "$PWD/secret" in/settings
	tar cf in.tar -C in .
	refuses 2 "a link of an archive would lead into this machine" pack_in in.tar --follow-links
	nothing_is_left
}

test_a_link_to_a_folder_above_itself_ends() {
	package_folder in "one"
	ln -s "$PWD/in" in/share/again
	refuses 1 "link 'share/again' points to a folder that it is in itself" pack_in in --follow-links
}

test_warns_of_scripts_that_will_hardly_start() {
	package_folder in "one"
	printf '#!/bin/sh\r\nexit 0\r\n' >in/bin/from-windows
	printf '#!/usr/bin/env python3\n' >in/bin/first
	printf '#!/usr/bin/env python3\n' >in/bin/second
	printf '#!/opt/jre/bin/java --source 17\n' >in/bin/third
	chmod 755 in/bin/*
	pack_in in --json >result.json 2>warnings
	grep -qF "warning: in: 'bin/from-windows' is a script whose lines end as Windows ends them" warnings || fail "$(cat warnings)"
	jq -r '.warnings[]' result.json >told
	[ "$(grep -c 'needs the interpreter' told)" = 2 ] || fail "$(cat told)"
	grep -q "needs the interpreter /opt/jre/bin/java on every terminal" told || fail "$(cat told)"
	printf '#!/bin/bash\n' >in/bin/first
	printf '#!/usr/bin/env node\n' >in/bin/second
	printf '#!/usr/bin/perl\n' >in/bin/third
	cp in/bin/self-test in/bin/node
	pack_in in --json >result.json 2>warnings
	jq -r '.warnings[]' result.json >told
	[ "$(grep -c interpreter told)" = 1 ] || fail "$(cat told)"
	grep -q "'bin/second' looks for the interpreter node on the terminal, not for the release's 'bin/node'" told || fail "$(cat told)"
}

test_refuses_a_check_that_cannot_start() {
	package_folder in "one"
	printf '#!/bin/sh\r\nexit 0\r\n' >in/bin/self-test
	refuses 1 "'bin/self-test' is a script whose lines end as Windows ends them" pack_in in --self-test bin/self-test
	says "warning" pack_in in
}

# An ELF file whose header says another machine; the kernel would say so, too.
for_machine() {
	cp "$(readlink -f /proc/self/exe)" "$1"
	printf "$2" | dd of="$1" bs=1 seek=18 conv=notrunc status=none
}

test_warns_of_programs_for_another_architecture() {
	package_folder in "one"
	for_machine in/bin/first '\x3e\x00'
	for_machine in/bin/second '\xb7\x00'
	says "'bin/first' is for amd64 and 'bin/second' for arm64" pack_in in
	says "'bin/second' is for arm64: terminals of amd64 cannot run it" pack_in in --architecture amd64
	! grep -q "bin/first' is for" refused.log || fail "$(cat refused.log)"
	refuses 1 "'bin/second' is for arm64: terminals of amd64 cannot run it" pack_in in --architecture amd64 --self-test bin/second
	refuses 2 "--architecture 'x86' is none of amd64, arm64" pack_in in --architecture x86
}

test_warns_once_of_a_library_that_is_not_everywhere() {
	package_folder in "one"
	cp "$(command -v jq)" in/bin/first
	cp "$(command -v jq)" in/bin/second
	pack_in in --json >result.json 2>warnings
	[ "$(grep -c "needs libjq.so.1 on every terminal, which the release does not bring" warnings)" = 1 ] || fail "$(cat warnings)"
	! grep -q "libc.so.6\|ld-linux" warnings || fail "$(cat warnings)"
	mkdir in/lib
	cp -L "$(ldd "$(command -v jq)" | awk '$1 == "libjq.so.1" { print $3 }')" in/lib/libjq.so.1
	pack_in in --json >result.json 2>warnings
	! grep -q "libjq.so.1 on every" warnings || fail "$(cat warnings)"
}

# Damaged, cut and strange ones are looked into no further.
test_a_damaged_program_is_packed_as_it_is() {
	package_folder in "one"
	local at
	for at in 4 16 28 32 40 54 56 64 72 200 800 2000; do
		head -c 200000 "$(command -v jq)" >"in/bin/cut-$at"
		printf '\xff\xff\xff\xff\xff\xff\xff\xff' | dd of="in/bin/cut-$at" bs=1 seek="$at" conv=notrunc status=none
		head -c "$at" "$(command -v jq)" >"in/bin/short-$at"
	done
	quietly pack_in in
}

test_refuses_archives_that_leave_their_folder() {
	echo evil >evil
	tar cPf up.tar ../test_refuses_archives_that_leave_their_folder/evil
	tar cPf absolute.tar "$PWD/evil"
	mkdir through
	ln -s /tmp through/link
	tar cf through.tar -C through link
	rm through/link
	mkdir through/link
	echo evil >through/link/evil
	tar rf through.tar -C through link/evil
	refuses 1 "would leave the release's folder" pack_in up.tar
	refuses 1 "is absolute" pack_in absolute.tar
	refuses 1 "through a link or a file" pack_in through.tar
	nothing_is_left
}

# Folders as a killed run of the same process number, or somebody else, may leave them where packages are written.
test_what_lies_in_the_way_goes_into_no_release() {
	package_folder in "one"
	tar c -C in . >in.tar
	mkdir packed
	# shellcheck disable=SC2016 # for the shell whose process number pack gets
	quietly bash -c 'for stem in pack delta-from delta-to; do mkdir -p "packed/.haishin-$stem.$$" && echo x >"packed/.haishin-$stem.$$/foreign"; done
		exec "$0" pack in.tar --package face-library --version 5.1.0 --level 1 --output packed' "$repo"
	[ "$(jq -r '.files[].path' packed/face-library-5.1.0.json | grep -c foreign)" = 0 ] || fail "a foreign file is in the release"
	[ "$(find packed -name foreign | wc -l)" = 3 ] || fail "what is not ours was removed"
}

test_refuses_a_folder_that_somebody_else_writes_to() {
	package_folder in "one"
	local folder
	tar c -C in . >in.tar
	mkdir packed
	{
		head -c 10240 in.tar
		until folder=$(find packed -maxdepth 1 -name '.haishin-pack.*') && [ "$folder" ]; do sleep 0.01; done
		echo x >"$folder/planted"
		tail -c +10241 in.tar
	} | refuses 7 "'planted' is not in the archive" pack_in -
	nothing_is_left
}

test_an_archive_unpacks_to_no_more_than_it_may() {
	package_folder in "one"
	head -c 3000000 /dev/zero >in/share/zeros
	ln in/share/zeros in/share/again
	tar cz -C in . >in.tar.gz
	refuses 1 "--unpack-limit" pack_in in.tar.gz --unpack-limit 5M
	nothing_is_left
	refuses 1 "--unpack-limit: " pack_in in.tar.gz --unpack-limit much
	quietly pack_in in.tar.gz --unpack-limit 8M
}

test_refuses_a_damaged_archive() {
	package_folder in "one"
	tar czf in.tar.gz -C in .
	head -c 20000 in.tar.gz >cut.tar.gz
	echo "this is no archive" >text
	refuses 1 "cut.tar.gz: " pack_in cut.tar.gz
	refuses 1 "text: " pack_in text
	refuses 3 "cannot open 'nowhere'" pack_in nowhere
	nothing_is_left
}

test_a_distro_app_without_the_agent_is_refused() {
	package_folder in "one"
	refuses 1 "'bin/haishind' is not among its files" "$repo" pack in --package distro-app --version 1.0 --output packed
	echo "no program" >in/bin/haishind
	refuses 1 "'bin/haishind' is not a program" "$repo" pack in --package distro-app --version 1.0 --output packed
	nothing_is_left
	chmod 755 in/bin/haishind
	agent_is_refused "'bin/haishind' is neither a program nor a script that begins with #!"
	: >in/bin/haishind
	agent_is_refused "'bin/haishind' is neither a program nor a script that begins with #!"
	printf '#!/bin/sh\r\nexit 0\r\n' >in/bin/haishind
	agent_is_refused "'bin/haishind' is a script whose lines end as Windows ends them"
	rm in/bin/haishind && mkdir in/bin/haishind
	agent_is_refused "'bin/haishind' is a folder; name a program in it"
	rmdir in/bin/haishind && ln -s ../share/haishind in/bin/haishind
	agent_is_refused "'bin/haishind' is not among its files, or a link that leads to none of them"
	mkfifo in/share/haishind
	agent_is_refused "'share/haishind' is a device, pipe or socket"
	rm in/share/haishind && for_machine in/share/haishind '\xb7\x00' && chmod 755 in/share/haishind
	agent_is_refused "'share/haishind' is for arm64: terminals of amd64 cannot run it" --architecture amd64
	quietly "$repo" pack in --package distro-app --version 1.0 --architecture arm64 --output packed
	rm in/share/haishind && printf '#!/bin/sh\nexec true\n' >in/share/haishind && chmod 755 in/share/haishind
	quietly "$repo" pack in --package distro-app --version 1.0 --output packed
}

agent_is_refused() {
	refuses 1 "$1" "$repo" pack in --package distro-app --version 1.0 "${@:2}" --output packed
	nothing_is_left
}

test_what_terminals_run_is_a_program() {
	package_folder in "one"
	echo "exit 0" >in/bin/plain
	chmod 755 in/bin/plain
	ln -s plain in/bin/link
	refuses 1 "'bin/plain' is neither a program nor a script" pack_in in --self-test bin/link
	refuses 1 "'bin/plain' is neither a program nor a script" pack_in in --health bin/plain
	refuses 1 "'bin/plain' is neither a program nor a script" pack_in in --migrate bin/plain
	quietly pack_in in
}

test_names_what_is_wrong_on_the_command_line() {
	package_folder in "one"
	refuses 2 "--package is missing" "$repo" pack in --version 1
	refuses 1 "is not a version" "$repo" pack in --package a --version 1-rc
	refuses 1 "package name 'A'" "$repo" pack in --package A --version 1
	refuses 2 "there is no option '--verison'" "$repo" pack in --verison 1
	refuses 2 "--version needs a value" "$repo" pack in --version
	refuses 2 "the folder or archive is missing" "$repo" pack --package a --version 1
	refuses 1 "'bin/none' is not among its files" pack_in in --self-test bin/none
	refuses 1 "'share/content' is not a program" pack_in in --health share/content
	refuses 2 "exclude each other" pack_in in --health bin/self-test --health-unit a.service
	refuses 2 "there is no command" "$repo" bake
}

test_every_command_has_a_help_text() {
	local name
	for name in $("$repo" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | grep -v '^haishin'); do
		grep -q "^haishin-repo $name" <("$repo" "$name" --help) || fail "$name"
	done
}


run_tests "$@"
