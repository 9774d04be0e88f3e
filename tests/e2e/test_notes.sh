#!/usr/bin/env bash
# What a release changes, by its vendor: from two files to whoever asks on a terminal.
. "$(dirname "$0")/lib.sh"

with_notes() {
	printf '\xef\xbb\xbf顔認証が速くなりました。\r\n暗い場所でも読み取ります。\r\n' >"$WORLD/ja.txt"
	printf 'Faces are recognised faster.\n\tIn the dark, too.\n' >"$WORLD/en.txt"
	start_haishin_server
	make_terminal
	publish_all 1.0.0
	boot_terminal
	download_now 0 ""
	restart_terminal
	release face-library 2.0.0 --notes "ja=$WORLD/ja.txt" --notes "en=$WORLD/en.txt"
	repo catalog set face-library=2.0.0
	repo publish
	download_now 0 ""
}

test_staff_read_what_is_new_before_they_restart() {
	with_notes
	expect 0 "face-library 2.0.0: Faces are recognised faster." haishin status
	LC_ALL=C.UTF-8 LANGUAGE=ja "$ROOT/programs/haishin" --root "$ROOT" status >"$WORLD/status.txt"
	grep -q "顔認証が速くなりました。" "$WORLD/status.txt" || fail "$(cat "$WORLD/status.txt")"
	expect 0 " In the dark, too." haishin notes face-library
	expect 0 "Faces are recognised faster." haishin notes face-library 2.0.0
	expect 3 "" haishin notes face-library 1.0.0
	expect 3 "" haishin notes face-library 7.0.0
	expect 3 "" haishin notes nothing-of-ours
	expect 2 "" haishin notes face-library ../../2.0.0
	haishin --json notes face-library | jq -e '(.notes | keys) == ["en", "ja"] and (.digest | length) == 64' >/dev/null ||
		fail "$(haishin --json notes face-library)"
	grep -q '^face-library staged 2.0.0-.* 顔認証が速くなりました。$' "$ROOT/run/haishin/restart-due" ||
		fail "$(cat "$ROOT/run/haishin/restart-due")"
	haishin --json history | jq -e '[.rows[] | select(.operation == "notes" and .version == "2.0.0")] | length == 1' >/dev/null ||
		fail "the history does not tell of it"
	restart_terminal
	haishin --json status | jq -e '.packages[] | select(.name == "face-library") | .notes.en == "Faces are recognised faster."' \
		>/dev/null || fail "$(haishin --json status)"
}

test_what_would_act_on_a_screen_is_refused_with_file_and_line() {
	mkdir -p "$WORLD/in"
	echo x >"$WORLD/in/file"
	printf 'fine\nnot \033[2J fine\n' >"$WORLD/bad.txt"
	printf '\x8a\xe7\n' >"$WORLD/sjis.txt"
	head -c 20000 /dev/zero | tr '\0' a >"$WORLD/long.txt"
	local pack=("$PROGRAMS/haishin-repo" pack "$WORLD/in" --package face-library --version 1.0 --output "$WORLD/packed")
	expect 1 "bad.txt: notes: en: line 2 holds" "${pack[@]}" --notes "en=$WORLD/bad.txt" --notes "ja=$WORLD/sjis.txt"
	expect 1 "sjis.txt: notes: ja: line 1 holds" "${pack[@]}" --notes "en=$WORLD/bad.txt" --notes "ja=$WORLD/sjis.txt"
	expect 1 "long.txt" "${pack[@]}" --notes "en=$WORLD/long.txt"
	expect 2 "LANGUAGE=FILE" "${pack[@]}" --notes "$WORLD/bad.txt"
	expect 3 "none.txt" "${pack[@]}" --notes "en=$WORLD/none.txt"
	[ ! -e "$WORLD/packed/face-library-1.0.json" ] || fail "it was packed"
}

run_tests
