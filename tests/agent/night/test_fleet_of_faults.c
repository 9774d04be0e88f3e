/* Two hundred terminals live three nights, some of them with a fault. Each has its own store, disk and clock, does its
 * jobs with the agent's own code against one real repository, and is asked for its status on the fourth day: the fault
 * is named, what became of each window is told, and none that is well is flagged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/resident/agenda.h"
#include "agent/status/status_collect.h"
#include "agent/store/contact.h"
#include "agent/store/pause.h"
#include "agent/store/presence.h"
#include "agent/turn/account.h"
#include "rollback/versions.h"
#include "tests/agent/world.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"
#include "updater/fetch/local.h"

#define TERMINALS 200 /* each kind in its share, twice over */
#define NIGHTS 3
#define HOUR_S 3600
#define DAY_S 86400
#define SERVER "https://distribution.invalid/haishin"

/* What a terminal suffers from. The first three are well. */
enum kind {
	WELL,
	WELL_BUT_OFF_ONE_NIGHT,
	WELL_BUT_CUT_OFF_ONE_NIGHT,
	OFF_AT_NIGHT,
	NO_NETWORK,
	WRONG_CLOCK,
	EXPIRED_CERTIFICATE,
	DISABLED,
	KINDS,
};

static const struct {
	const char *name;
	int of_a_hundred;
	enum status_verdict verdict;
	enum status_reason reason;
	const char *windows[NIGHTS];
} kinds[KINDS] = {
	[WELL] = {"well", 40, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT, {CONTACT_MADE, CONTACT_MADE, CONTACT_MADE}},
	[WELL_BUT_OFF_ONE_NIGHT] = {"well, off one night", 10, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT,
		{CONTACT_MADE, CONTACT_OFF, CONTACT_MADE}},
	[WELL_BUT_CUT_OFF_ONE_NIGHT] = {"well, no network one night", 10, STATUS_UP_TO_DATE, STATUS_ALL_CURRENT,
		{CONTACT_MADE, CONTACT_MADE, CONTACT_NETWORK}},
	[OFF_AT_NIGHT] = {"off at night", 10, STATUS_ATTENTION, STATUS_OFF, {CONTACT_OFF, CONTACT_OFF, CONTACT_OFF}},
	[NO_NETWORK] = {"no network", 10, STATUS_ATTENTION, STATUS_NO_CONTACT,
		{CONTACT_NETWORK, CONTACT_NETWORK, CONTACT_NETWORK}},
	[WRONG_CLOCK] = {"wrong clock", 10, STATUS_ATTENTION, STATUS_CLOCK,
		{CONTACT_CLOCK, CONTACT_CLOCK, CONTACT_CLOCK}},
	[EXPIRED_CERTIFICATE] = {"expired certificate", 5, STATUS_ATTENTION, STATUS_CERTIFICATE,
		{CONTACT_NETWORK, CONTACT_NETWORK, CONTACT_NETWORK}},
	[DISABLED] = {"disabled", 5, STATUS_ATTENTION, STATUS_DISABLED,
		{CONTACT_DISABLED, CONTACT_DISABLED, CONTACT_DISABLED}},
};

/* What all have in common. */
struct fleet {
	struct world *publisher;
	struct pki pki;
	struct pki_pair valid, expired;
	char folder_of_release[VERSIONS_FOLDER_SIZE];
	int64_t noon_s; /* of the first day, in Japan */
};

struct sim {
	const struct fleet *fleet;
	enum kind kind;
	int night; /* from 0; -1 before the first */
	struct folder folder;
	int64_t now_s;	 /* as it is */
	int64_t shift_s; /* of the terminal's clock */
	int64_t booted_s;
	char boot_id[BOOT_ID_SIZE];
	struct clock clock;
	struct fs fs;
	struct processes processes;
	struct log log;
	struct transport transport;
	struct env env;
	struct config config;
	struct terminal terminal;
	struct presence presence;
};

/* ---- The world around a terminal. ---- */

static int64_t sim_now_s(const struct clock *clock)
{
	const struct sim *sim = clock->context;

	return sim->now_s + sim->shift_s;
}

static int64_t sim_monotonic_ms(const struct clock *clock)
{
	const struct sim *sim = clock->context;

	return (sim->now_s - sim->booted_s) * 1000;
}

static int sim_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	const struct sim *sim = clock->context;

	(void)err;
	memcpy(ret_id, sim->boot_id, BOOT_ID_SIZE);
	return 0;
}

static bool is_cut_off(const struct sim *sim)
{
	return sim->kind == NO_NETWORK ? sim->night >= 0 : sim->kind == WELL_BUT_CUT_OFF_ONE_NIGHT && sim->night == 2;
}

/* The network and the server: the repository's files, for a terminal that can be reached and whose clock lies within
 * the life of the server's certificate. */
static int sim_get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	const struct sim *sim = transport->context;
	struct transport_request from_disk = *request;
	char url[FOLDER_PATH_SIZE + 512];

	*ret_reply = (struct transport_reply){0};
	if (is_cut_off(sim))
		return error_set(err, ERROR_NETWORK, "no contact with the server: check the network");
	if (sim->shift_s)
		return error_set(err, ERROR_CERTIFICATE, "the server's certificate is not trusted: check the clock");
	(void)snprintf(url, sizeof(url), "file://%s/publisher/repository%s", sim->fleet->publisher->folder.path,
		request->url + strlen(SERVER));
	from_disk.url = url;
	return local_get(&from_disk, sink, sink_context, ret_reply, err);
}

/* ---- A terminal's life. ---- */

static const char configuration[] = "[server]\nurl = " SERVER "\n"
				    "[terminal]\npackages = distro-app\n"
				    "[delivery]\nwindow = 01:00-03:00\n";

/* The release as the publisher's own terminal holds it: what a night looks at is in order. */
static void install(struct sim *sim)
{
	AUTO(versions) struct versions *versions = NULL;
	struct error err = {0};
	char command[1024];

	(void)snprintf(command, sizeof(command),
		"mkdir -p '%s/opt/haishin/distro-app/versions' && cp -a '%s/terminal/opt/haishin/distro-app/versions/%s' "
		"'%s/opt/haishin/distro-app/versions/'",
		sim->folder.path, sim->fleet->publisher->folder.path, sim->fleet->folder_of_release, sim->folder.path);
	assert_int_equal(system(command), 0);
	assert_ok(versions_open(&sim->fs, sim->terminal.packages_dir_fd, "distro-app", &versions, &err), &err);
	assert_ok(versions_activate(versions, sim->fleet->folder_of_release, &err), &err);
}

static void put_certificate(struct sim *sim, const struct pki_pair *pair)
{
	folder_put(&sim->folder, "etc/haishin/certificates/client.pem", pair->pem, strlen(pair->pem));
	folder_put_secret(&sim->folder, "etc/haishin/certificates/client.key", pair->key_pem);
}

static void start_agent(struct sim *sim)
{
	struct error err = {0};

	assert_ok(terminal_open(&sim->env, &sim->config, &sim->terminal, &err), &err);
	sim->presence = (struct presence){0};
	assert_ok(presence_note(sim->terminal.store, &sim->presence, &err), &err);
	assert_ok(account_windows(&sim->terminal, &err), &err);
}

static void run_job(struct sim *sim, enum job_kind kind)
{
	struct job_lines lines = {.fd = -1};
	struct job_result result;
	struct error err = {0};

	(void)!job_run(&sim->terminal, kind, &lines, &result, &err);
}

static void begin(struct sim *sim, const struct fleet *fleet, enum kind kind)
{
	struct error err = {0};
	char *root;
	size_t len;

	*sim = (struct sim){.fleet = fleet, .kind = kind, .night = -1, .now_s = fleet->noon_s};
	sim->booted_s = sim->now_s - HOUR_S;
	(void)strcpy(sim->boot_id, "boot-0");
	sim->clock = (struct clock){
		.now_s = sim_now_s, .monotonic_ms = sim_monotonic_ms, .boot_id = sim_boot_id, .context = sim};
	sim->transport = (struct transport){.ask = sim_get, .context = sim};
	fs_init(&sim->fs);
	processes_init(&sim->processes);
	log_init(&sim->log, "terminal");
	sim->log.level = LOG_LEVEL_ERROR;
	sim->env = (struct env){.clock = &sim->clock,
		.fs = &sim->fs,
		.processes = &sim->processes,
		.log = &sim->log,
		.transport = &sim->transport};
	folder_init(&sim->folder);
	folder_put(&sim->folder, "etc/haishin/haishin.conf", configuration, strlen(configuration));
	root = folder_get(&fleet->publisher->folder, "publisher/repository/metadata/1.root.json", &len);
	folder_put(&sim->folder, "usr/share/haishin/root.json", root, len);
	free(root);
	put_certificate(sim, &fleet->valid);
	assert_ok(config_load(&sim->fs, NULL, sim->folder.path, &sim->config, &err), &err);
	start_agent(sim);
	install(sim);
	run_job(sim, JOB_CHECK); /* as after its installation */
}

static void suffer(struct sim *sim)
{
	struct error err = {0};

	if (sim->kind == WRONG_CLOCK)
		sim->shift_s = -400 * (int64_t)DAY_S;
	if (sim->kind == EXPIRED_CERTIFICATE)
		put_certificate(sim, &sim->fleet->expired);
	if (sim->kind == DISABLED)
		assert_ok(pause_set(sim->terminal.store, "", 0, "OqsComApp", "billing", &err), &err);
}

/* What the resident part does until then. */
static void live_until(struct sim *sim, int64_t until_s)
{
	struct agenda agenda;
	struct error err = {0};
	int64_t note_s;

	while (sim->now_s < until_s) {
		assert_ok(presence_note(sim->terminal.store, &sim->presence, &err), &err);
		assert_ok(account_windows(&sim->terminal, &err), &err);
		note_s = account_next_note_s(&sim->terminal);
		assert_ok(agenda_next(&sim->terminal, &agenda, &err), &err);
		if (agenda.due_s <= sim_now_s(&sim->clock)) {
			run_job(sim, agenda.kind);
			sim->now_s++;
			continue;
		}
		note_s = (agenda.due_s < note_s ? agenda.due_s : note_s) - sim->shift_s;
		sim->now_s = note_s < until_s ? note_s : until_s;
	}
}

static bool is_off_tonight(const struct sim *sim)
{
	return sim->kind == OFF_AT_NIGHT || (sim->kind == WELL_BUT_OFF_ONE_NIGHT && sim->night == 1);
}

/* From noon to noon. */
static void live_a_day(struct sim *sim)
{
	int64_t next_noon_s = sim->now_s + DAY_S;

	if (sim->night == 0)
		suffer(sim);
	if (!is_off_tonight(sim)) {
		live_until(sim, next_noon_s);
		return;
	}
	live_until(sim, next_noon_s - 16 * HOUR_S); /* 20:00 */
	terminal_close(&sim->terminal);
	sim->now_s = sim->booted_s = next_noon_s - 4 * HOUR_S;
	(void)snprintf(sim->boot_id, sizeof(sim->boot_id), "boot-%d", sim->night + 1);
	start_agent(sim);
	live_until(sim, next_noon_s);
}

/* ---- What is told of it. ---- */

static bool is_told_right(struct sim *sim, char *ret_told, size_t size)
{
	AUTO(status) struct status status = {0};
	struct error err = {0};
	bool right;

	assert_ok(status_collect(&sim->terminal, &status, &err), &err);
	(void)snprintf(ret_told, size, "%s (%s), windows:", status_verdict_name(status.judgement.verdict),
		status_reason_name(status.judgement.reason));
	right = status.judgement.verdict == kinds[sim->kind].verdict &&
		status.judgement.reason == kinds[sim->kind].reason && status.windows.count == NIGHTS;
	for (size_t i = 0; i < status.windows.count; i++) {
		size_t len = strlen(ret_told);

		(void)snprintf(ret_told + len, size - len, " %s", status.windows.items[i].outcome);
		right &= i < NIGHTS && strcmp(status.windows.items[i].outcome, kinds[sim->kind].windows[i]) == 0;
	}
	return right;
}

static bool live(const struct fleet *fleet, enum kind kind, char *ret_told, size_t size)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	bool right;

	assert_non_null(sim);
	begin(sim, fleet, kind);
	for (sim->night = 0; sim->night < NIGHTS; sim->night++)
		live_a_day(sim);
	right = is_told_right(sim, ret_told, size);
	terminal_close(&sim->terminal);
	config_clear(&sim->config);
	folder_clear(&sim->folder);
	free(sim);
	return right;
}

/* The kinds in their shares, well mixed. */
static enum kind kind_of(int terminal)
{
	int place = terminal * 37 % 100;
	int kind = 0;

	for (; place >= kinds[kind].of_a_hundred; kind++)
		place -= kinds[kind].of_a_hundred;
	return (enum kind)kind;
}

TEST_CASE(test_tells_right_what_is_the_case_on_two_hundred_terminals)
{
	int wrong = 0, flagged = 0;

	for (int i = 0; i < TERMINALS; i++) {
		enum kind kind = kind_of(i);
		char told[256];

		if (live(*state, kind, told, sizeof(told)))
			continue;
		print_message("terminal %d (%s): told %s\n", i, kinds[kind].name, told);
		flagged += kind <= WELL_BUT_CUT_OFF_ONE_NIGHT && strncmp(told, "needs-attention", 15) == 0;
		wrong++;
	}
	print_message("%d of %d told right, %d that are well flagged\n", TERMINALS - wrong, TERMINALS, flagged);
	assert_int_equal(wrong, 0);
	assert_int_equal(flagged, 0);
}

/* ---- The fleet. ---- */

static int gather_fleet(void **state)
{
	AUTO(versions) struct versions *versions = NULL;
	struct fleet *fleet = calloc(1, sizeof(*fleet));
	struct error err = {0};
	void *made;

	assert_int_equal(world_setup(&made), 0);
	fleet->publisher = made;
	world_add(fleet->publisher, "distro-app", "1.0.0", "--self-test=bin/self-test");
	world_publish(fleet->publisher, "distro-app=1.0.0");
	assert_ok(world_run(fleet->publisher, JOB_BUTTON, NULL, &err), &err);
	world_restart(fleet->publisher);
	assert_ok(versions_open(&fleet->publisher->fs, fleet->publisher->terminal.packages_dir_fd, "distro-app",
			  &versions, &err),
		&err);
	assert_ok(versions_current(versions, fleet->folder_of_release, &err), &err);
	fleet->noon_s = time(NULL) / DAY_S * DAY_S + DAY_S + 3 * HOUR_S;
	pki_init(&fleet->pki, "the authority");
	pki_issue_client(&fleet->pki, &fleet->valid, "1312345678", pki_yesterday(), pki_next_year());
	pki_issue_client(&fleet->pki, &fleet->expired, "1312345678", pki_yesterday(), fleet->noon_s - HOUR_S);
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 1); /* so many disks at once */
	*state = fleet;
	return 0;
}

static int dismiss_fleet(void **state)
{
	struct fleet *fleet = *state;
	void *world = fleet->publisher;

	pki_pair_clear(&fleet->valid);
	pki_pair_clear(&fleet->expired);
	pki_clear(&fleet->pki);
	free(fleet);
	return world_teardown(&world);
}

TESTS_WITHIN(gather_fleet, dismiss_fleet, NULL, NULL)
