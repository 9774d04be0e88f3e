#include "tests/agent/store_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "agent/store/history.h"
#include "tests/support/test.h"

static int64_t fixture_now_s(const struct clock *clock)
{
	return ((const struct store_fixture *)clock->context)->now_s;
}

static int fixture_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	(void)err;
	(void)strcpy(ret_id, ((const struct store_fixture *)clock->context)->boot_id);
	return 0;
}

void store_fixture_init(struct store_fixture *fixture)
{
	struct error err = {0};

	memset(fixture, 0, sizeof(*fixture));
	folder_init(&fixture->folder);
	fs_init(&fixture->fs);
	fixture->now_s = FIXTURE_NOW_S;
	(void)strcpy(fixture->boot_id, "boot-1");
	fixture->clock = (struct clock){.now_s = fixture_now_s, .boot_id = fixture_boot_id, .context = fixture};
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/state.db", fixture->folder.path);
	assert_ok(store_open(fixture->path, &fixture->clock, &fixture->store, &err), &err);
}

void store_fixture_clear(struct store_fixture *fixture)
{
	store_close(fixture->store);
	folder_clear(&fixture->folder);
}

void store_fixture_reopen(struct store_fixture *fixture)
{
	struct error err = {0};

	store_close(take_ptr(&fixture->store));
	assert_ok(store_open(fixture->path, &fixture->clock, &fixture->store, &err), &err);
}

int store_fixture_setup(void **state)
{
	struct store_fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	store_fixture_init(fixture);
	*state = fixture;
	return 0;
}

int store_fixture_teardown(void **state)
{
	store_fixture_clear(*state);
	free(*state);
	return 0;
}

void store_fixture_fill(struct store_fixture *fixture)
{
	struct error err = {0};

	for (int i = 0; i < 200; i++)
		assert_ok(history_add(fixture->store,
				  &(struct history_entry){
					  .operation = "check", .outcome = "done", .detail = "all is well"},
				  &err),
			&err);
}

mode_t store_fixture_mode(const struct store_fixture *fixture, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(fixture->folder.fd, name, &st, 0), 0);
	return st.st_mode & 0777;
}

void assert_store_setting(struct store *store, const char *name, const char *expected)
{
	AUTO(buf) struct buf value = BUF_INIT(1000);
	struct error err = {0};

	assert_ok(store_setting(store, name, &value, &err), &err);
	assert_string_equal(buf_text(&value), expected);
}

void store_fixture_tamper(struct store_fixture *fixture, const char *sql)
{
	sqlite3 *handle = NULL;

	assert_int_equal(sqlite3_open(fixture->path, &handle), SQLITE_OK);
	if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

int64_t store_fixture_number(struct store_fixture *fixture, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = NULL;
	int64_t number;

	assert_int_equal(sqlite3_open(fixture->path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	return number;
}
