#!/usr/bin/env bash
# A vendor comes from the folder of a real program to a release that is confirmed on a terminal by the six commands of
# docs/publishing.md, as they stand there: a program for Node.js, and a Java runtime.
. "$(dirname "$0")/lib.sh"

PAGE=$(cd "$(dirname "$0")/../.." && pwd)/docs/publishing.md
PACKAGES=(clinic-app)

setup() {
	WORLD=$(mktemp -d)
	chmod 755 "$WORLD"
	ROOT=$WORLD/terminal
	SERVER_PID=
	AGENT_PID=
	make_pki
	cd "$WORLD"
}

# The commands of the page's first block, a line each.
commands() {
	awk '/^## From a folder to a terminal/ { found = 1 } found && /^```$/ { inside = !inside; if (!inside) exit; next } found && inside' \
		"$PAGE" | sed -e ':next' -e '/\\$/{N; s/\\\n *//; b next}'
}

# follow_the_page [SED-EXPRESSION...]: all that the publisher does. What differs from the page is what a test cannot wait for.
follow_the_page() {
	local expressions=(-e 's/ pack / pack --level 1 /') expression
	for expression; do expressions+=(-e "$expression"); done
	[ "$(commands | wc -l)" -le 6 ] || fail "the page needs more than six commands: $(commands)"
	commands | grep -v '^haishin download-now$' | sed "${expressions[@]}" >commands
	PATH=$PROGRAMS:$PATH bash -e ./commands >commands.log 2>&1 || fail "the page's commands fail: $(cat commands.log)"
	grep -q "A terminal then says: All packages are at their newest version" commands.log || fail "it was not tried: $(cat commands.log)"
}

is_confirmed() {
	haishin --json status | jq -e '.job == null and
		(.packages[] | select(.name == "clinic-app") | .version == "1.0.0" and .state == "current")'
}

the_terminal_confirms() {
	start_haishin_server
	make_terminal
	boot_terminal
	commands >commands || fail "the page has no commands"
	grep -qx 'haishin download-now' commands || fail "the page does not say how the terminal gets it"
	expect 0 "" haishin download-now
	restart_terminal
	wait_until "the release is confirmed" is_confirmed
	runs clinic-app 1.0.0
	haishin --json history | jq -e 'any(.rows[]; .operation == "confirm" and .package == "clinic-app" and .outcome == "done")' >/dev/null ||
		fail "the history does not say that it is confirmed: $(haishin history)"
}

test_a_program_for_node() {
	mkdir -p clinic-app/{bin,app}
	cp "$(readlink -f "$(command -v node)")" clinic-app/bin/node
	cat >clinic-app/app/main.js <<'END'
const http = require("http");
exports.serve = () => http.createServer((request, response) => response.end("ok")).listen(0, "127.0.0.1");
END
	cat >clinic-app/app/self-test.js <<'END'
let sum = 0;
for (let i = 0; i < 1e6; i++) sum += i % 7; // long enough to be compiled as it runs
if (!(sum > 0)) process.exit(1);
END
	cat >clinic-app/app/health.js <<'END'
const server = require("./main.js").serve();
server.on("listening", () => require("http").get({ port: server.address().port, host: "127.0.0.1" }, (answer) => {
	process.exit(answer.statusCode === 200 ? 0 : 1);
}));
END
	follow_the_page
	the_terminal_confirms
}

test_a_java_runtime() {
	local home
	home=$(readlink -f "$(command -v java)")
	cp -r "${home%/bin/java}" clinic-app
	follow_the_page 's/ pack / pack --follow-links /' 's/--self-test "[^"]*"/--self-test "bin\/java -version"/' \
		's/--health "[^"]*"/--health "bin\/keytool -help"/'
	the_terminal_confirms
}

run_tests
