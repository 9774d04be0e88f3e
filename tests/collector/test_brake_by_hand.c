/* A person stops a rollout: by the page's red button over HTTP, and by the command on the collector's machine. What comes of it stands in
 * the store and in a statement that the brake's key has signed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/json.h"
#include "manifests/keys/canonical_json.h"
#include "manifests/keys/signer.h"
#include "manifests/rollout/brake.h"
#include "tests/collector/rollout_seed.h"
#include "tests/support/test.h"

#define STOPPED "SELECT count(*) FROM rollout WHERE stopped_s > 0"
#define TOO_LONG                                                                                                     \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"           \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x"

struct site {
	struct collector collector;
	struct askers askers; /* the stranger is a second operator */
	char token[65], output[4096];
};

static int setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));
	struct collector *collector = &site->collector;

	collector_init(collector);
	rollout_seed_publish(collector, collector_now_s());
	(void)strcat(collector->more, "[role second]\nis = operator\nsubject = CN=Somebody\n");
	collector_start(collector);
	rollout_seed_wait(collector);
	askers_begin(&site->askers, collector);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	askers_clear(&site->askers);
	collector_stop(&site->collector);
	collector_clear(&site->collector);
	free(site);
	return 0;
}

static const char *see(struct site *site, struct ask *ask, const char *path)
{
	return askers_see(&site->askers, ask, path);
}

/* Of the form of linkage-app, as this client is shown it. */
static const char *find_token(struct site *site, struct ask *ask)
{
	static const char field[] = "name=\"token\" value=\"";
	const char *form = strstr(see(site, ask, "/rollouts"), "value=\"" ROLLOUT_SEED_PACKAGE "\""), *at;

	assert_non_null(form);
	assert_non_null(at = strstr(form, field));
	(void)snprintf(site->token, sizeof(site->token), "%s", at + strlen(field));
	return site->token;
}

static long post(struct site *site, struct ask *ask, const char *version, const char *why, const char *token)
{
	char body[1024];
	int len = snprintf(body, sizeof(body), "package=" ROLLOUT_SEED_PACKAGE "&version=%s&why=%s&token=%s", version, why, token);

	return ask_for(ask, "/brake", body, (size_t)len, &site->askers.answer);
}

/* ---- The statement ---- */

static void check_signature(const struct site *site, const char *text, size_t len)
{
	size_t key_len;
	char *pem = folder_get(&site->collector.folder, "brake.key", &key_len);
	AUTO(buf) struct buf canonical = BUF_INIT(BRAKE_MAX_BYTES), wanted = BUF_INIT(BRAKE_MAX_BYTES);
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_read(pem, key_len, NULL, &err);
	AUTO(json) json_t *json = json_parse(text, len, &err);
	const json_t *signature = json_array_get(json_object_get(json, "signatures"), 0);

	assert_non_null(signer);
	assert_ok(canonical_json_write(json_object_get(json, "signed"), &canonical, &err), &err);
	assert_string_equal(json_string_value(json_object_get(signature, "keyid")), signer_key_id(signer));
	/* Ed25519 signs the same bytes always alike. */
	assert_ok(signer_sign(signer, canonical.data, canonical.len, &wanted, &err), &err);
	assert_string_equal(json_string_value(json_object_get(signature, "sig")), buf_text(&wanted));
	free(pem);
}

/* What terminals fetch. */
static struct brake *statement_of(const struct site *site)
{
	struct brake *brake = NULL;
	struct error err = {0};
	size_t len;
	char *text = folder_get(&site->collector.folder, "repository/metadata/brake.json", &len);

	assert_non_null(text);
	check_signature(site, text, len);
	assert_ok(brake_parse(text, len, &brake, &err), &err);
	free(text);
	return brake;
}

static void assert_stop(const struct brake *brake, const char *by, const char *why)
{
	assert_int_equal(brake->stops_count, 1);
	assert_string_equal(brake->stops[0].package, ROLLOUT_SEED_PACKAGE);
	assert_string_equal(brake->stops[0].version, ROLLOUT_SEED_VERSION);
	assert_string_equal(brake->stops[0].by, by);
	assert_string_equal(brake->stops[0].why, why);
}

/* ---- The button ---- */

TEST_CASE(test_only_operators_are_shown_the_button)
{
	struct site *site = *state;

	assert_non_null(strstr(see(site, site->askers.boss, "/rollouts"), "<button class=\"stop\">"));
	assert_null(strstr(see(site, site->askers.auditor, "/rollouts"), "<button class=\"stop\">"));
	assert_null(strstr(buf_text(&site->askers.answer.body), "name=\"token\""));
	assert_non_null(strstr(buf_text(&site->askers.answer.body), ROLLOUT_SEED_PACKAGE));
	assert_int_equal(ask_for(site->askers.vendor, "/rollouts", NULL, 0, &site->askers.answer), 403);
	assert_int_equal(ask_for(site->askers.terminal, "/rollouts", NULL, 0, &site->askers.answer), 403);
}

TEST_CASE(test_who_presses_it_and_why_is_recorded_and_signed)
{
	struct site *site = *state;
	struct brake *brake;

	assert_int_equal(post(site, site->askers.boss, ROLLOUT_SEED_VERSION, "cameras+go+%3Cb%3Edark%26", find_token(site, site->askers.boss)), 200);
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "It is stopped."));
	assert_int_equal(post(site, site->askers.boss, ROLLOUT_SEED_VERSION, "once+more", site->token), 200);
	assert_non_null(strstr(buf_text(&site->askers.answer.body), "It was stopped already."));
	assert_int_equal(collector_count(&site->collector, STOPPED), 1);
	assert_int_equal(collector_count(&site->collector,
				 "SELECT count(*) FROM rollout_event WHERE what = 'stopped' AND by = 'CN=Operator' AND "
				 "why = 'cameras go <b>dark&'"),
		1);
	for (brake = statement_of(site); brake->stops_count == 0; brake = statement_of(site)) {
		brake_free(brake);
		(void)usleep(100000);
	}
	assert_stop(brake, "CN=Operator", "cameras go <b>dark&");
	brake_free(brake);
	assert_non_null(strstr(see(site, site->askers.boss, "/rollouts"), "cameras go &lt;b&gt;dark&amp;"));
	assert_null(strstr(buf_text(&site->askers.answer.body), "<b>dark"));
}

static const struct refused {
	const char *body; /* with the token that the operator was shown, where it ends with its name */
	long status;
	const char *says;
} refused[] = {
	{"", 400, "no field"},
	{"package=linkage-app&version=1.1.0&why=x", 400, "token"},
	{"package=linkage-app&version=1.1.0&token=", 400, "why"},
	{"package=linkage-app&why=x&token=", 400, "version"},
	{"version=1.1.0&why=x&token=", 400, "package"},
	{"package=linkage-app&version=1.1.0&why=x&token=&x=", 403, "press there"},
	{"package=linkage-app&version=1.1.0&why=x&token=" TOO_LONG "&x=", 400, "longer"},
	{"package=linkage-app&version=1.1.1&why=x&token=", 403, "press there"},
	{"package=distro-app&version=2.5.0&why=x&token=", 403, "press there"},
	{"package=linkage-app&version=1.1.0&why=&token=", 400, "plain line"},
	{"package=linkage-app&version=1.1.0&why=a%0Ab&token=", 400, "plain line"},
	{"package=linkage-app&version=1.1.0&why=a%E2%80%AEb&token=", 400, "plain line"},
	{"package=linkage-app&version=1.1.0&why=a%00b&token=", 400, "why"},
	{"package=linkage-app&version=1.1.0&why=a%zzb&token=", 400, "not written as forms are"},
	{"package=linkage-app&version=1.1.0&why=a%FFb&token=", 400, "plain line"},
	{"package=linkage-app&version=1.1.0&why=" TOO_LONG "&token=", 400, "plain line"},
};

TEST_CASE(test_what_is_no_press_of_the_button_stops_nothing)
{
	struct site *site = *state;
	struct ask *others[] = {site->askers.vendor, site->askers.auditor, site->askers.terminal, site->askers.stranger};
	AUTO(brake) struct brake *brake = NULL;
	char body[1024];

	(void)find_token(site, site->askers.boss);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		size_t said = strlen(refused[i].body);
		bool wants = said > 6 && strcmp(refused[i].body + said - 6, "token=") == 0;
		int len = snprintf(body, sizeof(body), "%s%s", refused[i].body, wants ? site->token : "");

		if (ask_for(site->askers.boss, "/brake", body, (size_t)len, &site->askers.answer) != refused[i].status ||
			!strstr(buf_text(&site->askers.answer.body), refused[i].says))
			fail_msg("%s: %ld %s", body, site->askers.answer.status, buf_text(&site->askers.answer.body));
	}
	/* Nor does another person's press with that token. */
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(post(site, others[i], ROLLOUT_SEED_VERSION, "x", site->token), 403);
	assert_int_equal(ask_for(site->askers.boss, "/brake", NULL, 0, &site->askers.answer), 405);
	assert_int_equal(collector_count(&site->collector, STOPPED), 0);
	brake = statement_of(site);
	assert_int_equal(brake->stops_count, 0);
}

/* ---- The command ---- */

static int brake_by_command(struct site *site, const char *what, const char *why)
{
	const char *const words[] = {"brake", what, why ? "--why" : NULL, why, NULL};

	return collector_command(&site->collector, words, site->output, sizeof(site->output));
}

TEST_CASE(test_the_command_stops_it_and_signs_at_once)
{
	struct site *site = *state;
	AUTO(brake) struct brake *brake = NULL;
	char by[300];

	if (brake_by_command(site, "linkage-app=1.1.0", "printers stand still") != 0)
		fail_msg("%s", site->output);
	assert_non_null(strstr(site->output, "linkage-app 1.1.0 is stopped."));
	brake = statement_of(site);
	assert_int_equal(brake->stops_count, 1);
	(void)snprintf(by, sizeof(by), "%s", brake->stops[0].by);
	assert_non_null(strstr(by, " on this machine"));
	assert_stop(brake, by, "printers stand still");
	assert_int_equal(brake_by_command(site, "linkage-app=1.1.0", "once more"), 0);
	assert_non_null(strstr(site->output, "was stopped already"));
	assert_non_null(strstr(see(site, site->askers.boss, "/rollouts"), "printers stand still"));
	assert_null(strstr(buf_text(&site->askers.answer.body), "once more"));
}

TEST_CASE(test_the_command_says_what_is_wrong_and_stops_nothing)
{
	static const struct {
		const char *what, *why, *says;
	} rows[] = {
		{"linkage-app=1.1.0", NULL, "why"},
		{"linkage-app=1.1.0", "", "plain line"},
		{"linkage-app=1.1.0", "a\nb", "plain line"},
		{"linkage-app=1.1.0", "a\xff", "plain line"},
		{"linkage-app=1.1.0", TOO_LONG, "plain line"},
		{"linkage-app=1.1.1", "x", "no rollout of linkage-app 1.1.1"},
		{"nothing-app=1.1.0", "x", "no rollout of nothing-app 1.1.0"},
		{"linkage-app", "x", "PACKAGE=VERSION"},
		{"linkage-app=", "x", "PACKAGE=VERSION"},
		{"=1.1.0", "x", "PACKAGE=VERSION"},
		{"", "x", "PACKAGE=VERSION"},
		{TOO_LONG "=1.1.0", "x", "PACKAGE=VERSION"},
	};
	struct site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (brake_by_command(site, rows[i].what, rows[i].why) == 0 || !strstr(site->output, rows[i].says))
			fail_msg("%s, '%s': %s", rows[i].what, rows[i].why ? rows[i].why : "", site->output);
	assert_int_equal(collector_count(&site->collector, STOPPED), 0);
}

/* ---- The settings ---- */

static void assert_check(struct site *site, const char *says)
{
	static const char *const words[] = {"--check", NULL};
	bool is_well = collector_command(&site->collector, words, site->output, sizeof(site->output)) == 0;

	if (is_well != (strcmp(says, "nothing is wrong") == 0) || !strstr(site->output, says))
		fail_msg("'%s' is not said: %s", says, site->output);
}

TEST_CASE(test_check_opens_the_key_of_the_brake_and_reads_the_catalog)
{
	struct site *site = *state;
	const struct folder *folder = &site->collector.folder;

	assert_check(site, "nothing is wrong");
	assert_int_equal(fchmodat(folder->fd, "brake.key", 0644, 0), 0);
	assert_check(site, "[brake] key");
	folder_put_secret(folder, "brake.key", "no key\n");
	assert_check(site, "[brake] key");
	assert_int_equal(unlinkat(folder->fd, "brake.key", 0), 0);
	assert_check(site, "[brake] key");
	folder_put(folder, "repository/metadata/timestamp.json", "{}", 2);
	assert_check(site, "[metadata] repository");
	assert_int_equal(renameat(folder->fd, "repository/metadata", folder->fd, "repository/elsewhere"), 0);
	assert_check(site, "[brake] file");
	assert_int_equal(renameat(folder->fd, "repository/elsewhere", folder->fd, "repository/metadata"), 0);
}

TESTS(setup, teardown)
