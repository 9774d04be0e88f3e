#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/config/config_mistake.h"
#include "tests/support/folder.h"

#define CONFIG_AT "etc/haishin/haishin.conf"
#define SERVER "[server]\nurl = https://example.org/haishin\n"

struct fixture {
	struct folder folder;
	struct fs fs;
	struct config config;
	struct error err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	folder_init(&f->folder);
	fs_init(&f->fs);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	config_clear(&f->config);
	folder_clear(&f->folder);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	folder_put(&f->folder, path, text, strlen(text));
}

static int load(struct fixture *f)
{
	return config_load(&f->fs, NULL, f->folder.path, &f->config, &f->err);
}

static const char *below(struct fixture *f, const char *path)
{
	static char text[FOLDER_PATH_SIZE + 64];

	(void)snprintf(text, sizeof(text), "%s%s", f->folder.path, path);
	return text;
}

TEST_CASE(test_gives_defaults_for_what_the_file_does_not_say)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER);
	assert_ok(load(f), &f->err);
	assert_string_equal(f->config.state_path, below(f, "/var/lib/haishin"));
	assert_string_equal(f->config.boot_id_path, below(f, "/proc/sys/kernel/random/boot_id"));
	assert_string_equal(f->config.ca_file_path, "");
	assert_string_equal(f->config.zone_name, "Asia/Tokyo");
	assert_int_equal(zone_offset_s(f->config.zone, 0), 9 * 3600);
	assert_int_equal(f->config.own.windows.count, 1);
	assert_int_equal(f->config.own.windows.windows[0].opens_min, 20 * 60);
	assert_int_equal(f->config.own.windows.windows[0].closes_min, 29 * 60);
	assert_int_equal(f->config.start_delay_s, 60);
	assert_int_equal(f->config.keep_former, 1);
	assert_int_equal(f->config.starts_max, 3);
	assert_int_equal(f->config.per_restart, CONFIG_PER_RESTART_ALL);
	assert_int_equal(f->config.redirects, HTTP_REDIRECTS_NONE);
	assert_int_equal(f->config.reserve_space, 256 << 20);
	assert_string_equal(f->config.fetch_user, "haishin-fetch");
	assert_int_equal(f->config.packages.count, 3);
}

TEST_CASE(test_takes_every_kind_of_value)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT,
		"[paths]\nstate = /srv/state/\n"
		"[server]\nurl = https://a.example/repo/ http://b.example file:///media/stick\n"
		"stall_timeout = 5m\n"
		"ca_file = /etc/haishin/ca.pem\nproxy = http://10.0.0.1:8080\n"
		"[terminal]\ninstitution_code = 0123456789\npackages = distro-app reader-app/acme reader-app/zeta\n"
		"time_zone = Europe/Berlin\n"
		"[delivery]\nwindow = mon-fri,22:00-04:00,,sat,sun,00:00-24:00\nstart_delay = 2m\n"
		"[install]\nper_restart = one\n"
		"[network]\nrate = 2M\nrate_by_hour = 08:00-12:00=64K\nbudget = 1G\nredirects = same-host\n"
		"[control]\nusers = suzuki OqsComApp\ngroup =\n");
	assert_ok(load(f), &f->err);
	assert_string_equal(f->config.state_path, below(f, "/srv/state"));
	assert_int_equal(f->config.server_urls.count, 3);
	assert_string_equal(f->config.server_urls.items[0], "https://a.example/repo");
	assert_string_equal(f->config.server_urls.items[1], "http://b.example");
	assert_string_equal(f->config.server_urls.items[2], "file:///media/stick");
	assert_int_equal(f->config.rate, 2 << 20);
	assert_int_equal(f->config.rate_by_hour.items[0].bytes_per_s, 65536);
	assert_int_equal(f->config.budget, 1 << 30);
	assert_int_equal(f->config.redirects, HTTP_REDIRECTS_SAME_HOST);
	assert_int_equal(f->config.stall_timeout_s, 300);
	assert_int_equal(f->config.start_delay_s, 120);
	assert_string_equal(f->config.ca_file_path, below(f, "/etc/haishin/ca.pem"));
	assert_string_equal(f->config.institution_code, "0123456789");
	assert_string_equal(f->config.packages.items[2], "reader-app/zeta");
	assert_int_equal(f->config.own.windows.count, 2);
	assert_int_equal(f->config.per_restart, CONFIG_PER_RESTART_ONE);
	assert_string_equal(f->config.control_users, "suzuki OqsComApp");
	assert_string_equal(f->config.control_group, "");
}

/* A file that was written for an agent of before means what it meant; with both names it is one setting given twice. */
TEST_CASE(test_reads_a_setting_by_the_name_that_it_had_before)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER "[delivery]\nstart_delay_s = 90\n");
	assert_ok(load(f), &f->err);
	assert_int_equal(f->config.start_delay_s, 90);
	assert_int_equal(f->config.unknowns.count, 0);
	assert_string_equal(config_text(&f->config, "delivery", "start_delay"), "90");
	config_clear(&f->config);
	put(f, CONFIG_AT, SERVER "[delivery]\nstart_delay = 90\nstart_delay_s = 90\n");
	assert_int_equal(load(f), -1);
	assert_error(&f->err, ERROR_INPUT, "[delivery] start_delay_s is given twice");
}

TEST_CASE(test_a_drop_in_changes_what_the_main_file_set)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER "[install]\nkeep_former = 2\nstarts_max = 2\n");
	put(f, "etc/haishin/conf.d/20-site.conf", "[install]\nkeep_former = 4\n");
	put(f, "etc/haishin/conf.d/10-vendor.conf", "[install]\nkeep_former = 3\n");
	put(f, "etc/haishin/conf.d/note.txt", "not read\n");
	put(f, "etc/haishin/conf.d/.30-hidden.conf", "not read\n");
	assert_ok(load(f), &f->err);
	assert_int_equal(f->config.keep_former, 4);
	assert_int_equal(f->config.starts_max, 2);
}

TEST_CASE(test_the_root_of_the_file_moves_all_paths_and_the_override_goes_before_it)
{
	struct fixture *f = *state;

	put(f, "my.conf", SERVER "[paths]\nroot = /srv/terminal/\n");
	assert_ok(config_load(&f->fs, below(f, "/my.conf"), NULL, &f->config, &f->err), &f->err);
	assert_string_equal(f->config.root, "/srv/terminal");
	assert_string_equal(f->config.packages_path, "/srv/terminal/opt/haishin");
	config_clear(&f->config);
	assert_ok(config_load(&f->fs, below(f, "/my.conf"), "/other", &f->config, &f->err), &f->err);
	assert_string_equal(f->config.packages_path, "/other/opt/haishin");
	config_clear(&f->config);
	assert_ok(config_load(&f->fs, below(f, "/my.conf"), "/", &f->config, &f->err), &f->err);
	assert_string_equal(f->config.packages_path, "/opt/haishin");
}

TEST_CASE(test_says_with_file_and_line_what_is_wrong)
{
	static const struct {
		const char *text, *line, *says;
	} rows[] = {
		{"\xef\xbb\xbf[server]\n", ":1: ", "byte order mark"},
		{"[server]\nurl = \x94\x7a\x90\x4d\n", ":2: ", "Shift-JIS"},
		{"[sever]\nurl = x\n", ":2: ", "did you mean [server] url?"},
		{"url = x\n", ":1: ", "before the first [section]"},
		{"[server]\nulr = x\n", ":2: ", "did you mean [server] url?"},
		{"[server]\njust words\n", ":2: ", "neither a [section] nor"},
		{SERVER "url = https://b.example\n", ":3: ", "[server] url is given twice"},
		{"[server]\nurl = ftp://example.org\n", ":2: ", "is no address such as"},
		{"[server]\nurl = https:///x\n", ":2: ", "is no address such as"},
		{"[server]\nurl = file://media/x\n", ":2: ", "is no address such as"},
		{"[server]\nurl =\n", ":2: ", "the value is empty"},
		{"[server]\nurl = https://a.example https://a.example/\n",
			":2: ", "'https://a.example' is given twice"},
		{"[server]\nproxy = a b\n", ":2: ", "holds a blank"},
		{"[server]\nproxy = http://u:p@10.0.0.1:8080\n", ":2: ", "proxy_credentials"},
		{"[network]\nrate = 2X\n", ":2: ", "units KMG"},
		{"[network]\nrate = -1\n", ":2: ", "is not a number"},
		{"[network]\nrate = 9000000000G\n", ":2: ", "too large"},
		{"[network]\nrate = 4095\n", ":2: ", "slower than 4096"},
		{"[network]\nrate_by_hour = 08:00-12:00\n", ":2: ", "hours with a speed"},
		{"[network]\nredirects = yes\n", ":2: ", "'yes' is none of: none same-host any"},
		{"[network]\nredirects =\n", ":2: ", "the value is empty"},
		{"[server]\nconnect_timeout = 0\n", ":2: ", "not within 1 and 600"},
		{"[server]\nconnect_timeout = 5d\n", ":2: ", "units smh"},
		{"[restart]\nat = 4:30\n", ":2: ", "'4:30' is not an hour such as 04:30"},
		{"[restart]\nat = 24:00\n", ":2: ", "'24:00' is not an hour between"},
		{"[restart]\nat = 04:60\n", ":2: ", "'04:60' is not an hour"},
		{"[install]\nkeep_former = one\n", ":2: ", "'one' is not a number"},
		{"[install]\nkeep_former = 1x\n", ":2: ", "'1x' is not a number"},
		{"[install]\nper_restart = some\n", ":2: ", "none of: all one"},
		{"[terminal]\ninstitution_code = 12345\n", ":2: ", "10 digits"},
		{"[terminal]\ntime_zone = Asia/Edo\n", ":2: ", "no time zone 'Asia/Edo'"},
		{"[terminal]\ntime_zone = Asia/Tokyo/Shibuya\n", ":2: ", "no time zone 'Asia/Tokyo/Shibuya'"},
		{"[terminal]\ntime_zone = ../../etc/passwd\n", ":2: ", "not the name of a time zone"},
		{"[terminal]\ntime_zone = Etc\n", ":2: ", "is a folder of time zones"},
		{"[terminal]\npackages = Distro\n", ":2: ", "[terminal] packages"},
		{"[delivery]\nwindow = 20:00\n", ":2: ", "not hours such as 20:00-05:00"},
		{"[users]\nfetch = a:b\n", ":2: ", "not the name of an account"},
		{"[control]\nusers = ok no!\n", ":2: ", "'no!' is not the name of an account"},
	};

	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put(f, CONFIG_AT, rows[i].text);
		assert_int_equal(load(f), -1);
		assert_error(&f->err, ERROR_INPUT, rows[i].says);
		assert_error(&f->err, ERROR_INPUT, rows[i].line);
		assert_error(&f->err, ERROR_INPUT, "haishin.conf");
		assert_null(f->config.root);
	}
}

TEST_CASE(test_takes_files_that_name_what_only_a_newer_agent_knows)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER "pin = abc\n[telemetry]\ncolour = blue\n[install]\nkeep_former = 2\n");
	put(f, "etc/haishin/conf.d/10-a.conf", "[environment later]\nshape = round\n");
	assert_ok(load(f), &f->err);
	assert_int_equal(f->config.keep_former, 2);
	assert_int_equal(f->config.environments.count, 0);
	assert_int_equal(f->config.unknowns.count, 3);
	assert_string_equal(f->config.unknowns.items[0].section, "server");
	assert_string_equal(f->config.unknowns.items[0].key, "pin");
	assert_non_null(strstr(f->config.unknowns.items[0].source, "haishin.conf:3"));
	assert_string_equal(f->config.unknowns.items[1].section, "telemetry");
	assert_string_equal(f->config.unknowns.items[2].key, "shape");
	assert_non_null(strstr(f->config.unknowns.items[2].source, "10-a.conf:2"));
}

TEST_CASE(test_whoever_checks_the_files_is_told_of_what_is_unknown)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER);
	assert_ok(load(f), &f->err);
	assert_ok(config_mistake_refuse(&f->config.unknowns, &f->err), &f->err);
	config_clear(&f->config);
	put(f, CONFIG_AT, SERVER "pin = abc\n[telemetry]\ncolour = blue\n");
	assert_ok(load(f), &f->err);
	assert_int_equal(config_mistake_refuse(&f->config.unknowns, &f->err), -1);
	assert_error(&f->err, ERROR_INPUT, "haishin.conf:3: [server] pin is not known to haishind");
	assert_error(&f->err, ERROR_INPUT, "it has no effect (and 1 more)");
}

TEST_CASE_WITH(test_says_what_may_have_been_meant, NULL, NULL)
{
	static const struct {
		const char *section, *key, *meant; /* NULL: nothing comes near */
	} rows[] = {
		{"server", "ca_flie", "[server] ca_file?"},
		{"sever", "proxy", "[server] proxy?"},
		{"network", "budget-time", "[network] budget_time?"},
		{"server", "budget_time", "[network] budget_time?"},
		{"delivery", "windows", "[delivery] window?"},
		{"environment test", "ulr", "url?"},
		{"environment test", "shape", NULL},
		{"server", "pin", NULL},
		{"restart", "it", "[restart] at?"},
		{"telemetry", "colour", NULL},
		{"server", "a_key_with_a_name_that_is_longer_than_any_that_we_have", NULL},
	};
	char source[] = "haishin.conf:7", text[CONFIG_MISTAKE_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct config_unknown unknown = {(char *)rows[i].section, (char *)rows[i].key, source};
		const char *said;

		config_mistake_text(&unknown, text);
		assert_non_null(strstr(text, "haishin.conf:7: ["));
		said = strstr(text, "did you mean ");
		if (rows[i].meant)
			assert_string_equal(said ? said + strlen("did you mean ") : text, rows[i].meant);
		else
			assert_null(said);
	}
}

TEST_CASE(test_keeps_the_first_of_very_many_unknown_settings_and_counts_all)
{
	struct fixture *f = *state;
	char text[4096] = SERVER "[telemetry]\n";

	for (int i = 0; i < 40; i++)
		(void)sprintf(text + strlen(text), "k%d = 1\n", i);
	put(f, CONFIG_AT, text);
	assert_ok(load(f), &f->err);
	assert_int_equal(f->config.unknowns.count, 40);
	assert_int_equal(f->config.unknowns.kept, CONFIG_UNKNOWN_KEPT);
	assert_string_equal(f->config.unknowns.items[CONFIG_UNKNOWN_KEPT - 1].key, "k15");
}

/* The former value could be the weaker one: nobody guesses. */
TEST_CASE(test_a_value_that_is_not_understood_is_an_error_whoever_understands_it)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER "[install]\nper_restart = by-group\n");
	assert_int_equal(load(f), -1);
	assert_error(&f->err, ERROR_INPUT, "haishin.conf:4: [install] per_restart: 'by-group'");
}

TEST_CASE(test_names_the_character_that_breaks_installers)
{
	static const struct {
		const char *path, *says;
	} rows[] = {
		{"/opt/my app", "a blank (U+0020)"},
		{"/opt/my\xe3\x80\x80"
		 "app",
			"a full-width blank (U+3000)"},
		{"/opt/\xe9\x85\x8d\xe4\xbf\xa1", "'\xe9\x85\x8d' (U+914D)"},
		{"/opt/a!b", "'!' (U+0021)"},
		{"/opt/$HOME", "'$' (U+0024)"},
		{"/opt/a&b", "'&'"},
		{"/opt/a(b", "'('"},
		{"/opt/a)b", "')'"},
		{"/opt/a=b", "'='"},
		{"/opt/a^b", "'^'"},
		{"/opt/a[b", "'['"},
		{"/opt/a{b", "'{'"},
		{"/opt/a}b", "'}'"},
		{"/opt/a;b", "';'"},
		{"/opt/a'b", "'''"},
		{"/opt/a\"b", "'\"'"},
		{"/opt/a`b", "'`'"},
		{"/opt/a,b", "','"},
		{"/opt/\xe2\x91\xa0", "(U+2460)"},
		{"/opt/\xf0\x9f\x98\x80", "(U+1F600)"},
		{"opt/haishin", "does not begin with /"},
		{"/opt/../etc", "holds '..'"},
		{"/opt/..", "holds '..'"},
	};
	struct fixture *f = *state;
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		(void)snprintf(text, sizeof(text), "[paths]\npackages = %s\n", rows[i].path);
		put(f, CONFIG_AT, text);
		assert_int_equal(load(f), -1);
		assert_error(&f->err, ERROR_INPUT, rows[i].says);
		assert_error(&f->err, ERROR_INPUT, ":2: [paths] packages: path");
	}
}

TEST_CASE(test_names_the_drop_in_that_is_wrong)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER);
	put(f, "etc/haishin/conf.d/10-a.conf", "\n[install]\nkeep_former = 0\n");
	assert_int_equal(load(f), -1);
	assert_error(&f->err, ERROR_INPUT, "conf.d/10-a.conf:3: [install] keep_former");
}

TEST_CASE(test_tells_where_each_setting_was_set)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER "[install]\nkeep_former = 2\nstarts_max = 4\n");
	put(f, "etc/haishin/conf.d/10-a.conf", "\n[install]\nkeep_former = 3\n");
	assert_ok(load(f), &f->err);
	assert_non_null(strstr(config_source(&f->config, "install", "keep_former"), "/conf.d/10-a.conf:3"));
	assert_non_null(strstr(config_source(&f->config, "install", "starts_max"), "/haishin.conf:5"));
	assert_string_equal(config_source(&f->config, "delivery", "window"), "default");
}

TEST_CASE(test_asks_for_the_server)
{
	struct fixture *f = *state;

	put(f, CONFIG_AT, "[terminal]\ntime_zone = Asia/Tokyo\n");
	assert_int_equal(load(f), -1);
	assert_error(&f->err, ERROR_INPUT, "[server] url is missing");
}

TEST_CASE(test_says_when_there_is_no_configuration)
{
	struct fixture *f = *state;

	assert_int_equal(load(f), -1);
	assert_error(&f->err, ERROR_NOT_FOUND, CONFIG_AT);
}

TEST_CASE(test_root_does_not_trust_a_file_that_others_may_write)
{
	static const struct {
		mode_t mode;
		const char *text;
	} modes[] = {{0777, "everybody may write"}, {0775, "its group may write"}};
	static const char *const paths[] = {
		"/etc/haishin", ("/" CONFIG_AT), "/etc/haishin/conf.d", "/etc/haishin/conf.d/a.conf"};
	struct fixture *f = *state;
	bool trusted = geteuid() != 0;

	put(f, CONFIG_AT, SERVER);
	put(f, "etc/haishin/conf.d/a.conf", "[terminal]\ntime_zone = Asia/Tokyo\n");
	for (size_t i = 0; i < 2 * ARRAY_SIZE(paths); i++) {
		assert_int_equal(chmod(below(f, paths[i / 2]), modes[i % 2].mode), 0);
		assert_int_equal(load(f), trusted ? 0 : -1);
		if (trusted)
			config_clear(&f->config);
		else
			assert_error(&f->err, ERROR_INPUT, modes[i % 2].text);
		assert_int_equal(chmod(below(f, paths[i / 2]), 0755), 0);
	}
	assert_ok(load(f), &f->err);
}

TEST_CASE(test_does_not_trust_a_file_of_another_account)
{
	static const char *const paths[] = {
		"/etc/haishin", ("/" CONFIG_AT), "/etc/haishin/conf.d", "/etc/haishin/conf.d/a.conf"};
	struct fixture *f = *state;

	put(f, CONFIG_AT, SERVER);
	put(f, "etc/haishin/conf.d/a.conf", "[terminal]\ntime_zone = Asia/Tokyo\n");
	for (size_t i = 0; i < ARRAY_SIZE(paths) && geteuid() == 0; i++) {
		assert_int_equal(chown(below(f, paths[i]), 65534, 65534), 0);
		assert_int_equal(load(f), -1);
		assert_error(&f->err, ERROR_INPUT, "belongs to account 65534");
		assert_error(&f->err, ERROR_INPUT, "chown root");
		assert_int_equal(chown(below(f, paths[i]), 0, 0), 0);
	}
	assert_ok(load(f), &f->err);
}

/* "| `key` | `default` | meaning |" below "## [section]". */
TEST_CASE_WITH(test_the_reference_holds_every_setting_and_no_other, NULL, NULL)
{
	struct buf text = BUF_INIT(1 << 20);
	struct config_setting setting;
	struct fs fs;
	struct error err;
	char row[512], fallback[128];
	size_t settings = 0, rows = 0;

	fs_init(&fs);
	assert_ok(fs_read_file(&fs, AT_FDCWD, CONFIG_REFERENCE, &text, &err), &err);
	for (; config_setting_at(settings, &setting); settings++) {
		const char *mark = *setting.fallback ? "`" : "";

		(void)snprintf(fallback, sizeof(fallback), "%s%s%s", mark, setting.fallback, mark);
		(void)snprintf(row, sizeof(row), "| `[%s] %s` | %s | %s", setting.section, setting.key, fallback,
			setting.meaning);
		if (!strstr(buf_text(&text), row))
			fail_msg("docs/configuration.md lacks: %s", row);
	}
	for (const char *at = buf_text(&text); (at = strstr(at, "\n| `[")); at++)
		rows++;
	assert_int_equal(rows, settings);
	buf_clear(&text);
}

TESTS(set_up, tear_down)
