#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/store/history.h"
#include "agent/store/store_rebuild.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static void write_over(struct store_fixture *fixture, off_t offset, const void *data, size_t len)
{
	AUTO(fd) int fd = openat(fixture->folder.fd, "state.db", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, offset), (ssize_t)len);
}

static void make_garbage(struct store_fixture *fixture)
{
	folder_put(&fixture->folder, "state.db", "this was never a database, it is far too chatty for one", 55);
}

static void make_malformed_page(struct store_fixture *fixture)
{
	static const char garbage[4096] = {1, 2, 3, 4, 5};

	for (off_t page = 2; page < 12; page++)
		write_over(fixture, page * 4096, garbage, sizeof(garbage));
}

static void make_cut_off(struct store_fixture *fixture)
{
	assert_int_equal(truncate(fixture->path, 5000), 0);
}

static void make_foreign(struct store_fixture *fixture)
{
	assert_int_equal(unlink(fixture->path), 0);
	store_fixture_tamper(fixture, "CREATE TABLE address (street TEXT)");
}

static void make_table_lost(struct store_fixture *fixture)
{
	store_fixture_tamper(fixture, "DROP TABLE pause");
}

static void make_column_lost(struct store_fixture *fixture)
{
	store_fixture_tamper(fixture, "ALTER TABLE contact DROP COLUMN detail");
}

static void make_half_made(struct store_fixture *fixture)
{
	store_fixture_tamper(fixture, "PRAGMA user_version = 0");
}

static const struct {
	const char *name;
	void (*make)(struct store_fixture *fixture);
} damages[] = {
	{"garbage", make_garbage},
	{"malformed page", make_malformed_page},
	{"cut off", make_cut_off},
	{"foreign", make_foreign},
	{"table lost", make_table_lost},
	{"column lost", make_column_lost},
	{"half made", make_half_made},
};

static int take_first(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	if (row->number == 1)
		*(struct history_row *)context = *row;
	return 0;
}

static void assert_rebuilt(struct store_fixture *fixture, const char *damage)
{
	struct history_row first = {0};
	struct error err = {0};
	bool set_aside = false;

	if (store_open(fixture->path, &fixture->clock, &fixture->store, &err) == 0)
		fail_msg("%s: opened all the same", damage);
	if (err.code != ERROR_DAMAGED)
		fail_msg("%s: %s: %s", damage, error_code_name(err.code), err.text);
	if (store_open_or_rebuild(&fixture->fs, fixture->path, &fixture->clock, &fixture->store, &set_aside, &err) <
		0)
		fail_msg("%s: %s", damage, err.text);
	assert_true(set_aside);
	assert_true(fs_exists(&fixture->fs, fixture->folder.fd, "state.db.damaged-1768042800"));
	assert_ok(history_each(fixture->store, &(struct history_filter){0}, take_first, &first, &err), &err);
	assert_string_equal(first.operation, "store-rebuilt");
	assert_string_equal(first.error, "damaged");
	assert_store_setting(fixture->store, STORE_SETTING_REBUILT, "1768042800");
	assert_int_equal(store_fixture_mode(fixture, "state.db"), 0600);
}

TEST_CASE_WITH(test_sets_a_damaged_file_aside_and_makes_a_new_one, NULL, NULL)
{
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		struct store_fixture fixture;

		store_fixture_init(&fixture);
		store_fixture_fill(&fixture);
		store_close(take_ptr(&fixture.store));
		damages[i].make(&fixture);
		assert_rebuilt(&fixture, damages[i].name);
		store_fixture_reopen(&fixture);
		store_fixture_clear(&fixture);
	}
}

TEST_CASE(test_keeps_every_file_it_set_aside)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};
	bool set_aside;

	for (int i = 0; i < 3; i++) {
		store_close(take_ptr(&fixture->store));
		make_garbage(fixture);
		assert_ok(store_open_or_rebuild(
				  &fixture->fs, fixture->path, &fixture->clock, &fixture->store, &set_aside, &err),
			&err);
	}
	assert_true(fs_exists(&fixture->fs, fixture->folder.fd, "state.db.damaged-1768042800"));
	assert_true(fs_exists(&fixture->fs, fixture->folder.fd, "state.db.damaged-1768042801"));
	assert_true(fs_exists(&fixture->fs, fixture->folder.fd, "state.db.damaged-1768042802"));
}

TEST_CASE(test_does_not_set_aside_what_another_process_has_open)
{
	struct store_fixture *fixture = *state;
	struct store *second = NULL;
	struct error err = {0};
	bool set_aside;

	store_fixture_fill(fixture);
	make_garbage(fixture);
	assert_int_equal(
		store_open_or_rebuild(&fixture->fs, fixture->path, &fixture->clock, &second, &set_aside, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "another process has it open");
	assert_false(set_aside);
	assert_null(second);
}

static int exit_at_nth(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	if (number == *(uint64_t *)fs->context)
		_exit(42);
	return 0;
}

TEST_CASE_WITH(test_a_cut_while_setting_aside_ends_in_a_sound_store, NULL, NULL)
{
	bool cut = true;

	for (uint64_t nth = 1; cut; nth++) {
		struct store_fixture fixture;
		struct error err = {0};
		bool set_aside;
		int status;
		pid_t pid;

		store_fixture_init(&fixture);
		store_fixture_fill(&fixture);
		store_close(take_ptr(&fixture.store));
		make_malformed_page(&fixture);
		if ((pid = fork()) == 0) {
			struct store *store;

			fixture.fs.context = &nth;
			fixture.fs.before_change = exit_at_nth;
			_exit(store_open_or_rebuild(
				      &fixture.fs, fixture.path, &fixture.clock, &store, &set_aside, &err) < 0
					? 1
					: 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 42));
		cut = WEXITSTATUS(status) == 42;
		assert_ok(store_open_or_rebuild(
				  &fixture.fs, fixture.path, &fixture.clock, &fixture.store, &set_aside, &err),
			&err);
		assert_ok(store_check(fixture.store, &err), &err);
		assert_ok(history_verify(fixture.store, &(int64_t){0}, &err), &err);
		store_fixture_clear(&fixture);
	}
}

TEST_CASE(test_checks_itself)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	store_fixture_fill(fixture);
	assert_ok(store_check(fixture->store, &err), &err);
	store_fixture_tamper(fixture, "PRAGMA writable_schema = ON; "
				      "UPDATE sqlite_schema SET sql = 'CREATE INDEX history_of_package ON history "
				      "(boot_id, number)' WHERE name = 'history_of_package'");
	store_fixture_reopen(fixture);
	assert_int_equal(store_check(fixture->store, &err), -1);
	assert_int_equal(err.code, ERROR_DAMAGED);
}

TESTS(store_fixture_setup, store_fixture_teardown)
