#!/usr/bin/env bash
# README.md and README.ja.md show the same commands and settings, name the same pages, and every page is there. The guide
# for staff speaks of what the program says.
set -euo pipefail
cd "$(dirname "$0")/.."

# What is to be typed or written, without what is said about it: behind '#', or behind two blanks.
commands() {
	awk '/^```$/ { inside = !inside } inside' "$1" | grep -aE '^( {8}--|haishin|tools/|tests/|\[|[a-z_]+ = )' |
		sed -e 's/ *#.*//' -e 's/^ *//' -e 's/  .*//'
}

# Not the link from each to the other; a picture is of the page in either language.
pages() {
	grep -oE '\]\([A-Za-z./-]+\)' "$1" | tr -d '()]' | grep -v '^README' | sed -E 's/\.(en|ja)\.png$/.en.png/' | sort
}

status=0
diff <(commands README.md) <(commands README.ja.md) || { echo "README.ja.md does not show the commands of README.md" >&2; status=1; }
diff <(pages README.md) <(pages README.ja.md) || { echo "README.ja.md does not name the pages of README.md" >&2; status=1; }
[ "$(commands README.md | wc -l)" -gt 15 ] || { echo "README.md shows hardly any command" >&2; status=1; }
for page in $(pages README.md); do
	[ -e "$page" ] || { echo "README.md names $page, which is not there" >&2; status=1; }
done

for page in docs/*.md; do
	grep -qF "]($page)" README.md || { echo "README.md does not name $page" >&2; status=1; }
done

# Each sentence that the guide for staff explains is one that the program says.
said=$(tr -d "\"\n" <po/ja.po)
while IFS= read -r sentence; do
	[[ $said == *"$sentence"* ]] || { echo "docs/ja/staff-guide.md explains '$sentence', which the program does not say" >&2; status=1; }
done < <(sed -n "/^## 困ったとき/,\$s/^| \(.*。\) | .*/\1/p" docs/ja/staff-guide.md)
exit $status
