#include "tests/agent/boot_fixture.h"

#include <stdlib.h>

#include "agent/store/history.h"
#include "agent/store/installed.h"
#include "common/text.h"
#include "tests/support/test.h"

static const char *const packages[] = {FACE, READER, NULL};

void boot_fixture_init(struct boot_fixture *fixture)
{
	struct error err = {0};

	memset(fixture, 0, sizeof(*fixture));
	store_fixture_init(&fixture->base);
	fixture->env = (struct env){.clock = &fixture->base.clock, .fs = &fixture->base.fs};
	assert_ok(fs_make_dirs(fixture->env.fs, fixture->base.folder.fd, "boot", 0700, &err), &err);
	assert_ok(fs_make_dirs(fixture->env.fs, fixture->base.folder.fd, "packages", 0755, &err), &err);
	fixture->boot_dir_fd = fs_open_dir(fixture->env.fs, fixture->base.folder.fd, "boot", &err);
	fixture->packages_dir_fd = fs_open_dir(fixture->env.fs, fixture->base.folder.fd, "packages", &err);
	assert_true(fixture->boot_dir_fd >= 0 && fixture->packages_dir_fd >= 0);
	fixture->options = (struct boot_options){
		.boot_dir_fd = fixture->boot_dir_fd,
		.packages_dir_fd = fixture->packages_dir_fd,
		.packages = packages,
	};
}

void boot_fixture_clear(struct boot_fixture *fixture)
{
	fd_close(&fixture->boot_dir_fd);
	fd_close(&fixture->packages_dir_fd);
	store_fixture_clear(&fixture->base);
}

int boot_fixture_setup(void **state)
{
	struct boot_fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	boot_fixture_init(fixture);
	*state = fixture;
	return 0;
}

int boot_fixture_teardown(void **state)
{
	boot_fixture_clear(*state);
	free(*state);
	return 0;
}

struct fixture_release boot_fixture_release_of(const char *version)
{
	struct fixture_release release;
	struct sha256 sum;

	sha256_of(version, strlen(version), &sum);
	(void)snprintf(release.version, sizeof(release.version), "%s", version);
	(void)sha256_hex(&sum, release.digest);
	package_release_folder(release.version, release.digest, release.folder);
	return release;
}

struct fixture_release boot_fixture_put_release(
	struct boot_fixture *fixture, const char *package, const char *version)
{
	struct fixture_release release = boot_fixture_release_of(version);
	char path[FOLDER_PATH_SIZE];

	(void)snprintf(path, sizeof(path), "packages/%s/versions/%s/program", package, release.folder);
	folder_put(&fixture->base.folder, path, version, strlen(version));
	(void)snprintf(path, sizeof(path), "packages/%s/versions/%s.json", package, release.folder);
	folder_put(&fixture->base.folder, path, version, strlen(version));
	return release;
}

void boot_fixture_make_current(struct boot_fixture *fixture, const char *package, const char *folder)
{
	AUTO(versions) struct versions *versions = NULL;
	struct error err = {0};

	assert_ok(versions_open(fixture->env.fs, fixture->packages_dir_fd, package, &versions, &err), &err);
	assert_ok(versions_activate(versions, folder, &err), &err);
}

static struct plan *read_plan(struct boot_fixture *fixture)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	assert_non_null(plan);
	assert_ok(plan_read(fixture->env.fs, fixture->boot_dir_fd, plan, &err), &err);
	return plan;
}

void boot_fixture_plan(struct boot_fixture *fixture, const char *package, enum plan_state state, const char *folder,
	const char *former)
{
	AUTO(free) struct plan *plan = read_plan(fixture);
	struct plan_entry entry = {.priority = 1, .state = state, .starts = state != PLAN_STAGED};
	struct error err = {0};

	text_cut(package, entry.package, sizeof(entry.package));
	text_cut(folder, entry.folder, sizeof(entry.folder));
	text_cut(former, entry.former, sizeof(entry.former));
	assert_ok(plan_put(plan, &entry, &err), &err);
	assert_ok(plan_write(fixture->env.fs, fixture->boot_dir_fd, plan, &err), &err);
}

struct plan_entry boot_fixture_planned(struct boot_fixture *fixture, const char *package)
{
	AUTO(free) struct plan *plan = read_plan(fixture);
	struct plan_entry *entry = plan_find(plan, package);

	return entry ? *entry : (struct plan_entry){0};
}

void boot_fixture_tell(struct boot_fixture *fixture, enum journal_event event, const char *package,
	const char *folder, const char *former, const char *reason)
{
	struct journal_line line = {.at_s = FIXTURE_NOW_S - 3600, .boot_id = "boot-0", .event = event};
	struct error err = {0};

	text_cut(package, line.package, sizeof(line.package));
	text_cut(folder, line.folder, sizeof(line.folder));
	text_cut(former, line.former, sizeof(line.former));
	text_cut(reason, line.reason, sizeof(line.reason));
	assert_ok(journal_append(fixture->env.fs, fixture->boot_dir_fd, &line, 1, &err), &err);
}

struct delivery boot_fixture_deliver(struct boot_fixture *fixture, const char *package,
	const struct fixture_release *release, enum delivery_state state)
{
	struct store *store = fixture->base.store;
	struct delivery delivery;
	struct error err = {0};

	assert_ok(delivery_plan(store, package, release->version, release->digest, 0, &delivery, &err), &err);
	if (state != DELIVERY_PLANNED)
		assert_ok(delivery_begin(store, &delivery, 1000, &err), &err);
	if (state == DELIVERY_FAILED)
		assert_ok(delivery_fail(store, &delivery, "withdrawn", &err), &err);
	if (state >= DELIVERY_STAGED && state <= DELIVERY_ROLLED_BACK)
		assert_ok(delivery_staged(store, &delivery, 1000, &err), &err);
	if (state >= DELIVERY_ACTIVATED && state <= DELIVERY_ROLLED_BACK)
		assert_ok(delivery_activated(store, &delivery, NULL, &err), &err);
	if (state == DELIVERY_CONFIRMED)
		assert_ok(delivery_confirmed(store, &delivery, &err), &err);
	if (state == DELIVERY_ROLLED_BACK)
		assert_ok(delivery_rolled_back(store, &delivery, "unhealthy", NULL, &err), &err);
	assert_int_equal(delivery.state, state);
	return delivery;
}

enum delivery_state boot_fixture_state(struct boot_fixture *fixture, const char *package, const char *folder)
{
	struct delivery delivery;
	struct error err = {0};
	bool found;

	assert_ok(delivery_of_folder(fixture->base.store, package, folder, &delivery, &found, &err), &err);
	assert_true(found);
	return delivery.state;
}

struct boot_result boot_fixture_reconcile(struct boot_fixture *fixture)
{
	struct boot_result result;
	struct error err = {0};

	assert_ok(boot_reconcile(&fixture->env, fixture->base.store, &fixture->options, &result, &err), &err);
	return result;
}

int64_t boot_fixture_rows(struct boot_fixture *fixture)
{
	struct error err = {0};
	int64_t rows;

	assert_ok(history_verify(fixture->base.store, &rows, &err), &err);
	return rows;
}

/* ---- Agreement ---- */

static bool may_stand_together(const struct plan_entry *entry, const char *current, enum delivery_state state)
{
	bool is_current = strcmp(entry->folder, current) == 0;

	switch (entry->state) {
	case PLAN_STAGED:
		return state == DELIVERY_STAGED ? !is_current : state == DELIVERY_ACTIVATED && is_current;
	case PLAN_TRIAL:
		return is_current && state == DELIVERY_ACTIVATED;
	case PLAN_CONDEMNED:
		return is_current && (state == DELIVERY_ACTIVATED || state == DELIVERY_CONFIRMED);
	}
	return false;
}

static void assert_plan_agrees(
	struct boot_fixture *fixture, const char *package, struct versions *versions, const char *current)
{
	struct plan_entry entry = boot_fixture_planned(fixture, package);
	enum delivery_state state;

	if (!*entry.package)
		return;
	assert_true(versions_has(versions, entry.folder));
	state = boot_fixture_state(fixture, package, entry.folder);
	if (!may_stand_together(&entry, current, state))
		fail_msg("%s: plan has %s %s, '%s' is current, its delivery is %s", package,
			plan_state_name(entry.state), entry.folder, current, delivery_state_name(state));
}

static void assert_waiting_is_planned(struct boot_fixture *fixture, const char *package, const char *current)
{
	struct plan_entry entry = boot_fixture_planned(fixture, package);
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM delivery WHERE package = '%s' AND ((state = 'staged' AND folder <> '%s') OR "
		"(state = 'activated' AND (folder <> '%s' OR folder <> '%s')))",
		package, entry.folder, entry.folder, current);
	if (store_fixture_number(&fixture->base, sql))
		fail_msg("%s: a delivery waits for what the plan does not have", package);
}

static void assert_package_agrees(struct boot_fixture *fixture, const char *package)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];
	struct installed_row row;
	struct error err = {0};
	bool found;

	assert_ok(versions_open(fixture->env.fs, fixture->packages_dir_fd, package, &versions, &err), &err);
	assert_ok(versions_current(versions, current, &err), &err);
	assert_ok(installed_find(fixture->base.store, package, &row, &found, &err), &err);
	assert_string_equal(found ? row.folder : "", current);
	assert_plan_agrees(fixture, package, versions, current);
	assert_waiting_is_planned(fixture, package, current);
}

void boot_fixture_assert_agrees(struct boot_fixture *fixture)
{
	struct error err = {0};

	for (size_t i = 0; packages[i]; i++)
		assert_package_agrees(fixture, packages[i]);
	assert_ok(store_check(fixture->base.store, &err), &err);
	(void)boot_fixture_rows(fixture);
}
