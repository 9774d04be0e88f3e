/* `haishin status`. */
#include "agent/store/pause.h"
#include "tests/tools/haishin/running.h"

TEST_CASE(test_status_begins_with_a_verdict_and_one_next_step)
{
	static const char expected[] = "Up to date: All packages are at their newest version.\n"
				       "Next step: Nothing to do.\n"
				       "\n"
				       "  Package          Version  State   Name\n"
				       "  distro-app       1.0.0    newest  Distribution application\n"
				       "  face-library     5.1.0    newest  Face authentication library\n"
				       "  linkage-app      1.1.0    newest  Linkage application\n"
				       "  reader-app/acme  3.0      newest  Card reader application\n"
				       "\n"
				       "Last contact with the server: 2026-01-10 12:00\n";

	install_all(*state);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_prints_first(*state, "C", "status", expected);
}

TEST_CASE(test_status_in_japanese_lines_up_its_columns)
{
	static const char expected[] =
		"再起動してください: 新しいバージョンの準備ができました。再起動すると使えるようになります。\n"
		"次にすること: この端末を再起動してください。\n"
		"\n"
		"  パッケージ       バージョン      状態        名称\n"
		"  distro-app       1.0.0           最新        配信アプリケーション\n"
		"  face-library     5.1.0 -> 5.2.0  再起動待ち  顔認証ライブラリ\n"
		"  linkage-app      1.1.0           最新        連携アプリケーション\n"
		"  reader-app/acme  3.0             最新\n"
		"      顔認証付きカードリーダーアプリケーション\n"
		"\n"
		"配信サーバーとの最後の接続: 2026-01-10 12:00\n";

	install_all(*state);
	agent_fixture_stage(*state, "face-library", "5.2.0", DIGEST_B);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_prints_first(*state, "ja_JP.UTF-8", "status", expected); /* whether or not that locale is installed */
}

TEST_CASE(test_speaks_the_language_asked_for_whatever_locales_are_installed)
{
	static const char *const rows[][2] = {
		{"ja_JP.UTF-8", "haishin が動いていません"},
		{"ja_JP.eucJP", "haishin が動いていません"},
		{"ja_JP.UTF-8:en", "haishin is not running"},
		{"C.UTF-8:ja", "haishin が動いていません"},
		{"C.UTF-8", "haishin is not running"},
		{"C:ja", "haishin is not running"}, /* what scripts read is in "C" */
		{"POSIX:ja", "haishin is not running"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strstr(haishin_in(*state, rows[i][0], "status")->output, rows[i][1]))
			fail_msg("in %s: not '%s'", rows[i][0], rows[i][1]);
}

TEST_CASE(test_status_puts_names_below_where_a_terminal_has_no_room)
{
	install_all(*state);
	agent_fixture_install(*state, "face-library", "123456.789012.345678-cccccccc");
	agent_fixture_stage(*state, "face-library", "987654321.987654321.987654321", DIGEST_B);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	(void)haishin_in(*state, "ja_JP.UTF-8", "status");
	assert_said("  distro-app       1.0.0 ");
	assert_said("\n      顔認証付きカードリーダーアプリケーション\n");
}

TEST_CASE(test_status_for_monitoring_is_one_line_and_an_exit_status)
{
	struct agent_fixture *fixture = *state;

	assert_says(*state, "status --check", 3, "HAISHIN UNKNOWN: haishin is not running on this terminal.");
	agent_fixture_install(fixture, "face-library", "5.1.0-aaaaaaaa");
	agent_fixture_start(fixture, "true");
	assert_says(*state, "status --check", 1, "HAISHIN WARNING: This terminal is being set up");
}

TEST_CASE(test_answers_the_options_that_people_try_first)
{
	assert_says(*state, "--version", 0, "haishin " HAISHIN_VERSION "\n");
	assert_says(*state, "-V", 0, "haishin " HAISHIN_VERSION "\n");
	assert_says(*state, "-h", 0, "usage: haishin");
	assert_says(*state, "disable -h", 0, "--until DATE");
}

TEST_CASE(test_status_shows_what_is_disabled_and_held)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	install_all(fixture);
	assert_ok(pause_set(fixture->terminal.store, "", NOON_S + 86400, "front-desk", "billing week", &err), &err);
	assert_ok(pause_set(fixture->terminal.store, "face-library", 0, "vendor", "trial", &err), &err);
	agent_fixture_start(fixture, JOB_WITHOUT_NEWS);
	assert_says(*state, "status", 0,
		"Needs attention: Delivery is disabled on this terminal, so it gets no updates.\n");
	assert_says(*state, "status", 0,
		"Delivery disabled since 2026-01-10 12:00 until 2026-01-11 12:00, by front-desk.\n  Reason: billing "
		"week\n");
	assert_says(*state, "status", 0, "face-library held since 2026-01-10 12:00, by vendor.\n  Reason: trial\n");
	assert_says(*state, "status", 0, "0800-080-4583");
}

TEST_CASE(test_status_says_what_keeps_a_package_away_where_its_verdict_does_not)
{
	static const char line[] = "! face-library: \"named by the catalog\" is not so. ";

	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_non_null(strstr(haishin_in(*state, "C", "status")->output, line));
	assert_says(*state, "disable", 0, "");
	assert_null(strstr(haishin_in(*state, "C", "status")->output, "is not so"));
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
