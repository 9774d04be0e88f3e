/* A release that is tried beside the stable one, with a brake: for tests of what a terminal makes of it. */
#ifndef TESTS_AGENT_CHOICE_TRIED_H
#define TESTS_AGENT_CHOICE_TRIED_H

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/json.h"
#include "manifests/keys/signer.h"
#include "manifests/rollout/brake.h"
#include "tests/agent/world.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health"
#define LIBRARY "face-library"
#define LINKAGE "linkage-app"
#define DAY_S 86400

static inline const char *day(const struct world *world, int days)
{
	static char texts[4][NIGHT_DATE_TEXT_SIZE];
	static size_t next;
	struct night_date date;

	night_date_of_days((world->now_s + 9 * 3600) / DAY_S + days, &date);
	next = (next + 1) % ARRAY_SIZE(texts);
	return night_date_text(&date, texts[next]);
}

static inline void be_in_ring(struct world *world, const char *ring)
{
	free(world->config.ring);
	assert_non_null(world->config.ring = strdup(ring));
}

/* Signs a fresh statement by the terminal's clock; STOPS: "" or options. */
static inline void sign_brake(struct world *world, const char *stops)
{
	world_publisher_lives_now(world);
	world_repo(world, "rollout brake-sign %s", stops);
}

/* A new key may brake, and no other. */
static inline void let_brake(struct world *world, const char *name)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	AUTO(json) json_t *public_key = signer ? signer_public_key(signer, &err) : NULL;
	AUTO(buf) struct buf secret = BUF_INIT(65536);
	AUTO(buf) struct buf text = BUF_INIT(65536);
	char path[64];

	assert_non_null(public_key);
	assert_ok(signer_write(signer, &(struct buf){0}, &secret, &err), &err);
	assert_ok(json_write(public_key, &text, &err), &err);
	(void)snprintf(path, sizeof(path), "keys/%s.pem", name);
	folder_put(&world->folder, path, secret.data, secret.len);
	assert_int_equal(fchmodat(world->folder.fd, path, 0600, 0), 0);
	(void)snprintf(path, sizeof(path), "keys/%s.pub.json", name);
	folder_put(&world->folder, path, text.data, text.len);
	world_repo(world, "rollout brake-key %s/%s", world->folder.path, path);
}

/* Runs 1.0.0; a key may brake, and 2.0.0 is there. */
static inline void be_ready(struct world *world)
{
	world_add(world, LIBRARY, "1.0.0", CHECKS);
	world_add(world, LIBRARY, "2.0.0", CHECKS);
	world_publish(world, LIBRARY "=1.0.0");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	let_brake(world, "brake");
	world_repo(world, "publish");
}

/* 2.0.0 is for pilots tonight, for all in two nights; somebody watches. */
static inline void try_it(struct world *world)
{
	be_ready(world);
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 --stage %s=ring:pilot --stage %s=100", day(world, 0),
		day(world, 2));
	world_repo(world, "publish");
	sign_brake(world, "");
}

static inline void say(struct world *world, const char *words)
{
	world_publisher_lives_now(world);
	world_repo(world, "rollout %s", words);
	world_repo(world, "publish");
}

#endif
