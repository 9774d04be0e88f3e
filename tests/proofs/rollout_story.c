#include "tests/proofs/rollout_story.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "common/json.h"
#include "manifests/keys/signer.h"
#include "tests/support/test.h"

#define KEY "keys/brake"
#define MOMENT "%s/moment-%d"

static void let_brake(struct world *world)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	AUTO(json) json_t *public_key = signer ? signer_public_key(signer, &err) : NULL;
	AUTO(buf) struct buf secret = BUF_INIT(4096);
	AUTO(buf) struct buf text = BUF_INIT(4096);

	assert_non_null(public_key);
	assert_ok(signer_write(signer, NULL, &secret, &err), &err);
	assert_ok(json_write(public_key, &text, &err), &err);
	folder_put_secret(&world->folder, KEY ".pem", buf_text(&secret));
	folder_put(&world->folder, KEY ".pub.json", text.data, text.len);
	world_repo(world, "rollout brake-key %s/" KEY ".pub.json", world->folder.path);
}

static void keep(const struct world *world, enum rollout_moment moment)
{
	char command[FOLDER_PATH_SIZE * 4];

	(void)snprintf(command, sizeof(command), "cp -a '%s/publisher/repository' '" MOMENT "'", world->folder.path,
		world->folder.path, (int)moment);
	assert_int_equal(system(command), 0);
}

void rollout_story_publish(struct world *world, const char *const packages[static 2], const char *version)
{
	world_publisher_lives_now(world);
	let_brake(world);
	world_repo(world, "rollout begin %s=%s %s=%s --stage 2026-01-01=100", packages[0], version, packages[1], version);
	world_repo(world, "publish");
	world_repo(world, "rollout brake-sign");
	keep(world, ROLLOUT_LET);
	for (int i = 0; i < 2; i++)
		world_repo(world, "rollout brake-sign --stop %s --why mischief", packages[i]);
	keep(world, ROLLOUT_BRAKED);
	world_repo(world, "rollout withdraw %s %s --recall --why mischief", packages[0], packages[1]);
	world_repo(world, "publish");
	keep(world, ROLLOUT_CALLED_BACK);
}

void rollout_story_ask(struct world *world, enum rollout_moment moment)
{
	static char url[FOLDER_PATH_SIZE + 64];

	(void)snprintf(url, sizeof(url), "file://" MOMENT, world->folder.path, (int)moment);
	world->config.server_urls.items[0] = url; /* the process ends before anybody frees it */
}
