#!/bin/bash
# Every message of `haishin` has its Japanese, and none is left over from one that is gone.
# usage: test_haishin_languages.sh SOURCE_DIR
set -euo pipefail
source_dir=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source_dir"

po/extract "$folder/haishin.pot"
if ! diff -u po/haishin.pot "$folder/haishin.pot"; then
	echo "po/haishin.pot is not what the sources say; run po/update" >&2
	exit 1
fi
msgfmt --check -o /dev/null po/ja.po
msgmerge --quiet --no-fuzzy-matching --sort-output -o "$folder/ja.po" po/ja.po po/haishin.pot
if [ -n "$(msgattrib --untranslated "$folder/ja.po")$(msgattrib --only-fuzzy "$folder/ja.po")" ]; then
	echo "po/ja.po: these messages have no Japanese:" >&2
	msgattrib --untranslated "$folder/ja.po" >&2
	exit 1
fi
if grep -q '^#~' "$folder/ja.po"; then
	echo "po/ja.po: these messages are not in the sources any more:" >&2
	grep '^#~' "$folder/ja.po" >&2
	exit 1
fi
# What is said to staff in Japanese holds Japanese.
if msgattrib --translated po/ja.po | LC_ALL=C.UTF-8 grep -P '^msgstr(\[0\])? "[ -~]+"$' | grep -v 'msgstr ""'; then
	echo "po/ja.po: these translations are not Japanese" >&2
	exit 1
fi
