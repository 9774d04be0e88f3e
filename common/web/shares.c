#include "common/web/shares.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

struct holder {
	struct sha256 certificate;
	int64_t connections;
};

struct shares {
	int64_t most;
	pthread_mutex_t lock; /* guards what follows */
	struct holder *holders; /* those who hold any, in no order: never more than there may be connections */
	size_t count, room;
};

int shares_new(int64_t most, struct shares **ret_shares, struct error *err)
{
	struct shares *shares = calloc(1, sizeof(*shares));

	if (!shares)
		return error_set(err, ERROR_FAILED, "no memory for counting connections");
	shares->most = most;
	(void)pthread_mutex_init(&shares->lock, NULL);
	*ret_shares = shares;
	return 0;
}

void shares_free(struct shares *shares)
{
	if (!shares)
		return;
	(void)pthread_mutex_destroy(&shares->lock);
	free(shares->holders);
	free(shares);
}

static struct holder *find(const struct shares *shares, const struct sha256 *certificate)
{
	for (size_t i = 0; i < shares->count; i++)
		if (memcmp(&shares->holders[i].certificate, certificate, sizeof(*certificate)) == 0)
			return &shares->holders[i];
	return NULL;
}

static struct holder *add(struct shares *shares, const struct sha256 *certificate)
{
	if (shares->count == shares->room) {
		size_t room = shares->room ? 2 * shares->room : ROOM_FIRST;
		struct holder *holders = reallocarray(shares->holders, room, sizeof(*holders));

		if (!holders)
			return NULL;
		shares->holders = holders;
		shares->room = room;
	}
	shares->holders[shares->count] = (struct holder){.certificate = *certificate};
	return &shares->holders[shares->count++];
}

static bool take(struct shares *shares, const struct sha256 *certificate)
{
	struct holder *holder = find(shares, certificate);

	if (!holder && !(holder = add(shares, certificate)))
		return false;
	if (shares->most && holder->connections == shares->most)
		return false;
	holder->connections++;
	return true;
}

bool shares_take(struct shares *shares, const void *der, size_t len, struct share *share)
{
	if (share->is_taken)
		return true;
	sha256_of(der, len, &share->certificate);
	(void)pthread_mutex_lock(&shares->lock);
	share->is_taken = take(shares, &share->certificate);
	(void)pthread_mutex_unlock(&shares->lock);
	return share->is_taken;
}

void shares_give_back(struct shares *shares, struct share *share)
{
	struct holder *holder;

	if (!share->is_taken)
		return;
	(void)pthread_mutex_lock(&shares->lock);
	holder = find(shares, &share->certificate);
	if (--holder->connections == 0)
		*holder = shares->holders[--shares->count];
	(void)pthread_mutex_unlock(&shares->lock);
	share->is_taken = false;
}
