/* A store in a fresh folder, under a clock that the test moves. */
#ifndef TESTS_AGENT_STORE_FIXTURE_H
#define TESTS_AGENT_STORE_FIXTURE_H

#include "agent/store/store.h"
#include "tests/support/folder.h"

#define FIXTURE_NOW_S 1768042800 /* 2026-01-10T11:00:00Z */
#define DIGEST_A "aaaaaaaa11111111111111111111111111111111111111111111111111111111"
#define DIGEST_B "bbbbbbbb22222222222222222222222222222222222222222222222222222222"

struct store_fixture {
	struct folder folder;
	struct fs fs;
	struct clock clock;
	int64_t now_s;
	char boot_id[BOOT_ID_SIZE];
	char path[FOLDER_PATH_SIZE + 16];
	struct store *store;
};

void store_fixture_init(struct store_fixture *fixture);
void store_fixture_clear(struct store_fixture *fixture);
/* Closes the store and opens it again. */
void store_fixture_reopen(struct store_fixture *fixture);
/* Adds 200 rows to its history. */
void store_fixture_fill(struct store_fixture *fixture);
/* The permissions of a file beside the store. */
mode_t store_fixture_mode(const struct store_fixture *fixture, const char *name);
void assert_store_setting(struct store *store, const char *name, const char *expected);
/* For cmocka: *STATE is the fixture. */
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);

/* Runs SQL on the file behind the store's back, without its rules. */
void store_fixture_tamper(struct store_fixture *fixture, const char *sql);
/* The one number that SQL gives. */
int64_t store_fixture_number(struct store_fixture *fixture, const char *sql);

#endif
