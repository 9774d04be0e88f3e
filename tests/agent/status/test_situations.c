/* Situations of the field, each seeded into a real terminal beside a real publisher: the gate that decides, what the doctor finds,
 * the reason of the verdict and what the button meets are what was seeded; and what is advised helps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/night/doctor.h"
#include "agent/resident/agenda.h"
#include "agent/server/distribution.h"
#include "agent/sound/sound_check.h"
#include "agent/status/explain.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_json.h"
#include "agent/store/pause.h"
#include "agent/store/quarantine.h"
#include "agent/turn/account.h"
#include "common/text.h"
#include "tests/agent/world.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"
#include "tools/haishin/draw/support_code.h"
#include "tools/haishin/draw/words.h"
#include "tools/window/page/view.h"

#define PACKAGE "face-library"
#define CHECKS "--self-test=bin/self-test --health=bin/health"
#define URL_SIZE 64
#define CODE "1312345678"
#define DAY_S 86400

/* One world for all situations: publisher and terminal are put back as they were before each. */
struct stage {
	struct world *world;
	struct bad_server *server; /* NULL: none was started */
	struct pki pki, stranger;
	int64_t evening_s;
	bool turn_matters;
	bool service_is_disabled;
};

static void run_command(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void run_command(const char *fmt, ...)
{
	char command[4096];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("'%s' failed", command);
}

/* ---- The terminal's settings. ---- */

/* MORE are lines that go below [delivery] and whatever sections they begin. */
static void configure(struct stage *stage, const char *server, const char *more)
{
	struct world *world = stage->world;
	char path[FOLDER_PATH_SIZE + 64];
	struct config config;
	struct error err;
	char text[2048];
	int len = snprintf(text, sizeof(text),
		"[paths]\nroot = %s/terminal\nprograms = /programs\n[server]\nurl = %s\n"
		"ca_file = /etc/haishin/ca.pem\nconnect_timeout = 1s\nstall_timeout = 3s\n"
		"[terminal]\ninstitution_code = " CODE "\n"
		"packages = distro-app face-library linkage-app reader-app/acme\n"
		"[users]\nfetch = nobody\nself_test = nobody\n[delivery]\nstart_delay_s = 0\n%s",
		world->folder.path, server, more);

	world_close(world);
	folder_put(&world->folder, "terminal/etc/haishin/haishin.conf", text, (size_t)len);
	(void)snprintf(path, sizeof(path), "%s/terminal/etc/haishin/haishin.conf", world->folder.path);
	if (config_load(&world->fs, path, NULL, &config, &err) < 0)
		return; /* that is the situation */
	config_clear(&world->config);
	world->config = config;
}

static void configure_stick(struct stage *stage, const char *more)
{
	char url[FOLDER_PATH_SIZE + 64];

	(void)snprintf(url, sizeof(url), "file://%s/publisher/repository", stage->world->folder.path);
	configure(stage, url, more);
}

static void put_certificate(
	struct stage *stage, const struct pki *pki, const char *name, int64_t from_s, int64_t to_s)
{
	const struct folder *folder = &stage->world->folder;
	struct pki_pair pair;

	pki_issue_client(pki, &pair, name, from_s, to_s);
	folder_put(folder, "terminal/etc/haishin/certificates/client.pem", pair.pem, strlen(pair.pem));
	folder_put_secret(folder, "terminal/etc/haishin/certificates/client.key", pair.key_pem);
	pki_pair_clear(&pair);
}

/* By address: the name may have a further one, where nobody answers. */
static void url_of(struct stage *stage, const char *scheme, const char *path, char ret_url[static URL_SIZE])
{
	(void)snprintf(ret_url, URL_SIZE, "%s://127.0.0.1:%d%s", scheme, bad_server_port(stage->server), path);
}

/* A server with TLS whose certificate comes from SERVER_PKI, which asks for certificates that come from CLIENT_PKI. */
static void serve(struct stage *stage, const struct pki *server_pki, const struct pki *client_pki, const char *more)
{
	char repository[FOLDER_PATH_SIZE + 64], url[URL_SIZE];
	struct bad_server_options options = {.folder = repository};
	struct pki_pair pair = {0};

	(void)snprintf(repository, sizeof(repository), "%s/publisher/repository", stage->world->folder.path);
	if (server_pki) {
		pki_issue_server(server_pki, &pair, pki_yesterday(), pki_next_year());
		options.certificate_pem = pair.pem;
		options.key_pem = pair.key_pem;
		options.client_ca_pem = client_pki ? client_pki->ca_pem : NULL;
	}
	stage->server = bad_server_start(&options);
	url_of(stage, server_pki ? "https" : "http", "", url);
	configure(stage, url, more);
	if (server_pki)
		pki_pair_clear(&pair);
}

static void serve_well(struct stage *stage)
{
	put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	serve(stage, &stage->pki, &stage->pki, "");
}

/* ---- What is seeded. Each leaves the settings as they are to be. ---- */

static void all_is_well(struct stage *stage)
{
	serve_well(stage);
}

static void delivered_from_a_stick(struct stage *stage)
{
	configure_stick(stage, "");
}

static void look_at_files(struct stage *stage)
{
	static const struct sound_watch nobody = {0};
	struct sound_result result;
	struct error err = {0};

	assert_ok(sound_check(&stage->world->terminal, PACKAGE, SOUND_LOOK, &nobody, &result, &err), &err);
}

static void up_to_date(struct stage *stage)
{
	configure_stick(stage, "");
	world_repo(stage->world, "catalog set --back " PACKAGE "=1.0.0");
	world_repo(stage->world, "publish");
}

static void not_named(struct stage *stage)
{
	configure_stick(stage, "");
	world_repo(stage->world, "catalog drop " PACKAGE);
	world_repo(stage->world, "publish");
}

static void pause_delivery(struct stage *stage, const char *package)
{
	struct error err = {0};

	configure_stick(stage, "");
	world_open(stage->world);
	assert_ok(pause_set(stage->world->terminal.store, package, 0, "OqsComApp", "billing", &err), &err);
	world_close(stage->world);
}

static void disabled(struct stage *stage)
{
	pause_delivery(stage, "");
}

static void held(struct stage *stage)
{
	pause_delivery(stage, PACKAGE);
}

static void live_a_night(struct stage *stage)
{
	configure_stick(stage, "");
	world_does(stage->world, JOB_BUTTON);
}

static void staged(struct stage *stage)
{
	live_a_night(stage);
}

static void on_trial(struct stage *stage)
{
	live_a_night(stage);
	world_restart(stage->world);
}

static void taken_back(struct stage *stage)
{
	struct error err = {0};

	world_repo(stage->world, "catalog set " PACKAGE "=666.0.0");
	world_repo(stage->world, "publish");
	live_a_night(stage);
	world_restart(stage->world);
	(void)!world_run(stage->world, JOB_CONFIRM, NULL, &err);
	world_restart(stage->world);
}

static void at_noon(struct stage *stage)
{
	configure_stick(stage, "");
	stage->world->now_s += 13 * 3600;
}

static void outside_its_own_window(struct stage *stage)
{
	configure_stick(stage, "window = 02:00-03:00\n");
}

static void before_its_turn(struct stage *stage)
{
	configure_stick(stage, "");
	stage->turn_matters = true;
	stage->world->now_s += 21 * 3600; /* the next evening, as the window opens */
}

static void campaign(struct stage *stage, int first_day, int last_day, const char *options)
{
	char first[16], last[16];
	time_t from = (time_t)(stage->evening_s + (int64_t)first_day * DAY_S);
	time_t to = (time_t)(stage->evening_s + (int64_t)last_day * DAY_S);

	configure_stick(stage, "");
	(void)strftime(first, sizeof(first), "%Y-%m-%d", gmtime(&from)); /* at 23:00 in Japan it is the same day */
	(void)strftime(last, sizeof(last), "%Y-%m-%d", gmtime(&to));
	world_repo(stage->world, "campaign add 150 --first %s --last %s %s", first, last, options);
	world_repo(stage->world, "publish");
}

static void campaign_to_come(struct stage *stage)
{
	campaign(stage, 5, 9, "");
}

static void campaign_over(struct stage *stage)
{
	campaign(stage, -9, -5, "--afterwards none");
}

static void campaign_leaves_the_night_out(struct stage *stage)
{
	char option[32] = "";
	time_t tonight = (time_t)stage->evening_s;

	(void)strftime(option, sizeof(option), "--leave-out %Y-%m-%d", gmtime(&tonight));
	campaign(stage, -1, 3, option);
}

static void campaign_with_other_hours(struct stage *stage)
{
	campaign(stage, -1, 3, "--window 02:00-03:00");
}

static void rolled_out_to_others_first(struct stage *stage)
{
	configure_stick(stage, "");
	world_repo(stage->world, "catalog set " PACKAGE "=2.0.0 --rollout 0");
	world_repo(stage->world, "publish");
}

static void requires_what_is_nowhere(struct stage *stage)
{
	configure_stick(stage, "");
	world_repo(stage->world, "catalog set " PACKAGE "=3.0.0");
	world_repo(stage->world, "publish");
}

static void damage(struct stage *stage, const char *pattern)
{
	run_command("for file in %s/publisher/repository/%s; do sed -i '1s/\\(.*\\)/\\1 /' \"$file\"; done",
		stage->world->folder.path, pattern);
}

static void forged_metadata(struct stage *stage)
{
	configure_stick(stage, "");
	run_command("sed -i 's/\"version\":/\"version\":1/' %s/publisher/repository/metadata/timestamp.json",
		stage->world->folder.path);
}

static void altered_on_the_way(struct stage *stage)
{
	world_repo(stage->world, "catalog set " PACKAGE "=2.0.0 --rollout 99");
	world_repo(stage->world, "publish");
	configure_stick(stage, "");
	damage(stage, "metadata/[0-9]*.snapshot.json");
}

static void release_is_not_there(struct stage *stage)
{
	configure_stick(stage, "");
	run_command("rm %s/publisher/repository/targets/" PACKAGE "/*.json", stage->world->folder.path);
}

static void nobody_signs_any_more(struct stage *stage)
{
	configure_stick(stage, "");
	stage->world->now_s += 400 * (int64_t)DAY_S;
}

/* "<html>": as a network shows it before somebody signs in. */
static void put_in_place_of_metadata(struct stage *stage, const char *page)
{
	configure_stick(stage, "");
	run_command(
		"for file in %s/publisher/repository/metadata/timestamp.json; do printf '%%s' '%s' >\"$file\"; done",
		stage->world->folder.path, page);
}

static void a_login_page_answers(struct stage *stage)
{
	put_in_place_of_metadata(stage, "<html><form>Sign in</form></html>");
}

static void nothing_is_answered(struct stage *stage)
{
	put_in_place_of_metadata(stage, "");
}

static void a_proxy_answers_in_json(struct stage *stage)
{
	put_in_place_of_metadata(stage, "{\"error\": \"sign in first\"}");
}

static void the_timestamp_has_expired(struct stage *stage)
{
	configure_stick(stage, "");
	stage->world->now_s += 8 * (int64_t)DAY_S;
}

static void clock_is_behind(struct stage *stage)
{
	configure_stick(stage, "");
	stage->world->now_s -= 400 * (int64_t)DAY_S;
}

static void server_is_gone(struct stage *stage)
{
	configure(stage, "http://127.0.0.1:9", "");
}

static void name_is_wrong(struct stage *stage)
{
	configure(stage, "http://no-such-name.invalid", "");
}

static void proxy_is_gone(struct stage *stage)
{
	configure(stage, "http://127.0.0.1:9/haishin", "[server]\nproxy = http://127.0.0.1:9\n");
}

static void proxy_wants_a_password(struct stage *stage)
{
	char more[128];

	serve(stage, NULL, NULL, "");
	(void)snprintf(more, sizeof(more), "[server]\nproxy = http://127.0.0.1:%d\n", bad_server_port(stage->server));
	configure(stage, "http://distribution.invalid", more);
	for (int i = 0; i < 8; i++)
		bad_server_queue(stage->server, BAD_STATUS, 407);
}

static void somebody_else_answers(struct stage *stage)
{
	put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	serve(stage, &stage->stranger, NULL, "");
}

static void no_tls_where_tls_should_be(struct stage *stage)
{
	char url[URL_SIZE];

	put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	serve(stage, NULL, NULL, "");
	url_of(stage, "https", "", url);
	configure(stage, url, "");
}

static void certificate_is_missing(struct stage *stage)
{
	serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_has_expired(struct stage *stage)
{
	put_certificate(stage, &stage->pki, CODE, pki_yesterday(), time(NULL) + DAY_S);
	serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_is_not_valid_yet(struct stage *stage)
{
	put_certificate(stage, &stage->pki, CODE, time(NULL) + 30 * (int64_t)DAY_S, pki_next_year());
	serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_lacks_its_key(struct stage *stage)
{
	put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	run_command("rm %s/terminal/etc/haishin/certificates/client.key", stage->world->folder.path);
	serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_is_not_accepted(struct stage *stage)
{
	put_certificate(stage, &stage->stranger, CODE, pki_yesterday(), pki_next_year());
	serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_is_of_another_institution(struct stage *stage)
{
	put_certificate(stage, &stage->pki, "9912345678", pki_yesterday(), pki_next_year());
	serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_ends_soon(struct stage *stage)
{
	put_certificate(stage, &stage->pki, CODE, pki_yesterday(), time(NULL) + 20 * (int64_t)DAY_S);
	serve(stage, &stage->pki, &stage->pki, "");
}

static void fail_requests(struct stage *stage, int status)
{
	serve_well(stage);
	for (int i = 0; i < 8; i++)
		bad_server_queue(stage->server, BAD_STATUS, (uint64_t)status);
}

static void server_is_ill(struct stage *stage)
{
	fail_requests(stage, 503);
}

static void server_refuses(struct stage *stage)
{
	fail_requests(stage, 451);
}

static void server_points_elsewhere(struct stage *stage)
{
	serve_well(stage);
	for (int i = 0; i < 8; i++)
		bad_server_queue(stage->server, BAD_REDIRECT_LOOP, 0);
}

static void path_is_wrong(struct stage *stage)
{
	char url[URL_SIZE];

	serve_well(stage);
	url_of(stage, "https", "/elsewhere", url);
	configure(stage, url, "");
}

static void disk_is_full(struct stage *stage)
{
	configure_stick(stage, "reserve_space = 900000G\n");
}

static void service_does_not_start(struct stage *stage)
{
	configure_stick(stage, "");
	stage->service_is_disabled = true;
}

static void a_newer_agent_was_installed(struct stage *stage)
{
	configure_stick(stage, "");
	folder_put(&stage->world->folder, "terminal/programs/version", "999.0\n", strlen("999.0\n"));
}

static void settings_have_a_mistake(struct stage *stage)
{
	configure_stick(stage, "window = always\n");
}

static void settings_name_what_nobody_knows(struct stage *stage)
{
	configure_stick(stage, "windows = 20:00-05:00\n");
}

static void root_is_missing(struct stage *stage)
{
	configure_stick(stage, "");
	run_command("rm %s/terminal/var/lib/haishin/tuf/*root.json %s/terminal/usr/share/haishin/root.json",
		stage->world->folder.path, stage->world->folder.path);
}

static void a_file_was_changed(struct stage *stage)
{
	up_to_date(stage);
	run_command("echo changed >>%s/terminal/opt/haishin/" PACKAGE "/current/data.txt", stage->world->folder.path);
	world_open(stage->world);
	look_at_files(stage);
}

static void a_file_was_changed_of_what_is_not_offered_any_more(struct stage *stage)
{
	up_to_date(stage);
	run_command("rm %s/publisher/repository/targets/" PACKAGE "/*-1.0.0.json", stage->world->folder.path);
	run_command("rm %s/terminal/opt/haishin/" PACKAGE "/current/data.txt", stage->world->folder.path);
	world_open(stage->world);
	look_at_files(stage);
}

/* ---- The machine itself. ---- */

static void on_terminal(struct stage *stage, const char *command)
{
	configure_stick(stage, "");
	run_command("cd %s/terminal && %s", stage->world->folder.path, command);
}

static void current_became_a_folder(struct stage *stage)
{
	on_terminal(stage, "cd opt/haishin/" PACKAGE " && cp -rL current copy && rm current && mv copy current");
}

static void previous_became_a_folder(struct stage *stage)
{
	on_terminal(stage, "cd opt/haishin/" PACKAGE " && rm -f previous && mkdir previous");
}

static void a_package_is_a_file(struct stage *stage)
{
	on_terminal(stage, "cd opt/haishin && rm -rf " PACKAGE " && touch " PACKAGE);
}

static void another_package_is_odd(struct stage *stage)
{
	on_terminal(stage, "cd opt/haishin/linkage-app && rm current && mkdir current");
}

static void the_key_is_empty(struct stage *stage)
{
	on_terminal(stage, ": >var/lib/haishin/terminal.key");
}

static void the_key_is_cut(struct stage *stage)
{
	on_terminal(stage, "echo '-----BEGIN PRIVATE KEY-----' >var/lib/haishin/terminal.key");
}

static void the_chosen_environment_is_lost(struct stage *stage)
{
	on_terminal(stage, ": >var/lib/haishin/environment");
}

static void everybody_may_write_the_releases(struct stage *stage)
{
	on_terminal(stage, "chmod 777 opt/haishin");
}

static void everybody_may_write_the_plan(struct stage *stage)
{
	on_terminal(stage, "chmod 666 var/lib/haishin/boot/journal");
}

static void the_store_is_a_link(struct stage *stage)
{
	on_terminal(stage, "cd var/lib/haishin && mv state.db elsewhere.db && ln -s elsewhere.db state.db");
}

static void memory_is_low(struct stage *stage)
{
	on_terminal(stage, "mkdir -p proc && echo 'MemAvailable:       9000 kB' >proc/meminfo");
}

static void the_settings_are_empty(struct stage *stage)
{
	configure_stick(stage, "");
	run_command(": >%s/terminal/etc/haishin/haishin.conf", stage->world->folder.path);
}

static void the_clock_was_set_ahead(struct stage *stage)
{
	struct world *world = stage->world;
	struct error err = {0};

	configure_stick(stage, "");
	world_open(world);
	assert_ok(account_windows(&world->terminal, &err), &err);
	world->now_s += 400 * (int64_t)DAY_S;
	world->booted_s += 400 * (int64_t)DAY_S; /* no time has passed */
	assert_ok(account_windows(&world->terminal, &err), &err);
	world_close(world);
}

static void the_battery_is_dead(struct stage *stage)
{
	configure_stick(stage, "");
	stage->world->now_s = 60;
}

static void the_clock_is_of_the_year_2000(struct stage *stage)
{
	configure_stick(stage, "");
	stage->world->now_s = 946684860;
}

/* ---- What 'haishin download-now' cannot bring. ---- */

static void not_there_yet(struct stage *stage)
{
	on_terminal(stage, "rm -rf opt/haishin/" PACKAGE);
}

static void not_there_and_misspelt(struct stage *stage)
{
	struct world *world = stage->world;
	char path[FOLDER_PATH_SIZE + 64];
	struct error err = {0};

	on_terminal(stage, "sed -i s,reader-app/acme,reader-app/acmee, etc/haishin/haishin.conf");
	(void)snprintf(path, sizeof(path), "%s/terminal/etc/haishin/haishin.conf", world->folder.path);
	config_clear(&world->config);
	assert_ok(config_load(&world->fs, path, NULL, &world->config, &err), &err);
}

static void not_there_and_held(struct stage *stage)
{
	held(stage);
	not_there_yet(stage);
}

static void not_there_and_requires_what_is_nowhere(struct stage *stage)
{
	requires_what_is_nowhere(stage);
	not_there_yet(stage);
}

static void not_there_and_others_get_it_first(struct stage *stage)
{
	rolled_out_to_others_first(stage);
	not_there_yet(stage);
}

static void the_first_release_did_not_work(struct stage *stage)
{
	struct error err = {0};

	not_there_yet(stage);
	world_repo(stage->world, "catalog set " PACKAGE "=666.0.0");
	world_repo(stage->world, "publish");
	world_does(stage->world, JOB_BUTTON);
	world_restart(stage->world);
	(void)!world_run(stage->world, JOB_CONFIRM, NULL, &err);
}

static void the_first_release_was_taken_back(struct stage *stage)
{
	the_first_release_did_not_work(stage);
	world_restart(stage->world);
}

static void taken_back_as_somebody_wanted(struct stage *stage)
{
	struct delivery delivery;
	struct error err = {0};
	bool found;

	taken_back(stage);
	assert_ok(delivery_latest(stage->world->terminal.store, PACKAGE, &delivery, &found, &err), &err);
	assert_ok(quarantine_note_wish(stage->world->terminal.store, PACKAGE, delivery.digest, &err), &err);
}

static void payload_is_not_there(struct stage *stage)
{
	struct error err = {0};

	configure_stick(stage, "");
	run_command("rm %s/publisher/repository/targets/" PACKAGE "/*.tar.zst", stage->world->folder.path);
	(void)!world_run(stage->world, JOB_BUTTON, NULL, &err);
}

/* ---- The table. ---- */

static const struct situation {
	const char *name;
	void (*seed)(struct stage *stage);
	const char *gate;    /* that decides; "" for none: it may come; NULL where there is no agent to ask */
	const char *finding; /* of the doctor; "name-" stands for any that begins so */
	const char *reason;  /* of the verdict */
} situations[] = {
	{"all is well", all_is_well, "", "nothing", "newer-release"},
	{"delivered from a stick", delivered_from_a_stick, "", "nothing", "newer-release"},
	{"up to date", up_to_date, "newer", "nothing", "all-current"},
	{"the catalog does not name it", not_named, "catalog", "nothing", "all-current"},
	{"delivery disabled (F8)", disabled, "disabled", "nothing", "disabled"},
	{"the package is held", held, "held", "nothing", "all-current"},
	{"staged, no restart yet (F7)", staged, "restart", "nothing", "staged"},
	{"activated, not confirmed yet", on_trial, "trial", "nothing", "all-current"},
	{"taken back", taken_back, "quarantine", "nothing", "rolled-back"},
	{"at noon (F2)", at_noon, "window", "nothing", "newer-release"},
	{"outside the terminal's own window", outside_its_own_window, "window", "nothing", "newer-release"},
	{"before its turn in the window", before_its_turn, "turn", "nothing", "newer-release"},
	{"the campaign is to come (F3)", campaign_to_come, "campaign", "nothing", "campaign"},
	{"the campaign is over (F3)", campaign_over, "campaign", "nothing", "campaign"},
	{"a night that the campaign leaves out (F3)", campaign_leaves_the_night_out, "campaign", "nothing",
		"campaign"},
	{"the campaign has other hours (F3)", campaign_with_other_hours, "campaign", "nothing", "campaign"},
	{"others get it first", rolled_out_to_others_first, "rollout", "nothing", "not-its-turn"},
	{"requires what is nowhere (F22)", requires_what_is_nowhere, "requires", "nothing", "waits"},
	{"forged metadata", forged_metadata, "signature", "trust-refused", "refused"},
	{"altered on the way", altered_on_the_way, "signature", "trust-refused", "refused"},
	{"the release is not where it should be", release_is_not_there, "last-try", "nothing", "file-missing"},
	{"nobody signs any more", nobody_signs_any_more, "signature", "trust-expired", "expired"},
	{"only the timestamp has expired", the_timestamp_has_expired, "signature", "trust-expired", "expired"},
	{"a login page answers", a_login_page_answers, "network", "server-stranger", "all-current"},
	{"an empty file answers", nothing_is_answered, "network", "server-stranger", "all-current"},
	{"a proxy answers in JSON", a_proxy_answers_in_json, "network", "server-stranger", "all-current"},
	{"the clock is behind", clock_is_behind, "clock", "clock-behind", "clock"},
	{"the server is gone", server_is_gone, "network", "server-unreachable", "all-current"},
	{"the server's name is wrong (F21)", name_is_wrong, "network", "name-", "all-current"},
	{"the proxy is gone (F15)", proxy_is_gone, "network", "proxy-unreachable", "all-current"},
	{"the proxy wants a password (F15)", proxy_wants_a_password, "network", "proxy-refuses", "all-current"},
	{"somebody else answers", somebody_else_answers, "network", "tls-untrusted", "server-untrusted"},
	{"no TLS where it should be", no_tls_where_tls_should_be, "network", "tls-failed", "all-current"},
	{"no client certificate (F16)", certificate_is_missing, "certificate", "certificate-missing", "certificate"},
	{"the client certificate has expired (F16)", certificate_has_expired, "certificate", "certificate-expired",
		"certificate"},
	{"the client certificate is not valid yet", certificate_is_not_valid_yet, "certificate",
		"certificate-not-yet", "certificate"},
	{"the client certificate lacks its key", certificate_lacks_its_key, "certificate", "certificate-unusable",
		"certificate"},
	{"the client certificate is not accepted", certificate_is_not_accepted, "certificate", "certificate-refused",
		"certificate"},
	{"a certificate of another institution (F16)", certificate_is_of_another_institution, "",
		"certificate-of-another", "newer-release"},
	{"the client certificate ends soon", certificate_ends_soon, "", "certificate-ends", "newer-release"},
	{"the server is ill", server_is_ill, "network", "server-silent", "all-current"},
	{"the server refuses", server_refuses, "network", "server-refuses", "all-current"},
	{"the server points elsewhere", server_points_elsewhere, "network", "server-redirects", "all-current"},
	{"the path is wrong", path_is_wrong, "network", "server-no-repository", "all-current"},
	{"the disk is full", disk_is_full, "space", "disk-full", "disk-full"},
	{"the service does not start (F19)", service_does_not_start, "", "service-disabled", "newer-release"},
	{"a newer agent was installed by hand", a_newer_agent_was_installed, "", "agent-older", "newer-release"},
	{"a file was changed", a_file_was_changed, "", "files-damaged", "files-damaged"},
	{"a file was lost of a release that nobody offers", a_file_was_changed_of_what_is_not_offered_any_more,
		"newer", "files-damaged", "files-beyond-repair"},
	{"the settings have a mistake (F18)", settings_have_a_mistake, NULL, "configuration-wrong", ""},
	{"a setting of a newer agent, or a slip", settings_name_what_nobody_knows, "", "setting-unknown",
		"newer-release"},
	{"the trusted root is missing", root_is_missing, NULL, "trust-root-missing", ""},
	{"current became a folder", current_became_a_folder, "machine", "package-odd", "package-odd"},
	{"previous became a folder", previous_became_a_folder, "machine", "package-odd", "package-odd"},
	{"a file stands where the package should", a_package_is_a_file, "machine", "package-odd", "package-odd"},
	{"another package is odd", another_package_is_odd, "", "package-odd", "package-odd"},
	{"the terminal's key is empty", the_key_is_empty, "", "file-damaged", "file-damaged"},
	{"the terminal's key is cut", the_key_is_cut, "", "file-damaged", "file-damaged"},
	{"which environment was chosen is lost", the_chosen_environment_is_lost, "", "file-damaged", "file-damaged"},
	{"everybody may write the releases", everybody_may_write_the_releases, "", "file-foreign", "file-foreign"},
	{"everybody may write the plan", everybody_may_write_the_plan, "", "file-foreign", "file-foreign"},
	{"the store is a link", the_store_is_a_link, NULL, "file-foreign", ""},
	{"memory is low", memory_is_low, "", "memory-low", "memory-low"},
	{"the settings are empty (F18)", the_settings_are_empty, NULL, "configuration-wrong", ""},
	{"the clock was set ahead", the_clock_was_set_ahead, "clock", "clock-ahead", "clock"},
	{"the clock's battery is dead", the_battery_is_dead, "clock", "clock-behind", "clock"},
	{"the clock is of the year 2000", the_clock_is_of_the_year_2000, "clock", "clock-behind", "clock"},
	{"not there yet (F13)", not_there_yet, "", "nothing", "not-installed"},
	{"a package is misspelt in the settings", not_there_and_misspelt, "", "nothing", "not-named"},
	{"not there, and held", not_there_and_held, "held", "nothing", "held"},
	{"not there, and requires what is nowhere", not_there_and_requires_what_is_nowhere, "requires", "nothing",
		"requires"},
	{"not there, and others get it first", not_there_and_others_get_it_first, "", "nothing", "not-installed"},
	{"the first release did not work", the_first_release_did_not_work, "restart", "nothing", "condemned-first"},
	{"the first release was taken back", the_first_release_was_taken_back, "quarantine", "nothing", "gone"},
	{"taken back as somebody here wanted", taken_back_as_somebody_wanted, "quarantine", "nothing", "wanted-back"},
	{"the payload is not where it should be", payload_is_not_there, "last-try", "nothing", "file-missing"},
};

/* ---- What is seen. ---- */

struct seen {
	char gate[32]; /* "-" where there is no agent to ask */
	char finding[64];
	bool has_failure;
	json_t *status;		/* as the agent answers it; NULL where there is none */
	char reason[32];	/* "-" as well */
	const char *next;	/* what status advises */
	char check[16];		/* how the last check ended, which status tells of */
	enum error_code button; /* how the button ended */
	int64_t staged;		/* by it */
};

static void take_hop(void *context, const struct doctor_hop *hop)
{
	struct seen *seen = context;
	bool is_worse = hop->outcome == DOCTOR_FAILED ? !seen->has_failure
						      : hop->outcome == DOCTOR_WARNING && !*seen->finding;

	if (is_worse)
		(void)snprintf(seen->finding, sizeof(seen->finding), "%s", doctor_finding_name(hop->finding));
	seen->has_failure |= hop->outcome == DOCTOR_FAILED;
}

/* A program of a package runs as ever. */
static int answer_as_service_manager(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct stage *stage = processes->context;

	if (strcmp(request->argv[1], "is-enabled") != 0)
		return stage->world->processes.run(&stage->world->processes, request, ret_result, err);
	*ret_result = (struct process_result){0};
	return buf_printf(request->output, err, "%s\n", stage->service_is_disabled ? "disabled" : "enabled");
}

static const char *const advice[] = {
#define ADVICE(enumerator, name, meaning, next) next,
#define N_(text) text
	EACH_STATUS_REASON(ADVICE)
#undef N_
#undef ADVICE
};

static void ask_explain(struct stage *stage, struct seen *seen)
{
	struct terminal *terminal = &stage->world->terminal;
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(status) struct status status = {0};
	struct explanation explanation;
	struct explain_facts facts;
	struct agenda agenda = {0};
	struct error err = {0}, none = {0};

	if (distribution_kept_catalog(terminal, &catalog, &none) < 0)
		catalog = NULL;
	if (stage->turn_matters)
		assert_ok(agenda_next(terminal, &agenda, &err), &err);
	assert_ok(status_collect(terminal, &status, &err), &err);
	assert_ok(explain_collect(terminal, &status, catalog, agenda.due_s, &facts, &err), &err);
	assert_non_null(seen->status = status_json(&status, terminal->config));
	assert_string_equal(status.packages[1].name, PACKAGE);
	(void)snprintf(seen->reason, sizeof(seen->reason), "%s", status_reason_name(status.judgement.reason));
	seen->next = advice[status.judgement.reason];
	(void)snprintf(seen->check, sizeof(seen->check), "%s", status.has_check ? status.last_check.error : "");
	assert_ok(explain_package(&facts, &status.packages[1], &explanation, &err), &err);
	(void)snprintf(seen->gate, sizeof(seen->gate), "%s",
		explanation.decides == EXPLAIN_GATES ? "" : explain_gate_name(explanation.decides));
}

/* The terminal as a machine of its own, with a service manager. */
static void ask_doctor(struct stage *stage, struct seen *seen)
{
	struct world *world = stage->world;
	struct processes service_manager = {.run = answer_as_service_manager, .context = stage};
	struct processes *processes = world->env.processes;

	if (stage->service_is_disabled) {
		free(world->config.root);
		world->config.root = strdup("");
	}
	world->env.processes = &service_manager;
	doctor_walk(&world->terminal, -1, take_hop, seen);
	world->env.processes = processes;
}

static void press_the_button(struct world *world, struct seen *seen)
{
	struct job_result result = {0};
	struct error err = {0};

	seen->button = world_run(world, JOB_BUTTON, &result, &err) < 0 ? err.code : ERROR_NONE;
	seen->staged = result.staged;
}

/* As the programs do: the settings, the terminal, then its job. */
static void look(struct stage *stage, struct seen *seen)
{
	struct world *world = stage->world;
	AUTO(config) struct config config = {0};
	char path[FOLDER_PATH_SIZE + 64];
	struct error err = {0};

	(void)snprintf(path, sizeof(path), "%s/terminal/etc/haishin/haishin.conf", world->folder.path);
	(void)strcpy(seen->gate, "-");
	(void)strcpy(seen->reason, "-");
	if (config_load(&world->fs, path, NULL, &config, &err) < 0) {
		doctor_tell_configuration(&err, take_hop, seen);
		return;
	}
	if (!world->is_open && terminal_open(&world->env, &world->config, &world->terminal, &err) < 0) {
		if (!doctor_tell_machine(&world->env, &world->config, take_hop, seen))
			doctor_tell_terminal(&err, take_hop, seen);
		return;
	}
	world->is_open = true;
	(void)!world_run(world, JOB_CHECK, NULL, &err);
	ask_explain(stage, seen);
	ask_doctor(stage, seen);
	if (!*seen->finding)
		(void)strcpy(seen->finding, "nothing");
	press_the_button(world, seen);
}

/* ---- The stage. ---- */

/* Everything as it was before the first situation. */
static void put_back(struct stage *stage)
{
	struct world *world = stage->world;

	world_close(world);
	if (stage->server)
		bad_server_stop(stage->server);
	stage->server = NULL;
	stage->turn_matters = stage->service_is_disabled = false;
	run_command("cd %s && rm -rf terminal publisher keys && cp -a saved/. .", world->folder.path);
	world->now_s = stage->evening_s;
	world->booted_s = 0;
	(void)strcpy(world->boot_id, "boot-1");
}

/* All four packages run their first release; a second one of one of them has been published since. */
static int set_the_stage(void **state)
{
	static const char *const packages[] = {"distro-app", PACKAGE, "linkage-app", "reader-app/acme"};
	struct stage *stage = calloc(1, sizeof(*stage));
	struct world *world;
	void *made;

	assert_int_equal(world_setup(&made), 0);
	stage->world = world = made;
	pki_init(&stage->pki, "the authority");
	pki_init(&stage->stranger, "a stranger");
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++)
		world_add(world, packages[i], "1.0.0", CHECKS);
	world_add(world, PACKAGE, "2.0.0", CHECKS);
	world_add(world, PACKAGE, "3.0.0", CHECKS " --requires=distro-app=9.0.0");
	world_add(world, PACKAGE, "666.0.0", CHECKS);
	world_publish(world, "distro-app=1.0.0 " PACKAGE "=1.0.0 linkage-app=1.0.0 reader-app/acme=1.0.0");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	world_does(world, JOB_CONFIRM);
	world_close(world);
	world_publish(world, PACKAGE "=2.0.0");
	folder_put(&world->folder, "terminal/etc/haishin/ca.pem", stage->pki.ca_pem, strlen(stage->pki.ca_pem));
	stage->evening_s = world->now_s;
	run_command("cd %s && mkdir saved && cp -a terminal publisher keys saved/", world->folder.path);
	*state = stage;
	return 0;
}

static int clear_the_stage(void **state)
{
	struct stage *stage = *state;
	void *world = stage->world;

	if (stage->server)
		bad_server_stop(stage->server);
	pki_clear(&stage->pki);
	pki_clear(&stage->stranger);
	free(stage);
	return world_teardown(&world);
}

static void assert_member(const json_t *view, const char *member, const char *expected)
{
	assert_string_equal(json_string_value(json_object_get(view, member)), expected);
}

/* The window says what the command line says, and its code is that of the situation. */
static void check_window(const struct seen *seen)
{
	AUTO(json) json_t *view = view_status(seen->status, seen->finding);
	const char *reason = json_string_value(json_object_get(seen->status, "reason"));
	const char *verdict = json_string_value(json_object_get(seen->status, "verdict"));
	struct support_case said;
	struct words_error words;

	if (seen->status)
		words_of_reason(reason, &words);
	else
		words_of_error("no-agent", &words);
	assert_non_null(view);
	assert_member(view, "word", words_of_verdict(seen->status ? verdict : "needs-attention"));
	assert_member(view, "sentence", words.sentence);
	assert_member(view, "next", words.next);
	assert_true(support_code_read(json_string_value(json_object_get(view, "code")), &said));
	assert_string_equal(said.finding, seen->finding);
	assert_string_equal(said.reason ? said.reason : "", reason ? reason : "");
}

/* What the button ends with where that gate decides: the names of errors, "staged" for a package that came, "" for none. */
static const struct {
	const char *gate, *ends;
} buttons[] = {
	{"", "staged"},
	{"window", "staged"},
	{"turn", "staged"},
	{"campaign", "staged"},
	{"disabled", "disabled"},
	{"machine", "machine no-space none"},
	{"space", "no-space"},
	{"clock", "staged none refused expired"},
	{"certificate", "certificate"},
	{"network", "network server stranger certificate not-found"},
	{"signature", "refused altered expired"},
	{"last-try", "not-found server none"},
	{"catalog", "none"},
	{"newer", "none"},
	{"held", "none"},
	{"restart", "none"},
	{"trial", "none"},
	{"quarantine", "none"},
	{"rollout", "none"},
	{"requires", "none"},
};

static bool button_agrees(const struct seen *seen)
{
	const char *ended = seen->staged ? "staged" : error_code_name(seen->button);

	if (strcmp(seen->gate, "-") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(buttons); i++)
		if (strcmp(buttons[i].gate, seen->gate) == 0)
			return text_holds_word(buttons[i].ends, ended);
	return false;
}

/* What keeps the server away is told by status even before it is the verdict. */
static bool check_agrees(const struct seen *seen)
{
	return strcmp(seen->gate, "network") != 0 || strcmp(seen->check, error_code_name(seen->button)) == 0;
}

/* Who is told that the button brings it finds that it does. */
static bool advice_helps(const struct seen *seen)
{
	static const char *const promises[] = {
		"or run 'haishin download-now'", "Run 'haishin download-now'", "'haishin download-now' brings it"};

	for (size_t i = 0; seen->next && i < ARRAY_SIZE(promises); i++)
		if (strstr(seen->next, promises[i]) && !seen->staged)
			return false;
	return true;
}

static bool is_as_seeded(const struct situation *situation, const struct seen *seen)
{
	size_t len = strlen(situation->finding);
	bool begins_so = situation->finding[len - 1] == '-';

	return strcmp(seen->gate, situation->gate ? situation->gate : "-") == 0 &&
	       strcmp(seen->reason, situation->gate ? situation->reason : "-") == 0 && button_agrees(seen) &&
	       check_agrees(seen) && advice_helps(seen) &&
	       (begins_so ? strncmp(seen->finding, situation->finding, len) == 0
			  : strcmp(seen->finding, situation->finding) == 0);
}

static void test_names_the_cause_that_was_seeded(void **state)
{
	struct stage *stage = *state;
	size_t wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(situations); i++) {
		const struct situation *situation = &situations[i];
		struct seen seen = {0};

		put_back(stage);
		situation->seed(stage);
		look(stage, &seen);
		check_window(&seen);
		json_decref(seen.status);
		if (is_as_seeded(situation, &seen))
			continue;
		print_message(
			"%s: expected gate '%s', finding '%s' and reason '%s', got '%s', '%s' and '%s'; the button "
			"ended with %s and brought %d; told: %s\n",
			situation->name, situation->gate ? situation->gate : "-", situation->finding,
			situation->reason, seen.gate, seen.finding, seen.reason, error_code_name(seen.button),
			(int)seen.staged, seen.next ? seen.next : "");
		wrong++;
	}
	assert_true(ARRAY_SIZE(situations) >= 60);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_the_cause_that_was_seeded),
	};

	return cmocka_run_group_tests(tests, set_the_stage, clear_the_stage);
}
