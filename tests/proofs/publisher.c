#include "tests/proofs/publisher.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/json.h"
#include "manifests/keys/signer.h"
#include "tests/proofs/chance.h"
#include "tests/proofs/mischief.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health "
#define FIRST_EVENING_S INT64_C(1782914400) /* 23:00 on 2026-07-01 in Japan */
#define FIRST_EVENINGS 1461		    /* four years of them */
#define DAY_S 86400
/* Pilots come second: the first stage is for nobody here, and the brake holds theirs until it lets two be open. */
#define TO_PILOTS "--stage 2026-01-01=ring:first --stage 2026-01-02=ring:" PUBLISHER_RING

/* What the publisher does, step by step; the last step is for the end of a life. 666 in a version: its health check fails. */
struct offer {
	int state;
	const char *package, *version, *options;
};

static const struct offer offers[] = {
	{0, "distro-app", "1.0.0", CHECKS},
	{0, "face-library", "1.0.0", CHECKS},
	{0, "linkage-app", "1.0.0", CHECKS},
	{0, "reader-app/acme", "1.0.0", CHECKS},
	{1, "face-library", "1.1.0", CHECKS},
	{2, "distro-app", "1.2.0", CHECKS},
	{2, "face-library", "1.2.0", CHECKS "--requires=distro-app=1.2.0"},
	{3, "linkage-app", "1.6.666", CHECKS},
	{4, "linkage-app", "1.7.0", CHECKS},
	{4, "reader-app/acme", "1.6.666", "--self-test=bin/health"},
	{5, "reader-app/acme", "1.8.0", CHECKS},
	{6, "distro-app", "2.0.0", CHECKS},
	{6, "face-library", "2.0.0", CHECKS "--requires=linkage-app=2.0.0"},
	{6, "linkage-app", "2.0.0", CHECKS "--requires=face-library=2.0.0"},
	{7, "face-library", "2.0.666", CHECKS "--requires=linkage-app=2.1.0"},
	{7, "linkage-app", "2.1.0", CHECKS "--requires=face-library=2.0.666"},
	{8, "distro-app", PUBLISHER_LAST_VERSION, CHECKS},
	{8, "face-library", PUBLISHER_LAST_VERSION, CHECKS},
	{8, "linkage-app", PUBLISHER_LAST_VERSION, CHECKS},
	{8, "reader-app/acme", PUBLISHER_LAST_VERSION, CHECKS},
};

/* What is tried beside these, by terminals of one ring; "" for what is only said of it. */
static const struct {
	int state;
	const char *package, *version, *options, *said;
} rollouts[] = {
	{1, "linkage-app", "1.3.0", CHECKS "--requires=face-library=1.1.0", "begin linkage-app=1.3.0 " TO_PILOTS},
	{2, "linkage-app", "", "", "stop linkage-app --recall --why mischief"},
	{3, "linkage-app", "", "", "withdraw linkage-app --recall --why mischief"},
	{3, "distro-app", "1.9.0", CHECKS, "begin distro-app=1.9.0 --no-brake " TO_PILOTS},
	{4, "distro-app", "", "", "stop distro-app --why mischief"},
	{5, "distro-app", "", "", "resume distro-app"},
	{5, "face-library", "1.9.666", CHECKS, "begin face-library=1.9.666 " TO_PILOTS},
	{6, "distro-app", "", "", "withdraw distro-app --why mischief"},
	{6, "face-library", "", "", "withdraw face-library --recall --why mischief"},
	{7, "reader-app/acme", "2.5.0", CHECKS, "begin reader-app/acme=2.5.0 " TO_PILOTS},
	{8, "reader-app/acme", "", "", "withdraw reader-app/acme --recall --why mischief"},
};

/* ---- Keys ---- */

static const char *const keys[] = {"root-1", "root-2", "root-3", "targets", "snapshot", "timestamp", "operator",
	"distro-app", "face-library", "linkage-app", "reader-app-acme", "brake", "brake-2"};

/* An Ed25519 key in PKCS#8 PEM is 16 fixed bytes and the 32 of the key. */
static void draw_private_key(struct chance *chance, char *ret_pem, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char der[48] = {
		0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
	char text[65] = "";

	for (size_t i = 16; i < sizeof(der); i++)
		der[i] = (unsigned char)chance_next(chance);
	for (size_t i = 0; i < sizeof(der) / 3; i++) {
		unsigned bits = (unsigned)der[3 * i] << 16 | (unsigned)der[3 * i + 1] << 8 | der[3 * i + 2];

		for (size_t k = 0; k < 4; k++)
			text[4 * i + k] = digits[bits >> (18 - 6 * k) & 63];
	}
	(void)snprintf(ret_pem, size, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", text);
}

static void put_key(const struct folder *folder, const char *name, struct chance *chance)
{
	AUTO(buf) struct buf text = BUF_INIT(4096);
	AUTO(signer) struct signer *signer = NULL;
	AUTO(json) json_t *public_key = NULL;
	struct error err = {0};
	char pem[256], path[64];

	draw_private_key(chance, pem, sizeof(pem));
	signer = signer_read(pem, strlen(pem), NULL, &err);
	assert_non_null(signer);
	public_key = signer_public_key(signer, &err);
	assert_non_null(public_key);
	assert_ok(json_write_pretty(public_key, &text, &err), &err);
	(void)snprintf(path, sizeof(path), "keys/%s.pem", name);
	folder_put(folder, path, pem, strlen(pem));
	assert_int_equal(fchmodat(folder->fd, path, 0600, 0), 0);
	(void)snprintf(path, sizeof(path), "keys/%s.pub.json", name);
	folder_put(folder, path, text.data, text.len);
}

static void put_keys(const struct folder *folder, void *context)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		put_key(folder, keys[i], context);
}

/* ---- Its releases ---- */

static void copy_state(const struct world *world, const char *states, int state)
{
	char command[FOLDER_PATH_SIZE * 4];

	(void)snprintf(command, sizeof(command), "mkdir -p '%s' && cp -al '%s/publisher/repository' '%s/%d'", states,
		world->folder.path, states, state);
	assert_int_equal(system(command), 0);
}

/* Lives are longer than a timestamp's. */
static void let_metadata_live_long(const struct world *world)
{
	char command[FOLDER_PATH_SIZE * 2];

	(void)snprintf(command, sizeof(command),
		"cd '%s/publisher' && sed -i -E 's/(\"[a-z]+\": *)[0-9]+/\\1900/' haishin-repo.json",
		world->folder.path);
	assert_int_equal(system(command), 0);
}

/* Before the catalog names the stable releases of that state. */
static void say_of_rollouts(struct world *world, int state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rollouts); i++) {
		if (rollouts[i].state != state)
			continue;
		if (*rollouts[i].version)
			world_add(world, rollouts[i].package, rollouts[i].version, rollouts[i].options);
		world_repo(world, "rollout %s", rollouts[i].said);
	}
}

static void say_who_brakes(struct world *world, int state)
{
	static const char *const brakes[] = PUBLISHER_BRAKES;

	if (state == 0 || state == PUBLISHER_STOLEN_STATE)
		world_repo(world, "rollout brake-key %s/keys/%s.pub.json", world->folder.path, brakes[state != 0]);
}

static void publish_state(struct world *world, int state)
{
	char names[512] = "";

	for (size_t i = 0; i < ARRAY_SIZE(offers); i++) {
		size_t len = strlen(names);

		if (offers[i].state != state)
			continue;
		world_add(world, offers[i].package, offers[i].version, offers[i].options);
		(void)snprintf(names + len, sizeof(names) - len, "%s%s=%s", len ? " " : "", offers[i].package,
			offers[i].version);
	}
	say_who_brakes(world, state);
	say_of_rollouts(world, state);
	world_publish(world, names);
}

struct world *publisher_world(uint64_t seed, char ret_states[static FOLDER_PATH_SIZE + 16])
{
	struct chance chance = chance_of(seed, UINT64_MAX);
	int64_t now_s = FIRST_EVENING_S + (int64_t)chance_below(&chance, FIRST_EVENINGS) * DAY_S;
	struct world *world = world_new_at(now_s, put_keys, &chance);

	(void)snprintf(ret_states, FOLDER_PATH_SIZE + 16, "%s/states", world->folder.path);
	let_metadata_live_long(world);
	world->programs_begin_with = mischief_line;
	for (int state = 0; state <= PUBLISHER_LAST_STATE; state++) {
		publish_state(world, state);
		copy_state(world, ret_states, state);
	}
	return world;
}
