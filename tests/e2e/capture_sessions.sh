#!/usr/bin/env bash
# Writes docs/ja/sessions.md on standard output: what a terminal of 80 columns shows, in Japanese, captured from the real
# programs. To make it anew: PROGRAMS=build/dev/bin tests/e2e/capture_sessions.sh >docs/ja/sessions.md
#
# libfaketime makes a semaphore below /dev/shm for each process, named after its number. One that a killed process of the same
# number left behind ends a process that cannot open its parent's either, such as a self-test, which runs as another user.
# And localhost may have a second address, where no server listens, on one machine and not on the next.
# shellcheck disable=SC2016 # it is expanded by the inner shell
[ "${1:-}" = with-mounts-of-its-own ] ||
	exec unshare --mount bash -c 'mount -t tmpfs none /dev/shm && echo "127.0.0.1 localhost" >/dev/shm/hosts &&
		mount --bind /dev/shm/hosts /etc/hosts && exec "$0" with-mounts-of-its-own' "$0"

. "$(dirname "$0")/lib.sh"
PROGRAMS=$(cd "$PROGRAMS" && pwd)
export ASAN_OPTIONS=${ASAN_OPTIONS:-verify_asan_link_order=0} LC_ALL=C.UTF-8

# Certificates that need no renewal within the story.
eval "$(declare -f make_pki | sed 's/ 30\b/ 400/g')"

# ---- The clock: one for all programs, ours and others. It stands still until it is set, so that each capture is the same ----

set_clock() {
	date -d "TZ=\"Asia/Tokyo\" $1" '+%Y-%m-%d %H:%M:%S' >"$WORLD/clock.new"
	mv "$WORLD/clock.new" "$WORLD/clock"
}

begin_clock() {
	export TZ=Asia/Tokyo
	set_clock "$1"
	export FAKETIME_TIMESTAMP_FILE=$WORLD/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
	LD_PRELOAD=$(find /usr/lib -name libfaketime.so.1 -print -quit)
	export LD_PRELOAD
}

# ---- What is shown ----

# Breaks lines as a terminal of 80 columns does: what is not ASCII takes two.
wrap() {
	local line part width i
	while IFS= read -r line; do
		part="" width=0
		for ((i = 0; i < ${#line}; i++)); do
			local character=${line:i:1} columns=2
			[[ $character > "~" ]] || columns=1
			if ((width + columns > 80)); then
				printf "%s\n" "$part"
				part="" width=0
			fi
			part+=$character width=$((width + columns))
		done
		printf "%s\n" "$part"
	done
}

# What the terminal shows in the end: not what was drawn over, no colours, and not where the test lives. Its leader waits until that has
# been read: when a leader ends, the terminal throws away what has not.
at_terminal() {
	local shown script
	coproc script -qefc "stty cols 80 rows 24; LANGUAGE= LC_ALL= LC_MESSAGES= LANG=ja_JP.UTF-8 '$PROGRAMS/haishin' --root '$ROOT' $1
		printf '\\032'; read -r _" /dev/null
	script=$COPROC_PID
	IFS= read -rd $'\032' shown <&"${COPROC[0]}"
	echo >&"${COPROC[1]}"
	wait "$script" || true
	printf '%s' "$shown" |
		sed -e 's/\r*$//' -e 's/.*\r//' -e 's/\x1b\[[0-9;?]*[A-Za-z]//g' -e "s|$ROOT||g" -e 's/ *$//' | wrap
}

# session ARGUMENTS...: each is what is typed behind "haishin".
session() {
	local arguments
	echo
	echo '```'
	for arguments; do
		echo "\$ haishin $arguments"
		at_terminal "$arguments"
	done
	echo '```'
}

say() {
	echo
	echo "$*"
}

# ---- The story ----

begin() {
	start_haishin_server
	publish_all 1.0.0
	repo campaign add 150 --first 2026-01-19 --last 2026-01-30 --window 20:00-05:00 --title "2026 年 1 月のバージョンアップ"
	repo publish
	WINDOW= make_terminal "[environment verification]" "url = https://verification.example.jp" "trusted_root = /usr/share/haishin/verification.json"
	boot_terminal
	download_now 0 "" >&2
	restart_terminal
	expect_up_to_date
	set_clock "2026-01-19 18:00"
}

# Each has its verdict, and the clock brings no second attempt: what is not well now never will be.
expect_up_to_date() {
	wait_until "nothing is on trial" no_trial_is_left
	haishin --json status | jq -e '.verdict == "up-to-date"' >/dev/null || fail "not all is well: $(haishin status)"
}

no_trial_is_left() {
	haishin --json status | jq -e '.job == null and all(.packages[]; .state != "trial")'
}

# The working day of a clinic, from one evening to the next.
story() {
	cat <<-'TEXT'
		# 画面の例

		端末 (80 桁) で `haishin` が実際に表示したものです。画面は `tests/e2e/capture_sessions.sh` で作り直せます。テストが、いまの
		プログラムの表示と同じであること (日時・ダイジェストなどを除く) を確かめています。意味は[手引き](staff-guide.md)をご覧ください。

		## いまの状態を見る
	TEXT
	say "すべて新しいとき:"
	session status
	say "それぞれのパッケージが、なぜ配信される (されない) のか:"
	session "explain face-library"

	printf '\n## 今すぐダウンロード\n'
	release face-library 2.0.0
	release linkage-app 2.0.0
	repo catalog set face-library=2.0.0 linkage-app=2.0.0
	repo publish
	say "新しいバージョンがあるか確かめてから、ダウンロードします。"
	session check status download-now
	say "もう一度押すときは、1 分以上あけます。"
	session download-now
	say "準備ができると、再起動の案内が出ます。"
	session status
	set_clock "2026-01-19 18:20"
	restart_terminal
	expect_up_to_date
	say "端末を再起動したあと:"
	session status

	printf '\n## 配信実績の確認\n'
	session "history --package face-library" "history verify"

	printf '\n## 完了報告\n'
	session "report --name やまだ医院 --telephone 05020173758"

	printf '\n## 配信を止める、再開する\n'
	session "disable --until 2026-01-31 --why レセプト期間のため" status download-now enable
	say "1 つのパッケージだけを、いまのバージョンのままにすることもできます。"
	session "hold linkage-app --why 連携先の確認が終わるまで" "explain linkage-app" "unhold linkage-app"

	printf '\n## 新しいバージョンが正しく動かなかったとき\n'
	release face-library 2.1.0 --self-test bin/sick
	repo catalog set face-library=2.1.0
	repo publish
	set_clock "2026-01-20 18:00"
	download_now 0 "" >&2
	restart_terminal
	say "自動的に前のバージョンに戻り、同じものは二度と試されません。"
	session status "explain face-library"

	printf '\n## 前のバージョンに戻す\n'
	session "rollback linkage-app" status
	restart_terminal

	printf '\n## どの環境につないでいるか\n'
	say "本番環境と接続検証環境があり、* の付いたほうにつないでいます。"
	session env

	printf '\n## 配信サーバーにつながらないとき\n'
	say "経路を順に調べます。すべて正常なとき:"
	session doctor
	stop_server
	set_clock "2026-01-20 18:10"
	say "サーバーが止まっているとき:"
	session doctor
	stop_agent
	say "haishin が動いていないとき:"
	session status
}

trap teardown EXIT
# shellcheck disable=SC2218 # they are those of lib.sh
{
	WORLD=$(mktemp -d)
	clock_folder=$WORLD
	begin_clock "2026-01-19 17:00"
	setup >&2
	mv "$clock_folder/clock" "$WORLD/clock"
	export FAKETIME_TIMESTAMP_FILE=$WORLD/clock
	rmdir "$clock_folder"
	begin >&2
	story
}
