/* The metadata of a repository as they were: what is kept, and which state a certificate gets. */
#include "tests/support/test.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "collector/ledger/shelf.h"
#include "tests/support/folder.h"

#define DAY_S 86400

struct world {
	struct folder folder;
	char repository[FOLDER_PATH_SIZE + 16], shelf[FOLDER_PATH_SIZE + 16];
};

static void put(struct world *world, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void put(struct world *world, const char *name, const char *fmt, ...)
{
	char path[256], text[512];
	va_list args;

	(void)snprintf(path, sizeof(path), "repository/metadata/%s", name);
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	folder_put(&world->folder, path, text, strlen(text));
}

/* A state whose targets list TARGET; roles and snapshot have this version. */
static void publish(struct world *world, int version, int timestamp, const char *target)
{
	char name[64];

	put(world, "1.root.json", "{\"root\":1}");
	(void)snprintf(name, sizeof(name), "%d.targets.json", version);
	put(world, name, "{\"version\":%d,\"targets\":{\"%s\":{}}}", version, target);
	(void)snprintf(name, sizeof(name), "%d.reader%%20app.json", version);
	put(world, name, "{\"version\":%d}", version);
	(void)snprintf(name, sizeof(name), "%d.snapshot.json", version);
	put(world, name,
		"{\"signed\":{\"meta\":{\"targets.json\":{\"version\":%d},\"reader app.json\":{\"version\":%d}}}}",
		version, version);
	put(world, "timestamp.json", "{\"signed\":{\"meta\":{\"snapshot.json\":{\"version\":%d}},\"at\":%d}}",
		version, timestamp);
}

static int set_up(void **state)
{
	static struct world world;

	folder_init(&world.folder);
	(void)snprintf(world.repository, sizeof(world.repository), "%s/repository", world.folder.path);
	(void)snprintf(world.shelf, sizeof(world.shelf), "%s/shelf", world.folder.path);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	folder_clear(&((struct world *)*state)->folder);
	return 0;
}

static void look(struct world *world, int64_t now_s)
{
	struct error err = {0};

	assert_ok(shelf_look(world->repository, world->shelf, now_s, &err), &err);
}

static bool is_kept(struct world *world, const char *name)
{
	char path[128];
	AUTO(free) char *text = NULL;

	(void)snprintf(path, sizeof(path), "shelf/%s", name);
	text = folder_get(&world->folder, path, NULL);
	return text != NULL;
}

TEST_CASE(test_a_certificate_gets_the_state_of_its_time)
{
	struct world *world = *state;
	AUTO(json) json_t *then = NULL, *now = NULL, *before = NULL;
	struct error err = {0};

	publish(world, 1, 0, "face/face-1.json");
	look(world, 100);
	publish(world, 2, 0, "face/face-2.json");
	look(world, 200);
	assert_ok(shelf_find(world->shelf, 150, "face/face-1.json", &then, &err), &err);
	assert_non_null(json_object_get(then, "1.targets.json"));
	assert_non_null(json_object_get(then, "1.reader%20app.json"));
	assert_non_null(json_object_get(then, "1.root.json"));
	assert_null(json_object_get(then, "2.targets.json"));
	/* The release has gone since; and one that was reported before it was looked at. */
	assert_ok(shelf_find(world->shelf, 250, "face/face-1.json", &now, &err), &err);
	assert_non_null(json_object_get(now, "1.targets.json"));
	assert_ok(shelf_find(world->shelf, 50, "face/face-2.json", &before, &err), &err);
	assert_non_null(json_object_get(before, "2.targets.json"));
	assert_int_equal(shelf_find(world->shelf, 250, "face/face-3.json", &now, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "lists 'face/face-3.json'");
}

TEST_CASE(test_states_that_differ_in_their_timestamps_alone_are_kept_now_and_then)
{
	struct world *world = *state;

	publish(world, 1, 0, "face/face-1.json");
	look(world, 100);
	publish(world, 1, 1, "face/face-1.json");
	look(world, 200);
	assert_true(is_kept(world, "000000000100/timestamp.json"));
	assert_false(is_kept(world, "000000000200/timestamp.json"));
	look(world, DAY_S);
	assert_true(is_kept(world, "000000086400/timestamp.json"));
}

TEST_CASE(test_a_repository_that_is_not_whole_is_not_kept)
{
	struct world *world = *state;
	struct error err = {0};

	publish(world, 1, 0, "face/face-1.json");
	put(world, "timestamp.json", "{\"signed\":{\"meta\":{\"snapshot.json\":{\"version\":7}}}}");
	assert_int_equal(shelf_look(world->repository, world->shelf, 100, &err), -1);
	put(world, "timestamp.json", "{\"signed\":{\"meta\":{\"snapshot.json\":{\"version\":1}}}}");
	put(world, "1.snapshot.json", "{\"signed\":{\"meta\":{\"../../etc/x.json\":{\"version\":1}}}}");
	assert_int_equal(shelf_look(world->repository, world->shelf, 100, &err), -1);
	assert_false(is_kept(world, "000000000100/timestamp.json"));
}

TESTS(set_up, tear_down)
