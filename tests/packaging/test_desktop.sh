#!/usr/bin/env bash
# test_desktop.sh SOURCE: what desktops are told of our programs is as their specification wants it, in both languages, with an icon.
set -euo pipefail
cd "$1/packaging/desktop"
for entry in *.desktop; do
	desktop-file-validate --no-hints "$entry"
	grep -q '^Name\[ja\]=' "$entry" || { echo "$entry has no Japanese name" >&2; exit 1; }
done
python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' ../../tools/window/page/icon.svg
