#!/usr/bin/env bash
# test_desk_card.sh SOURCE: the page to lay at the desk is one page, as a PDF too, and says of each verdict what the program says.
set -euo pipefail
SOURCE=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for verdict in "Up to date" "Please restart" "Update waiting" "Needs attention" "Download now" "Delivery records" "Change settings" "Check the connection" "Restart now" "Stop"; do
	word=$(awk -v wanted="msgid \"$verdict\"" '$0 == wanted { getline; sub(/^msgstr "/, ""); sub(/"$/, ""); print }' "$SOURCE/po/ja.po")
	[ -n "$word" ] && grep -qF "$word" "$SOURCE/docs/ja/desk-card.html" || { echo "desk-card.html does not know '$verdict' ('$word')" >&2; exit 1; }
done
if ! command -v chromium >/dev/null; then
	echo "chromium is not installed: the page was not printed" >&2
	[ "${CI:-}" != true ]
	exit
fi
"$SOURCE/tools/desk-card" "$folder/card.pdf"
pages=$(grep -ac '/Type /Page$' "$folder/card.pdf" || true)
[ "$pages" = 1 ] || { echo "the page for the desk has $pages pages" >&2; exit 1; }
