/* A terminal on another machine, or whose key was lost, is another one from then on, and says so; its records hold all the same. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/proof/anchor.h"
#include "agent/proof/archive.h"
#include "agent/proof/chapter.h"
#include "agent/proof/history_file.h"
#include "agent/proof/identity.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define KEY_PATH "var/lib/haishin/" TERMINAL_KEY_FILE
#define EXPORT_MAX_BYTES (1u << 20)

static void machine_is(struct agent_fixture *fixture, const char *machine_id)
{
	folder_put(&fixture->folder, "etc/machine-id", machine_id, strlen(machine_id));
}

static void hardware_is(struct agent_fixture *fixture, const char *uuid)
{
	folder_put(&fixture->folder, "sys/class/dmi/id/product_uuid", uuid, strlen(uuid));
}

static void settle(struct agent_fixture *fixture)
{
	struct error err = {0};

	fixture->now_s += 60;
	assert_ok(identity_settle(&fixture->terminal, &err), &err);
}

/* A terminal that has noted who it is, with a history of which a part is archived. */
static void begin(struct agent_fixture *fixture)
{
	struct error err = {0};

	machine_is(fixture, "0123456789abcdef0123456789abcdef\n");
	hardware_is(fixture, "4c4c4544-0042-3510-8056-b4c04f4d3132\n");
	settle(fixture);
	assert_ok(chapter_note(&fixture->terminal, NULL, &err), &err);
	for (int i = 0; i < 24; i++)
		assert_ok(history_add(fixture->terminal.store,
				  &(struct history_entry){.operation = "check", .outcome = "done"}, &err),
			&err);
	fixture->config.history_keep_rows = 20;
	assert_ok(archive_run(&fixture->terminal, &err), &err);
	assert_ok(anchor_set(&fixture->terminal, &err), &err);
}

static void read_id(struct agent_fixture *fixture, char ret_id[static KEY_ID_SIZE])
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = terminal_key_load(&fixture->terminal, &err);

	if (!signer)
		fail_msg("%s", err.text);
	(void)strcpy(ret_id, signer_key_id(signer));
}

static int count(void *context, const struct history_row *row, struct error *err)
{
	(void)row, (void)err;
	++*(int *)context;
	return 0;
}

static int rows_of(struct agent_fixture *fixture, const char *operation)
{
	const struct history_filter filter = {.operation = operation};
	struct error err = {0};
	int rows = 0;

	assert_ok(history_each(fixture->terminal.store, &filter, count, &rows, &err), &err);
	return rows;
}

static struct identity identity_of(struct agent_fixture *fixture)
{
	struct identity identity;
	struct error err = {0};

	assert_ok(identity_find(fixture->terminal.store, &identity, &err), &err);
	return identity;
}

static void assert_history_holds(struct agent_fixture *fixture)
{
	AUTO(json) json_t *answer = agent_fixture_call(fixture, "VerifyHistory", NULL);
	const json_t *parameters = json_object_get(answer, "parameters");

	if (json_object_get(answer, "error"))
		fail_msg("%s", json_string_value(json_object_get(parameters, "message")));
}

static char *export(struct agent_fixture *fixture)
{
	AUTO(json) json_t *parts = agent_fixture_call_more(fixture, "ExportHistory", NULL);
	char *text = calloc(1, EXPORT_MAX_BYTES);
	const json_t *part;
	size_t i;

	assert_non_null(text);
	json_array_foreach (parts, i, part)
		(void)strncat(text, json_string_value(json_object_get(json_object_get(part, "parameters"), "text")),
			EXPORT_MAX_BYTES - 1 - strlen(text));
	return text;
}

static int check(char *text, const struct key *key, struct error *err)
{
	AUTO(file) FILE *file = fmemopen(text, strlen(text), "r");
	const struct history_file_trust trust = {.key = key};
	struct history_file_facts facts;

	assert_non_null(file);
	return history_file_verify(file, &trust, NULL, NULL, &facts, err);
}

/* ---- The same ---- */

TEST_CASE(test_the_same_machine_stays_the_same_terminal)
{
	struct agent_fixture *fixture = *state;
	char before[KEY_ID_SIZE], after[KEY_ID_SIZE];

	begin(fixture);
	read_id(fixture, before);
	settle(fixture);
	settle(fixture);
	read_id(fixture, after);
	assert_string_equal(before, after);
	assert_int_equal(rows_of(fixture, "key"), 0);
	assert_int_equal(identity_of(fixture).change, IDENTITY_UNCHANGED);
}

/* What cannot be told is no other machine, and what was not known before is none either. */
TEST_CASE(test_what_a_machine_does_not_say_changes_nothing)
{
	static const char *const nothing[] = {"", "\n", "uninitialized\n"};
	struct agent_fixture *fixture = *state;

	settle(fixture);
	begin(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		machine_is(fixture, nothing[i]);
		hardware_is(fixture, nothing[i]);
		settle(fixture);
	}
	assert_int_equal(unlinkat(fixture->folder.fd, "etc/machine-id", 0), 0);
	assert_int_equal(mkfifoat(fixture->folder.fd, "etc/machine-id", 0600), 0);
	assert_int_equal(unlinkat(fixture->folder.fd, "sys/class/dmi/id/product_uuid", 0), 0);
	settle(fixture);
	assert_int_equal(rows_of(fixture, "key"), 0);
}

/* ---- Another machine ---- */

TEST_CASE(test_a_copied_disk_makes_another_terminal)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	uint8_t secret[32], other[32];
	char before[KEY_ID_SIZE], after[KEY_ID_SIZE];
	struct history_row row;
	bool found;

	begin(fixture);
	read_id(fixture, before);
	assert_ok(store_terminal_secret(fixture->terminal.store, secret, &err), &err);
	machine_is(fixture, "fedcba9876543210fedcba9876543210\n");
	settle(fixture);
	settle(fixture);
	read_id(fixture, after);
	assert_string_not_equal(before, after);
	assert_ok(store_terminal_secret(fixture->terminal.store, other, &err), &err);
	assert_memory_not_equal(secret, other, sizeof(secret));
	assert_int_equal(rows_of(fixture, "key"), 1);
	assert_int_equal(rows_of(fixture, "chapter"), 1); /* the first one is archived */
	assert_ok(history_newest(fixture->terminal.store, "chapter", NULL, &row, &found, &err), &err);
	assert_non_null(strstr(row.detail, "chapter 2: "));
	assert_non_null(strstr(row.detail, before));
	assert_string_equal(identity_change_name(identity_of(fixture).change), "other-machine");
	assert_string_equal(identity_of(fixture).former, before);
	assert_history_holds(fixture);
}

TEST_CASE(test_other_hardware_around_a_disk_is_another_machine)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	hardware_is(fixture, "03000200-0400-0500-0006-000700080009\n");
	settle(fixture);
	assert_int_equal(identity_of(fixture).change, IDENTITY_OTHER_MACHINE);
	assert_int_equal(rows_of(fixture, "key"), 1);
}

TEST_CASE(test_says_that_a_copy_shares_its_certificate_until_it_has_its_own)
{
	struct agent_fixture *fixture = *state;
	struct certificate certificate = {.name = (char *)"a.pem", .digest = {{1}}};
	struct error err = {0};

	begin(fixture);
	assert_ok(chapter_note(&fixture->terminal, &certificate, &err), &err);
	machine_is(fixture, "fedcba9876543210fedcba9876543210\n");
	settle(fixture);
	assert_true(identity_of(fixture).shares_certificate);
	assert_ok(chapter_note(&fixture->terminal, &certificate, &err), &err);
	assert_true(identity_of(fixture).shares_certificate);
	certificate.digest.bytes[0] = 2;
	assert_ok(chapter_note(&fixture->terminal, &certificate, &err), &err);
	assert_false(identity_of(fixture).shares_certificate);
}

TEST_CASE(test_an_export_is_verified_with_the_newest_key_alone)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *former = NULL, *newest = NULL;
	AUTO(signer) struct signer *stranger = signer_generate(KEY_ED25519, &err);
	AUTO(json) json_t *strange_object = signer_public_key(stranger, &err);
	AUTO(key) struct key *strange = key_parse(strange_object, &err);
	AUTO(free) char *text = NULL, *unnamed = NULL;
	char *row;

	begin(fixture);
	former = terminal_key_public(&fixture->terminal, &err);
	machine_is(fixture, "fedcba9876543210fedcba9876543210\n");
	settle(fixture);
	newest = terminal_key_public(&fixture->terminal, &err);
	text = export(fixture);
	assert_ok(check(text, newest, &err), &err);
	assert_int_equal(check(text, former, &err), -1);
	assert_error(&err, ERROR_REFUSED, "wrong key");
	assert_int_equal(check(text, strange, &err), -1);
	assert_error(&err, ERROR_REFUSED, "wrong key");
	/* without the row that names the former key, the chain is broken already */
	assert_non_null(unnamed = strdup(text));
	assert_non_null(row = strstr(unnamed, "\"operation\":\"key\""));
	memcpy(row, "\"operation\":\"kez\"", strlen("\"operation\":\"kez\""));
	assert_int_equal(check(unnamed, newest, &err), -1);
	assert_int_equal(err.code, ERROR_DAMAGED);
}

/* ---- The key alone ---- */

static void remove_key(struct agent_fixture *fixture)
{
	assert_int_equal(unlinkat(fixture->folder.fd, KEY_PATH, 0), 0);
}

static void empty_key(struct agent_fixture *fixture)
{
	folder_put(&fixture->folder, KEY_PATH, "", 0);
}

static void cut_key(struct agent_fixture *fixture)
{
	folder_put(&fixture->folder, KEY_PATH, "-----BEGIN PRIVATE KEY-----\nMC4C", 32);
}

static void make_key_a_pipe(struct agent_fixture *fixture)
{
	remove_key(fixture);
	assert_int_equal(mkfifoat(fixture->folder.fd, KEY_PATH, 0600), 0);
}

static void make_key_a_folder(struct agent_fixture *fixture)
{
	remove_key(fixture);
	assert_int_equal(mkdirat(fixture->folder.fd, KEY_PATH, 0700), 0);
}

static void exchange_key(struct agent_fixture *fixture)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	AUTO(secret) struct buf pem = BUF_INIT(4096);

	assert_ok(signer_write(signer, NULL, &pem, &err), &err);
	folder_put(&fixture->folder, KEY_PATH, pem.data, pem.len);
}

static const struct {
	const char *change;
	void (*happens)(struct agent_fixture *fixture);
} happenings[] = {
	{"key-gone", remove_key},
	{"key-damaged", empty_key},
	{"key-damaged", cut_key},
	{"key-damaged", make_key_a_pipe},
	{"key-damaged", make_key_a_folder},
	{"other-key", exchange_key},
};

TEST_CASE(test_a_key_that_is_lost_is_made_anew_and_told)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	uint8_t secret[32], same[32];

	begin(fixture);
	assert_ok(store_terminal_secret(fixture->terminal.store, secret, &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(happenings); i++) {
		char before[KEY_ID_SIZE], after[KEY_ID_SIZE];

		read_id(fixture, before);
		happenings[i].happens(fixture);
		settle(fixture);
		settle(fixture);
		read_id(fixture, after);
		assert_string_not_equal(before, after);
		if (strcmp(identity_change_name(identity_of(fixture).change), happenings[i].change) != 0)
			fail_msg("%zu: %s", i, identity_change_name(identity_of(fixture).change));
		assert_string_equal(identity_of(fixture).former, before);
		assert_int_equal(rows_of(fixture, "key"), i + 1);
		assert_history_holds(fixture);
	}
	assert_ok(store_terminal_secret(fixture->terminal.store, same, &err), &err);
	assert_memory_equal(secret, same, sizeof(secret));
}

TEST_CASE(test_nobody_makes_a_lost_key_anew_in_silence)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	begin(fixture);
	remove_key(fixture);
	assert_null(terminal_key_load(&fixture->terminal, &err));
	assert_error(&err, ERROR_DAMAGED, "it is gone");
	assert_ok(chapter_note(&fixture->terminal, NULL, &err), &err);
	assert_int_equal(faccessat(fixture->folder.fd, KEY_PATH, F_OK, 0), -1);
}

/* ---- Cuts ---- */

static int fail_at(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change, (void)path;
	return number == *(const uint64_t *)fs->context ? EIO : 0;
}

TEST_CASE(test_a_disk_that_fails_at_any_moment_makes_one_new_terminal)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	bool was_hit = true;

	begin(fixture);
	for (uint64_t n = 1; was_hit; n++) {
		char machine_id[64], before[KEY_ID_SIZE], after[KEY_ID_SIZE];
		uint64_t at = fixture->fs.changes + n;
		int rows = rows_of(fixture, "key");

		read_id(fixture, before);
		(void)snprintf(machine_id, sizeof(machine_id), "%032llx\n", (unsigned long long)n);
		machine_is(fixture, machine_id);
		fixture->fs.context = &at;
		fixture->fs.before_change = fail_at;
		(void)!identity_settle(&fixture->terminal, &err);
		fixture->fs.before_change = NULL;
		was_hit = fixture->fs.changes >= at;
		settle(fixture);
		read_id(fixture, after);
		assert_string_not_equal(before, after);
		assert_int_equal(rows_of(fixture, "key"), rows + 1);
		assert_string_equal(identity_of(fixture).former, before);
		assert_history_holds(fixture);
	}
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
