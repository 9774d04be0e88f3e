#!/usr/bin/env bash
# The window in a session of Wayland without any X: started as from the menu, the real Chromium shows it, and it ends with its page.
# PICTURES, a folder, gets a picture of the screen.
. "$(dirname "$0")/../../e2e/lib.sh"

for tool in weston weston-screenshooter chromium; do
	command -v $tool >/dev/null && continue
	echo "there is no $tool (tools/setup test)" >&2
	[ "${CI:-}" != true ] || exit 1
	exit 0
done

# start_session: a desktop on a screen in memory, and the window as its menu would start it. Nothing of a desktop runs as root.
start_session() {
	local as=()
	mkdir -p "$WORLD/bin" "$WORLD/home"
	mkdir -m 700 "$WORLD/runtime"
	install -m 666 /dev/null "$WORLD/chromium.log"
	install -m 666 /dev/null "$WORLD/window.log"
	if [ "$(id -u)" -eq 0 ]; then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		chmod 755 "$ROOT" "$ROOT/run" "$ROOT/run/haishin"
		chown 65534:65534 "$WORLD/home" "$WORLD/runtime"
	fi
	cat >"$WORLD/bin/chromium" <<END
#!/bin/sh
echo "\$WAYLAND_DISPLAY \${DISPLAY:-no X}" >>$WORLD/home/started
exec $(command -v chromium) --no-sandbox --test-type --disable-gpu --no-first-run --user-data-dir=$WORLD/home/profile "\$@" >$WORLD/chromium.log 2>&1
END
	chmod 755 "$WORLD/bin/chromium"
	SESSION=("${as[@]}" env -u DISPLAY -u WAYLAND_DISPLAY HOME="$WORLD/home" PATH="$WORLD/bin:$PATH" XDG_RUNTIME_DIR="$WORLD/runtime" XDG_SESSION_TYPE=wayland
		LC_ALL=ja_JP.UTF-8 LANGUAGE=ja)
	"${SESSION[@]}" weston --backend=headless-backend.so --use-pixman --no-config --idle-time=0 --socket=screen --width=1100 --height=800 \
		--debug >"$WORLD/weston.log" 2>&1 &
	SESSION+=(WAYLAND_DISPLAY=screen)
	wait_until "there is a screen" test -S "$WORLD/runtime/screen"
	within_reach "$PROGRAMS/haishin-window"
	"${SESSION[@]}" "$ROOT/programs/haishin-window" --socket "$ROOT/run/haishin/control.sock" 2>"$WORLD/window.log" &
	WINDOW_PID=$!
	wait_until "the browser is started" grep -q 'screen no X' "$WORLD/home/started"
}

page_listens() {
	local port
	port=$(ss -Htlnp | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$WINDOW_PID,.*/\1/p")
	[ -n "$port" ] && grep -q . <(ss -Htn state established "( sport = :$port )")
}

# The green of "up to date" is on the screen.
is_drawn() {
	rm -f "$WORLD"/home/*.png
	(cd "$WORLD/home" && "${SESSION[@]}" weston-screenshooter) && python3 - "$WORLD"/home/*.png <<'END'
import struct, sys, zlib
data, at, packed = open(sys.argv[1], "rb").read(), 8, b""
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    if kind == b"IHDR":
        width, height, _, color = struct.unpack(">IIBB", data[at + 8:at + 18])
    packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
    at += 12 + length
size, plain = 4 if color == 6 else 3, zlib.decompress(packed)
above, green = bytes(width * size), 0
for row in range(height):
    start = row * (width * size + 1)
    line = bytearray(plain[start + 1:start + 1 + width * size])
    for i in range(len(line)):
        a, b, c = (line[i - size] if i >= size else 0), above[i], (above[i - size] if i >= size else 0)
        p = a + b - c
        nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        line[i] = (line[i] + (0, a, b, (a + b) // 2, nearest)[plain[start]]) & 255
    green += sum(g > r + 40 and g > b + 40 for r, g, b in zip(line[0::size], line[1::size], line[2::size]))
    above = line
sys.exit(green < 500)
END
}

has_ended() {
	! kill -0 "$WINDOW_PID" 2>/dev/null
}

test_the_browser_shows_the_window_without_x() {
	start_haishin_server
	publish_all 1.0.0
	make_terminal
	boot_terminal
	expect 0 "" job button
	restart_terminal
	start_session
	wait_until "the page is open" page_listens
	wait_until "it is drawn" is_drawn
	[ -z "${PICTURES:-}" ] || cp "$WORLD"/home/*.png "$PICTURES/window-wayland.png"
	pkill -f -- "--user-data-dir=$WORLD/home/profile"
	wait_until "the window ends with its page" has_ended
	stop_agent
}

run_tests
