/* Delivery by hand from a folder, with a whole terminal and a real repository. */
#include "tests/agent/world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/night/install.h"
#include "agent/server/last_contact.h"
#include "agent/store/delivery_rows.h"
#include "agent/store/pause.h"
#include "agent/turn/disabled.h"
#include "tests/support/test.h"

#define STICK "USB メモリー 100%" /* as the field names its sticks */

static void run_command(const struct world *world, const char *command)
{
	char whole[1024];

	(void)snprintf(whole, sizeof(whole), "cd %s && %s", world->folder.path, command);
	assert_int_equal(system(whole), 0);
}

/* The repository as it is now goes on the stick; the server is gone. */
static void carry(struct world *world)
{
	run_command(world, "rm -rf '" STICK "' && cp -r publisher/repository '" STICK "' && "
			   "{ [ ! -e publisher/away ] || exit 0; } && mv publisher/repository publisher/away");
}

static void come_home(struct world *world)
{
	run_command(world, "mv publisher/away publisher/repository");
}

static int install(struct world *world, struct job_result *ret_result, struct error *err)
{
	struct job_lines lines = {.fd = -1};
	struct job_result result = {0};
	char path[FOLDER_PATH_SIZE + 64];
	int ret;

	if (!world->is_open)
		world_open(world);
	(void)snprintf(path, sizeof(path), "%s/%s", world->folder.path, STICK);
	ret = job_install(&world->terminal, path, &lines, &result, err);
	if (ret_result)
		*ret_result = result;
	return ret;
}

static void disable(struct world *world)
{
	struct error err = {0};

	world_open(world);
	assert_ok(pause_set(world->terminal.store, "", 0, "suzuki", "billing week", &err), &err);
}

TEST_CASE(test_a_disabled_terminal_without_a_server_is_brought_up_to_date)
{
	struct world *world = *state;
	struct job_result result;
	struct last_contact contact;
	struct error err = {0};

	world_add(world, "face-library", "1.0.0", "");
	world_publish(world, "face-library=1.0.0");
	carry(world);
	disable(world);
	assert_int_equal(world_run(world, JOB_BUTTON, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_DISABLED);
	err = (struct error){0};
	assert_ok(install(world, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	assert_int_equal(world_history(world, "install", NULL, "done"), 1);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	assert_false(result.contact);
	assert_ok(last_contact_read(world->terminal.store, &contact, &err), &err);
	assert_int_equal(contact.contact_s, 0);
}

TEST_CASE(test_works_outside_the_window)
{
	struct world *world = *state;
	struct error err = {0};

	world_add(world, "face-library", "1.0.0", "");
	world_publish(world, "face-library=1.0.0");
	carry(world);
	world->now_s += 13 * 3600; /* noon */
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	err = (struct error){0};
	assert_ok(install(world, NULL, &err), &err);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
}

TEST_CASE(test_refuses_an_older_repository_than_the_terminal_has_seen)
{
	struct world *world = *state;
	struct error err = {0};

	world_add(world, "face-library", "1.0.0", "");
	world_publish(world, "face-library=1.0.0");
	carry(world);
	come_home(world);
	world_add(world, "face-library", "1.1.0", "");
	world_publish(world, "face-library=1.1.0");
	world_does(world, JOB_CHECK);
	assert_int_equal(install(world, NULL, &err), -1);
	assert_error(&err, ERROR_REFUSED, "rollback attack");
	assert_int_equal(world_history(world, "install", NULL, "refused"), 1);
}

TEST_CASE(test_refuses_a_repository_that_has_expired)
{
	struct world *world = *state;
	struct error err = {0};

	world_add(world, "face-library", "1.0.0", "");
	world_publish(world, "face-library=1.0.0");
	carry(world);
	world->now_s += (int64_t)400 * 86400;
	assert_int_equal(install(world, NULL, &err), -1);
	assert_error(&err, ERROR_EXPIRED, "expired");
}

TEST_CASE(test_refuses_a_payload_that_was_changed_on_the_way)
{
	struct world *world = *state;
	struct error err = {0};

	world_add(world, "face-library", "1.0.0", "");
	world_publish(world, "face-library=1.0.0");
	carry(world);
	run_command(world, "for f in '" STICK "'/targets/face-library/*.tar.zst; do "
			   "printf x | dd of=\"$f\" bs=1 seek=20 conv=notrunc status=none; done");
	assert_int_equal(install(world, NULL, &err), -1);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "");
}

/* The worker is not root: what only root may read stays unread. */
TEST_CASE(test_reads_with_the_rights_of_the_worker)
{
	struct world *world = *state;
	struct error err = {0};

	if (geteuid() != 0) { /* then everything runs as one user, and there is nobody to keep out */
		assert_int_equal(install(world, NULL, &err), -1);
		return;
	}
	world_add(world, "face-library", "1.0.0", "");
	world_publish(world, "face-library=1.0.0");
	carry(world);
	assert_int_equal(fchmodat(world->folder.fd, STICK, 0700, 0), 0);
	assert_int_equal(install(world, NULL, &err), -1);
	assert_non_null(strstr(err.text, "ermission denied"));
}

TEST_CASE_WITH(test_wants_an_absolute_path_of_printable_text, NULL, NULL)
{
	static const char *const paths[] = {"stick", "", "../stick", "/mnt/\n", "/mnt/\x7f", "/mnt/\xff"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct error err = {0};

		assert_int_equal(install_check_path(paths[i], &err), -1);
		assert_int_equal(err.code, ERROR_USAGE);
	}
}

TESTS(world_setup, world_teardown)
